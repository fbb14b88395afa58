from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from foundations_server.metrics import columns, repository, summaries
from foundations_server.metrics.columns import Chunk, Points
from foundations_server.metrics.repository import Span
from foundations_server.metrics.summaries import TEXT, Part
from foundations_server.platform import stored
from foundations_server.platform.database import Database
from foundations_wire import codec
from foundations_wire.errors import NotFound
from foundations_wire.jobs import MetricSummary
from foundations_wire.metrics import Series

# Points in one answer; a client asks on from where it ended.
MAX_POINTS = 100_000


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
            points = load(connection, row.id, start, end)
        values = spell(points, is_text=row.kind == TEXT)
        return Series(
            job_id, row.name, row.kind, start, row.points, points.steps.tolist(),
            points.times.tolist(), values,
        )  # fmt: skip

    def list_summaries(self, job_id: str) -> list[MetricSummary]:
        with self._database.read() as connection:
            key = self._require_job(connection, job_id).key
            return summarise(connection, [key]).get(key, [])


def append(connection: Connection, job: Row[Any], parts: Mapping[str, Part]) -> list[int]:
    """Store new points of metrics, by name, behind those there; return the series' ids."""
    if not parts:
        return []
    rows = repository.find_some(connection, job.key, list(parts))
    changed: dict[int, dict[str, Any]] = {}
    added: list[tuple[int, int, Chunk]] = []
    for name, part in parts.items():
        row = rows.get(name)
        summary = summaries.merge(row, part)
        if row is None:
            owner = {"job_key": job.key, "project_id": job.project_id, "name": name}
            added.append((repository.add(connection, owner | summary), 0, part.chunk))
        else:
            changed[row.id] = summary
            added.append((row.id, row.points, part.chunk))
    repository.change(connection, changed)
    repository.append_chunks(connection, added)
    return [series_id for series_id, _, _ in added]


def load(connection: Connection, series_id: int, start: int, end: int) -> Points:
    """Return the points from `start` up to before `end`."""
    if start >= end:
        return columns.join([])
    parts = []
    for row in repository.list_chunks(connection, series_id, start, end):
        points = columns.unpack(to_chunk(row))
        parts.append(points.cut(slice(max(start - row.start, 0), end - row.start)))
    return columns.join(parts)


def load_span(
    connection: Connection, series_id: int, numbers: tuple[int, int], span: Span, most: int
) -> tuple[Points, int]:
    """Return points with steps or times in a span, and the number of the next one after them.

    `numbers` are those of the first point and of the one behind the last that may be taken.
    """
    start, end = numbers
    parts: list[Points] = []
    for row in repository.list_chunks(connection, series_id, start, end, span):
        points = columns.unpack(to_chunk(row))
        x = points.steps if span.column == "step" else points.times
        number = np.arange(row.start, row.start + row.points)
        inside = np.flatnonzero(
            (x >= span.low) & (x <= span.high) & (number >= start) & (number < end)
        )
        parts.append(points.cut(inside[:most]))
        if len(inside) > most:
            return columns.join(parts), row.start + int(inside[most])
        most -= len(inside)
    return columns.join(parts), end


def spell(points: Points, *, is_text: bool) -> list[Any]:
    """Return the values as JSON has them."""
    values = columns.to_list(points.values, points.kind)
    if is_text:
        return [columns.as_text(value) for value in values]
    return [codec.spell(value) for value in values]


def summarise(connection: Connection, job_keys: Sequence[int]) -> dict[int, list[MetricSummary]]:
    """Return the summaries of these jobs, sorted by name, by key of the job."""
    rows = repository.list_of_jobs(connection, job_keys)
    values = stored.decode_all([text for row in rows for text in row[4:7]])
    found: dict[int, list[MetricSummary]] = {}
    for place, (key, name, kind, points, *_, step) in enumerate(rows):
        last, low, high = values[3 * place : 3 * place + 3]
        summary = MetricSummary(name, kind, points, last, low, high, step)
        found.setdefault(key, []).append(summary)
    return found


list_names = repository.list_names
move = repository.move
count_dropped = repository.count_dropped


def to_chunk(row: Row[Any]) -> Chunk:
    return Chunk(
        row.points, row.kind, row.low_step, row.high_step, row.low_at, row.high_at,
        row.packed_steps, row.packed_times, row.packed_values,
    )  # fmt: skip
