"""Queries over series and chunks; those of the way in are made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from foundations_server.metrics.columns import Chunk
from foundations_server.metrics.tables import chunks, series
from foundations_server.platform.database import slices
from foundations_server.platform.skipping import list_distinct
from foundations_server.projects.tables import projects

_OF_JOB = series.c.job_key == bindparam("job")
_FIND = select(series).where(_OF_JOB, series.c.name == bindparam("name"))
_NEEDED: Select[Any] = select(
    series.c.id, series.c.name, series.c.kind, series.c.points, series.c.min, series.c.min_step,
    series.c.max, series.c.max_step,
)  # fmt: skip
_FIND_ONE = _NEEDED.where(_OF_JOB, series.c.name == bindparam("name"))
_FIND_SOME = _NEEDED.where(_OF_JOB, series.c.name.in_(bindparam("names", expanding=True)))
_SUMMARY = (
    "kind", "points", "last", "last_number", "last_step", "last_at", "min", "min_number",
    "min_step", "max", "max_number", "max_step",
)  # fmt: skip
_CHANGE = (
    update(series)
    .where(series.c.id == bindparam("key"))
    .values({name: bindparam(f"new_{name}") for name in _SUMMARY})
)
_DROP = (
    update(series)
    .where(_OF_JOB, series.c.name == bindparam("of"))
    .values(dropped=series.c.dropped + bindparam("count"))
)
_ADD = insert(series)
_ADD_CHUNKS = insert(chunks)
_PIECES = (
    select(chunks.c.start, chunks.c.points, chunks.c.kind)
    .where(chunks.c.series_id == bindparam("series"))
    .order_by(chunks.c.start)
)


@dataclass(frozen=True)
class Span:
    """Steps (`column` is step) or times (at) from `low` to `high`, both included."""

    column: str
    low: float
    high: float


def find(connection: Connection, job_key: int, name: str) -> Row[Any] | None:
    return connection.execute(_FIND, {"job": job_key, "name": name}).first()


def find_whole(connection: Connection, job_key: int, names: Sequence[str]) -> dict[str, Row[Any]]:
    """Return the summaries of some metrics of a job, by name."""
    found: dict[str, Row[Any]] = {}
    for some in slices(names):
        query = select(series).where(series.c.job_key == job_key, series.c.name.in_(some))
        for row in connection.execute(query):
            found[row.name] = row
    return found


def find_some(connection: Connection, job_key: int, names: Sequence[str]) -> dict[str, Row[Any]]:
    """Return what new points need of the summaries of some metrics of a job, by name."""
    if len(names) == 1:  # most batches; a list in a statement costs
        row = connection.execute(_FIND_ONE, {"job": job_key, "name": names[0]}).first()
        return {} if row is None else {row.name: row}
    found: dict[str, Row[Any]] = {}
    for some in slices(names):
        rows = connection.execute(_FIND_SOME, {"job": job_key, "names": list(some)})
        found.update({row.name: row for row in rows})
    return found


def add(connection: Connection, row: Mapping[str, Any]) -> int:
    """Return the id of the new row."""
    key = connection.execute(_ADD, row).inserted_primary_key
    return int(key[0]) if key else 0


def count_dropped(connection: Connection, job_key: int, counts: Mapping[str, int]) -> None:
    """Add to the numbers of points that were not kept, by name."""
    rows = [{"job": job_key, "of": name, "count": count} for name, count in counts.items()]
    if rows:
        connection.execute(_DROP, rows)


def move(connection: Connection, job_key: int, project_id: int) -> None:
    """Note that a job, and with it its series, belongs to another project."""
    query = update(series).where(series.c.job_key == job_key)
    connection.execute(query.values(project_id=project_id))


def change(connection: Connection, summaries: Mapping[int, Mapping[str, Any]]) -> None:
    """Give series, by id, other summaries."""
    rows = [
        {"key": key, **{f"new_{name}": summary[name] for name in _SUMMARY}}
        for key, summary in summaries.items()
    ]
    if rows:
        connection.execute(_CHANGE, rows)


def append_chunks(connection: Connection, rows: Sequence[tuple[int, int, Chunk]]) -> None:
    """Add chunks, each with the id of its series and the number of its first point."""
    connection.execute(_ADD_CHUNKS, [_to_row(*row) for row in rows])


def list_chunks(
    connection: Connection, series_id: int, start: int, end: int, span: Span | None = None
) -> Sequence[Row[Any]]:
    """Return the chunks that hold points from `start` up to before `end`, in order.

    With a span only those that may hold points in it.
    """
    of_series = chunks.c.series_id == series_id
    # The chunk that holds the first point begins at or before it; a live tail is at the end.
    first = select(func.max(chunks.c.start)).where(of_series, chunks.c.start <= start)
    query = select(chunks).where(
        of_series, chunks.c.start >= first.scalar_subquery(), chunks.c.start < end
    )
    if span is not None:
        query = query.where(
            chunks.c[f"high_{span.column}"] >= span.low,
            chunks.c[f"low_{span.column}"] <= span.high,
        )
    return connection.execute(query.order_by(chunks.c.start)).all()


def list_pieces(connection: Connection, series_id: int) -> list[tuple[int, int, str]]:
    """Return start, number of points and kind of the chunks of a series, in order."""
    rows = connection.execute(_PIECES, {"series": series_id})
    return [(row[0], row[1], row[2]) for row in rows]


def list_divided(connection: Connection, after: int, limit: int) -> tuple[list[int], int | None]:
    """Return which of the next series have several chunks, and the last one looked at."""
    some = select(series.c.id).where(series.c.id > after).order_by(series.c.id).limit(limit)
    ids = list(connection.execute(some).scalars())
    if not ids:
        return [], None
    query = (
        select(chunks.c.series_id)
        .where(chunks.c.series_id > after, chunks.c.series_id <= ids[-1])
        .group_by(chunks.c.series_id)
        .having(func.count() > 1)
    )
    return list(connection.execute(query).scalars()), ids[-1]


def replace_chunks(connection: Connection, series_id: int, start: int, chunk: Chunk) -> None:
    """Put a chunk in the place of those that hold the same points."""
    within = (chunks.c.start >= start, chunks.c.start < start + chunk.count)
    connection.execute(delete(chunks).where(chunks.c.series_id == series_id, *within))
    append_chunks(connection, [(series_id, start, chunk)])


def _to_row(series_id: int, start: int, chunk: Chunk) -> dict[str, Any]:
    return {
        "series_id": series_id, "start": start, "points": chunk.count, "kind": chunk.kind,
        "low_step": chunk.low_step, "high_step": chunk.high_step, "low_at": chunk.low_at,
        "high_at": chunk.high_at, "packed_steps": chunk.steps, "packed_times": chunk.times,
        "packed_values": chunk.values,
    }  # fmt: skip


_SHOWN = select(
    series.c.job_key,
    series.c.name,
    series.c.kind,
    series.c.points,
    series.c.last,
    series.c.min,
    series.c.max,
    series.c.last_step,
).order_by(series.c.name)


def list_of_jobs(connection: Connection, job_keys: Sequence[int]) -> list[Any]:
    """Return the summary rows of these jobs by name."""
    rows: list[Any] = []
    for some in slices(job_keys):
        rows.extend(connection.execute(_SHOWN.where(series.c.job_key.in_(some))).all())
    return rows


def list_names(connection: Connection, project_id: int | None) -> list[str]:
    """Return the names of all metrics of the jobs of a project, or of all."""
    names = list_distinct(
        connection, series.c.project_id, series.c.name, projects.c.id, project_id
    )
    return sorted({name for _project, name in names})
