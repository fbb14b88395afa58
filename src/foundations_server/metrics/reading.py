"""Answers questions about several series at once: whole, a range, a tail, or in buckets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from foundations_server.metrics import columns, repository
from foundations_server.metrics.columns import FLOATS, INTEGERS, MIXED, Array, Points
from foundations_server.metrics.repository import Span
from foundations_server.metrics.service import load, load_span
from foundations_server.metrics.summaries import TEXT
from foundations_server.metrics.thinning import STEP, TIME, Buckets, thin
from foundations_server.platform.database import Database
from foundations_wire import codec
from foundations_wire.errors import InvalidRequest
from foundations_wire.metrics import BUCKET_COLUMNS, Column, SeriesPart, SeriesQuery, encode

MAX_NAMES = 500  # jobs, and metrics, of one query
MAX_SERIES = 5000
MAX_BUCKETS = 10_000
# Points of one answer; what is left out is asked for with `after`.
MAX_JSON_POINTS = 200_000
MAX_BINARY_POINTS = 1 << 20
_SPAN_COLUMNS = {STEP: "step", TIME: "at"}

FindKeys = Callable[[Connection, Sequence[str]], Mapping[str, int]]


@dataclass(frozen=True)
class Found:
    """One series of an answer: points, or buckets when those were asked for."""

    part: SeriesPart
    points: Points
    buckets: Buckets | None = None


class SeriesReader:
    """`find_keys` returns the keys of those of some jobs that exist, by id."""

    def __init__(self, database: Database, find_keys: FindKeys) -> None:
        self._database = database
        self._find_keys = find_keys

    def read_json(self, query: SeriesQuery) -> dict[str, Any]:
        """Return the answer as it stands in JSON."""
        return {"series": [_to_json(found) for found in self.read(query, MAX_JSON_POINTS)]}

    def read_columns(self, query: SeriesQuery) -> bytes:
        """Return the answer in bytes; see foundations_wire.metrics."""
        found = self.read(query, MAX_BINARY_POINTS)
        return b"".join(encode((item.part, _to_columns(item)) for item in found))

    def read(self, query: SeriesQuery, most: int) -> Iterator[Found]:
        """Yield the series in the order of the jobs and metrics of the query.

        At most so many points of them all, of which the first series take what they need.
        """
        _check(query)
        with self._database.read() as connection:
            keys = self._find_keys(connection, query.jobs)
            for job in query.jobs:
                if job not in keys:
                    continue
                rows = repository.find_whole(connection, keys[job], query.metrics)
                for name in query.metrics:
                    if name in rows:
                        found = _read(connection, query, job, rows[name], most)
                        most -= len(found.points) if found.buckets is None else 0
                        yield found


def _check(query: SeriesQuery) -> None:
    if query.x not in _SPAN_COLUMNS:
        raise InvalidRequest(f"'x' must be step or time, not {query.x[:60]!r}.")
    for name, items in (("jobs", query.jobs), ("metrics", query.metrics)):
        if len(items) > MAX_NAMES:
            raise InvalidRequest(f"'{name}' may name {MAX_NAMES}, not {len(items)}.")
        if len(set(items)) < len(items):
            raise InvalidRequest(f"'{name}' names one of them twice.")
    if len(query.jobs) * len(query.metrics) > MAX_SERIES:
        raise InvalidRequest(f"One query may ask for {MAX_SERIES} series; ask in several.")
    if query.max_points is not None and not 2 <= query.max_points <= MAX_BUCKETS:
        raise InvalidRequest(f"'max_points' must be 2 to {MAX_BUCKETS}, not {query.max_points}.")
    if any(number < 0 for number in query.after.values()):
        raise InvalidRequest("The numbers of 'after' must be 0 or more.")
    _find_span(query)


def _find_span(query: SeriesQuery) -> Span | None:
    if query.range is None:
        return None
    ends = [codec.number(end) for end in query.range]
    if len(ends) != 2 or any(math.isnan(end) for end in ends):
        raise InvalidRequest("'range' must hold two numbers: the lowest and the highest x.")
    low, high = (_clip(end) for end in ends)
    return Span(_SPAN_COLUMNS[query.x], low, high)


def _clip(end: float) -> float:
    """Return an end of a range as the database can compare it with a step."""
    return min(max(end, -(1 << 63)), (1 << 63) - 1) if isinstance(end, int) else end


def _read(connection: Connection, query: SeriesQuery, job: str, row: Row[Any], most: int) -> Found:
    span, start = _find_span(query), min(query.after.get(f"{job}/{row.name}", 0), row.points)
    end, limit = row.points, most if query.max_points is None else row.points
    if span is not None:
        points, end = load_span(connection, row.id, (start, end), span, limit)
    else:
        end = min(end, start + limit)
        points = load(connection, row.id, start, end)
    part = SeriesPart(
        job, row.name, row.kind, row.points, row.dropped, end, is_end=end >= row.points
    )
    if query.max_points is None:
        return Found(part, points)
    if row.kind == TEXT and points.kind != columns.TEXTS:
        points = columns.as_texts(points)
    if len(points) == 0:
        return Found(replace(part, width=1.0), points, _NO_BUCKETS)
    buckets = thin(points, query.x, query.max_points)
    return Found(replace(part, width=buckets.width), points, buckets)


_NONE = np.zeros(0)
_NO_BUCKETS = Buckets(1.0, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE, _NONE)


def _to_json(found: Found) -> dict[str, Any]:
    if found.buckets is None:
        points, kind = found.points, found.part.kind
        values = columns.to_list(points.values, points.kind)
        told: dict[str, Any] = {
            "steps": points.steps.tolist(),
            "times": points.times.tolist(),
            "values": [columns.as_text(v) if kind == TEXT else codec.spell(v) for v in values],
        }
    else:
        told = {name: _list(getattr(found.buckets, name)) for name in BUCKET_COLUMNS}
    return {**vars(found.part), "columns": told}


def _list(column: list[Any] | Array) -> list[Any]:
    """Return a column of buckets; orjson would write NaN as null as well, codec would not."""
    items: list[Any] = column if isinstance(column, list) else column.tolist()
    return [None if isinstance(v, float) and math.isnan(v) else v for v in items]


def _to_columns(found: Found) -> dict[str, Column]:
    if found.buckets is None:
        points = found.points
        if found.part.kind == TEXT and points.kind != columns.TEXTS:
            points = columns.as_texts(points)
        return {
            "steps": _pack("q", points.steps),
            "times": _pack("d", points.times),
            "values": _pack_values(points),
        }
    told: dict[str, Column] = {}
    for name in BUCKET_COLUMNS:
        column = getattr(found.buckets, name)
        if isinstance(column, list):
            told[name] = Column("j", codec.encode(_list(column)))
        else:
            told[name] = _pack("q" if column.dtype.kind == "i" else "d", column)
    return told


def _pack(kind: str, column: Array) -> Column:
    return Column(kind, np.ascontiguousarray(column).data.cast("B"))


def _pack_values(points: Points) -> Column:
    if points.kind in (FLOATS, INTEGERS):
        return _pack("d" if points.kind == FLOATS else "q", points.values)
    if points.kind == MIXED:
        bits, flags = points.values["bits"].tobytes(), points.values["is_whole"].tobytes()
        return Column("m", bits + flags)
    return Column("j", codec.encode(points.values.tolist()))
