from __future__ import annotations

import math
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
        self, database: Database, require_job: Callable[[Connection, str], object]
    ) -> None:
        self._database = database
        self._require_job = require_job

    def read_series(self, job_id: str, metric: str, start: int, limit: int | None) -> Series:
        """Return points of a metric; a metric that the job does not have is not found."""
        count = MAX_POINTS if limit is None else min(limit, MAX_POINTS)
        with self._database.read() as connection:
            self._require_job(connection, job_id)
            row = repository.find(connection, job_id, metric)
            if row is None:
                raise NotFound(f"Job `{job_id}` has no metric `{metric[:100]}`.")
            end = min(start + count, row.points)
            chunks = repository.list_chunks(connection, row.id, start, end) if end > start else []
        return _join(row, chunks, start, end)

    def list_summaries(self, job_id: str) -> list[MetricSummary]:
        with self._database.read() as connection:
            self._require_job(connection, job_id)
            return summarise(connection, [job_id]).get(job_id, [])


def append(connection: Connection, job_id: str, points: Sequence[MetricLogged]) -> None:
    """Store checked points, in their order, behind those already there."""
    by_name: dict[str, list[MetricLogged]] = {}
    for point in points:
        by_name.setdefault(point.name, []).append(point)
    for name, some in by_name.items():
        _append_to_series(connection, job_id, name, some)


def summarise(connection: Connection, job_ids: Sequence[str]) -> dict[str, list[MetricSummary]]:
    """Return the summaries of these jobs, sorted by name, by job id."""
    found: dict[str, list[MetricSummary]] = {}
    for row in repository.list_of_jobs(connection, job_ids):
        summary = MetricSummary(
            name=row.name, kind=row.kind, count=row.points, last=codec.decode(row.last),
            min=_decode(row.min), max=_decode(row.max), last_step=row.last_step,
        )  # fmt: skip
        found.setdefault(row.job_id, []).append(summary)
    return found


list_names = repository.list_names


def _append_to_series(
    connection: Connection, job_id: str, name: str, points: Sequence[MetricLogged]
) -> None:
    values = [_value(point) for point in points]
    chunk = columns.pack([p.step for p in points], [p.at for p in points], values)
    row = repository.find(connection, job_id, name)
    start = row.points if row is not None else 0
    summary = _update_summary(row, values)
    summary["points"] = start + len(points)
    summary["last_step"] = points[-1].step
    if row is None:
        series_id = repository.add(connection, {"job_id": job_id, "name": name, **summary})
    else:
        series_id = row.id
        repository.change(connection, series_id, summary)
    repository.append_chunk(connection, series_id, start, chunk)


def _value(point: MetricLogged) -> Value:
    if point.kind == TEXT:
        return str(point.value)
    value = codec.number(point.value)
    return int(value) if isinstance(value, bool) else value


def _update_summary(row: Row[Any] | None, values: Sequence[Value]) -> dict[str, Any]:
    """Return kind, last, min and max with these values added. One text makes it texts."""
    numbers = [value for value in values if not isinstance(value, str)]
    if len(numbers) < len(values) or (row is not None and row.kind == TEXT):
        last = columns.as_text(values[-1])
        return {"kind": TEXT, "last": _encode(last), "min": None, "max": None}
    known = [value for value in numbers if not math.isnan(value)]
    if row is not None and row.min is not None:
        known += [codec.number(codec.decode(row.min)), codec.number(codec.decode(row.max))]
    return {
        "kind": NUMBER,
        "last": _encode(values[-1]),
        "min": _encode(min(known)) if known else None,
        "max": _encode(max(known)) if known else None,
    }


def _join(row: Row[Any], chunks: Sequence[Row[Any]], start: int, end: int) -> Series:
    steps: list[int] = []
    times: list[float] = []
    values: list[Any] = []
    for chunk in chunks:
        part = slice(max(start - chunk.start, 0), min(end - chunk.start, chunk.points))
        steps += columns.unpack_steps(chunk.packed_steps)[part]
        times += columns.unpack_times(chunk.packed_times)[part]
        values += columns.unpack_values(chunk.kind, chunk.packed_values)[part]
    spelled = [columns.as_text(v) for v in values] if row.kind == TEXT else codec.spell(values)
    return Series(row.job_id, row.name, row.kind, start, row.points, steps, times, spelled)


def _encode(value: Value) -> str:
    return codec.encode(value).decode()


def _decode(text: str | None) -> Any:
    return None if text is None else codec.decode(text)
