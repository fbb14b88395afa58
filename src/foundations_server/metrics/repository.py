from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from foundations_server.metrics.columns import Chunk
from foundations_server.metrics.tables import chunks, series
from foundations_server.platform.database import slices
from foundations_server.platform.skipping import list_distinct
from foundations_server.projects.repository import among


def find(connection: Connection, job_key: int, name: str) -> Row[Any] | None:
    query = select(series).where(series.c.job_key == job_key, series.c.name == name)
    return connection.execute(query).first()


def add(connection: Connection, summary: dict[str, Any]) -> int:
    """Return the id of the new row."""
    result = connection.execute(insert(series).values(summary))
    key = result.inserted_primary_key
    return int(key[0]) if key else 0


def change(connection: Connection, series_id: int, summary: dict[str, Any]) -> None:
    connection.execute(update(series).where(series.c.id == series_id).values(summary))


def append_chunk(connection: Connection, series_id: int, start: int, chunk: Chunk) -> None:
    connection.execute(
        insert(chunks).values(
            series_id=series_id, start=start, points=chunk.count, kind=chunk.kind,
            packed_steps=chunk.steps, packed_times=chunk.times, packed_values=chunk.values,
        )
    )  # fmt: skip


def list_chunks(
    connection: Connection, series_id: int, start: int, end: int
) -> Sequence[Row[Any]]:
    """Return the chunks that hold points from `start` up to before `end`, in order."""
    of_series = chunks.c.series_id == series_id
    # The chunk that holds the first point begins at or before it; a live tail is at the end.
    first = select(func.max(chunks.c.start)).where(of_series, chunks.c.start <= start)
    query = select(chunks).where(
        of_series, chunks.c.start >= first.scalar_subquery(), chunks.c.start < end
    )
    return connection.execute(query.order_by(chunks.c.start)).all()


def list_of_jobs(connection: Connection, job_keys: Sequence[int]) -> list[Row[Any]]:
    """Return the summary rows of these jobs by name."""
    rows: list[Row[Any]] = []
    for some in slices(job_keys):
        query = select(series).where(series.c.job_key.in_(some)).order_by(series.c.name)
        rows.extend(connection.execute(query).all())
    return rows


def move(connection: Connection, job_key: int, project_id: int) -> None:
    """Note that a job, and with it its series, belongs to another project."""
    query = update(series).where(series.c.job_key == job_key)
    connection.execute(query.values(project_id=project_id))


def list_names(connection: Connection, project_id: int | None) -> list[str]:
    """Return the names of all metrics of the jobs of a project, or of all."""
    names = list_distinct(connection, series.c.project_id, series.c.name, among(project_id))
    return sorted({name for _project, name in names})
