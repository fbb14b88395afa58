"""Series: the points of metrics, in columns, as JSON and as bytes.

Series in bytes (`MEDIA_TYPE`) are `u32 length | JSON header | columns`. The header, padded
with spaces so that the columns begin at a multiple of 8, is
`{"series": [{…, "columns": [[name, kind, bytes], …]}, …]}` with the fields of SeriesPart; the
columns follow in that order, each padded with zeros to a multiple of 8. Kinds, little-endian:

- `q`, `d`: 64-bit whole numbers, 64-bit floats;
- `m`: both. 8 bytes each; a byte for each, 1 for a whole number, stands behind them;
- `j`: a JSON list, for texts and whole numbers beyond 64 bits.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from foundations_wire import codec
from foundations_wire.errors import InvalidRequest

MEDIA_TYPE = "application/vnd.foundations.series"
POINT_COLUMNS = ("steps", "times", "values")
BUCKET_COLUMNS = ("x", "last", "mean", "min", "max", "n", "nan", "above", "below")
_LENGTH = struct.Struct("<I")
_ALIGNMENT = 8
_NUMBERS = ("q", "d")


@dataclass(frozen=True)
class Series:
    """Points `start` … `start + n - 1` in the order in which they were logged.

    Shapes: steps (n,), times (n,) in seconds since 1970, values (n,). Values are numbers
    (NaN and the infinities as texts, see codec) or, when `kind` is `text`, texts.
    `total` counts all points of the series, so `start + n < total` means that more follow.
    """

    job_id: str
    metric: str
    kind: str
    start: int
    total: int
    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class SeriesQuery:
    """Which series, and how much of them. A job without such a metric is left out.

    `x` is `step` or `time` (seconds since 1970). `range` keeps points whose x lies between
    two numbers, both included. `after` says for series, as `<job>/<metric>`, how many of
    their points are known already (`next` of the answer before). With `max_points` (2 or
    more) each series comes in at most so many buckets.
    """

    jobs: list[str]
    metrics: list[str]
    x: str = "step"
    range: Optional[list[Any]] = None
    after: dict[str, int] = field(default_factory=dict)
    max_points: Optional[int] = None


@dataclass(frozen=True)
class SeriesPart:
    """What a query found of one series.

    `total` counts the points stored, `dropped` those that were thinned out before they came.
    `next` is what `after` says to go on from here, and `is_end` whether nothing follows yet.

    Points: columns steps, times, values, and `width` None. Buckets: `width` is a power of
    two, `x` where each begins (a multiple of it), `last` (logged last), `mean`, `min`, `max`
    of its `n` finite numbers (null without any), and how many were NaN (`nan`), Infinity
    (`above`) and -Infinity (`below`).
    """

    job: str
    metric: str
    kind: str
    total: int
    dropped: int
    next: int
    is_end: bool
    width: Optional[float] = None
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SeriesAnswer:
    series: list[SeriesPart]


@dataclass(frozen=True)
class Column:
    """One column in bytes; see the module for its kinds."""

    kind: str
    data: Union[bytes, memoryview]


def encode(parts: Iterable[tuple[SeriesPart, Mapping[str, Column]]]) -> list[bytes]:
    """Return series in bytes, in pieces; the columns stand beside their part."""
    heads: list[Any] = []
    pieces: list[bytes] = []
    for part, columns in parts:
        lengths = [[name, column.kind, len(column.data)] for name, column in columns.items()]
        heads.append({**codec.spell(part), "columns": lengths})
        for column in columns.values():
            pieces += [bytes(column.data), b"\0" * (-len(column.data) % _ALIGNMENT)]
    head = codec.encode({"series": heads})
    head += b" " * (-(len(head) + _LENGTH.size) % _ALIGNMENT)
    return [_LENGTH.pack(len(head)), head, *pieces]


def decode(data: bytes) -> SeriesAnswer:
    """Return the series of `encode`; columns are arrays of `array`, or lists (kinds m and j).

    Raises:
        InvalidRequest: the bytes are none.
    """
    place = _LENGTH.size
    if len(data) < place:
        raise InvalidRequest("The series are cut short.")
    end = place + _LENGTH.unpack_from(data)[0]
    head = codec.build(_Head, codec.decode(data[place:end]), "series")
    parts = []
    for fields in head.series:
        columns: dict[str, Any] = {}
        for name, kind, length in fields.pop("columns"):
            if end + length > len(data):
                raise InvalidRequest("The series are cut short.")
            columns[name] = _read_column(kind, memoryview(data)[end : end + length])
            end += length + -length % _ALIGNMENT
        parts.append(codec.build(SeriesPart, {**fields, "columns": columns}, "series"))
    return SeriesAnswer(parts)


@dataclass(frozen=True)
class _Head:
    series: list[dict[str, Any]]


def _read_column(kind: str, data: memoryview) -> Any:
    if kind == "j":
        return codec.decode(bytes(data))
    if kind == "m":
        count = len(data) // 9
        wholes = _to_array("q", data[: count * 8])
        floats = _to_array("d", data[: count * 8])
        flags = data[count * 8 :]
        return [w if flag else f for flag, w, f in zip(flags, wholes, floats)]
    if kind not in _NUMBERS:
        raise InvalidRequest(f"{kind!r} is no kind of column.")
    return _to_array(kind, data)


def _to_array(kind: str, data: memoryview) -> array[Any]:
    column: array[Any] = array(kind)
    column.frombytes(data)
    if sys.byteorder == "big":
        column.byteswap()
    return column
