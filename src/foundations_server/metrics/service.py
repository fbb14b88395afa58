from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.metrics import columns, repository
from foundations_server.metrics.columns import Value
from foundations_server.platform.database import Database
from foundations_wire import codec
from foundations_wire.errors import NotFound
from foundations_wire.events import MetricLogged
from foundations_wire.jobs import MetricSummary
from foundations_wire.metrics import Series

# Points in one answer; a client asks on from where it ended.
MAX_POINTS = 100_000
NUMBER, TEXT = "number", "text"


class MetricService:
    def __init__(
        self, database: Database, require_job: Callable[[Connection, str], Row[Any]]
    ) -> None:
        self._database = database
        self._require_job = require_job

    def read_series(self, job_id: str, metric: str, start: int, limit: int | None) -> Series:
        """Return points of a metric; a metric that the job does not have is not found."""
        count = MAX_POINTS if limit is None else min(limit, MAX_POINTS)
        with self._database.read() as connection:
            job = self._require_job(connection, job_id)
            row = repository.find(connection, job.key, metric)
            if row is None:
                raise NotFound(f"Job `{job_id}` has no metric `{metric[:100]}`.")
            end = min(start + count, row.points)
            chunks = repository.list_chunks(connection, row.id, start, end) if end > start else []
        return _join(job_id, row, chunks, start, end)

    def list_summaries(self, job_id: str) -> list[MetricSummary]:
        with self._database.read() as connection:
            job = self._require_job(connection, job_id)
            return summarise(connection, [job.key]).get(job.key, [])


def append(connection: Connection, job: Row[Any], points: Sequence[MetricLogged]) -> None:
    """Store checked points, in their order, behind those already there."""
    by_name: dict[str, list[MetricLogged]] = {}
    for point in points:
        by_name.setdefault(point.name, []).append(point)
    for name, some in by_name.items():
        _append_to_series(connection, job, name, some)


def summarise(connection: Connection, job_keys: Sequence[int]) -> dict[int, list[MetricSummary]]:
    """Return the summaries of these jobs, sorted by name, by the key of the job."""
    found: dict[int, list[MetricSummary]] = {}
    for row in repository.list_of_jobs(connection, job_keys):
        summary = MetricSummary(
            name=row.name, kind=row.kind, count=row.points, last=codec.decode(row.last),
            min=_decode(row.min), max=_decode(row.max), last_step=row.last_step,
        )  # fmt: skip
        found.setdefault(row.job_key, []).append(summary)
    return found


list_names = repository.list_names
move = repository.move


def _append_to_series(
    connection: Connection, job: Row[Any], name: str, points: Sequence[MetricLogged]
) -> None:
    values = [_value(point) for point in points]
    chunk = columns.pack([p.step for p in points], [p.at for p in points], values)
    row = repository.find(connection, job.key, name)
    start = row.points if row is not None else 0
    summary = _update_summary(row, points, values)
    summary["points"] = start + len(points)
    if row is None:
        owner = {"job_key": job.key, "project_id": job.project_id, "name": name}
        first = {"first": _encode(values[0]), "first_at": points[0].at, "dropped": 0}
        number = None if summary["kind"] == TEXT else _as_double(values[0])
        summary["first_number"] = number
        series_id = repository.add(connection, {**owner, **first, **summary})
    else:
        series_id = row.id
        repository.change(connection, series_id, summary)
    repository.append_chunk(connection, series_id, start, chunk)


def _value(point: MetricLogged) -> Value:
    if point.kind == TEXT:
        return str(point.value)
    value = codec.number(point.value)
    return int(value) if isinstance(value, bool) else value


def _update_summary(
    row: Row[Any] | None, points: Sequence[MetricLogged], values: Sequence[Value]
) -> dict[str, Any]:
    """Return what these points change. One text makes all of them texts."""
    tail = {"last_step": points[-1].step, "last_at": points[-1].at}
    is_text = any(isinstance(value, str) for value in values)
    if is_text or (row is not None and row.kind == TEXT):
        nothing = ("min", "max", "first_number", "last_number", "min_number", "max_number",
                   "min_step", "max_step")  # fmt: skip
        last = columns.as_text(values[-1])
        return {"kind": TEXT, "last": _encode(last), **dict.fromkeys(nothing), **tail}
    return {
        "kind": NUMBER,
        "last": _encode(values[-1]),
        "last_number": _as_double(values[-1]),
        **_find_extremes(row, points, values),
        **tail,
    }


def _find_extremes(
    row: Row[Any] | None, points: Sequence[MetricLogged], values: Sequence[Any]
) -> dict[str, Any]:
    known = [(v, p.step) for v, p in zip(values, points, strict=True) if not math.isnan(v)]
    lowest, highest = list(known), list(known)
    if row is not None and row.min is not None:
        lowest.insert(0, (codec.number(codec.decode(row.min)), row.min_step))
        highest.insert(0, (codec.number(codec.decode(row.max)), row.max_step))
    if not lowest:
        return {}
    low, low_step = min(lowest, key=operator.itemgetter(0))
    high, high_step = max(highest, key=operator.itemgetter(0))
    return {
        "min": _encode(low), "min_number": _as_double(low), "min_step": low_step,
        "max": _encode(high), "max_number": _as_double(high), "max_step": high_step,
    }  # fmt: skip


def _as_double(value: Value) -> float | None:
    """Return what is compared; SQLite has no NaN."""
    return None if isinstance(value, str) or math.isnan(value) else float(value)


def _join(job_id: str, row: Row[Any], chunks: Sequence[Row[Any]], start: int, end: int) -> Series:
    steps: list[int] = []
    times: list[float] = []
    values: list[Any] = []
    for chunk in chunks:
        part = slice(max(start - chunk.start, 0), min(end - chunk.start, chunk.points))
        steps += columns.unpack_steps(chunk.packed_steps)[part]
        times += columns.unpack_times(chunk.packed_times)[part]
        values += columns.unpack_values(chunk.kind, chunk.packed_values)[part]
    spelled = [columns.as_text(v) for v in values] if row.kind == TEXT else codec.spell(values)
    return Series(job_id, row.name, row.kind, start, row.points, steps, times, spelled)


def _encode(value: Value) -> str:
    return codec.encode(value).decode()


def _decode(text: str | None) -> Any:
    return None if text is None else codec.decode(text)
