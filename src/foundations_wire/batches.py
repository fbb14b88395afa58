"""Batches of events on the wire: points in columns, everything else as JSON.

A batch is `u32 length | JSON header | deflated columns`. The header names the producer, the
number of the first event, the metrics' names and the events that are no points, each with
its place. The points fill the other places in order. Of each point travel, little-endian,
`kind u8 | name u16 | step i64 | at f64 | value 8 bytes` (27 bytes, `POINT`): first byte 0 of
all points, then byte 1 of all points, and so on. In that order bytes that hardly change lie
side by side and deflate to almost nothing, and neither end needs a loop over points to make
or to read it.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from foundations_wire import codec
from foundations_wire.errors import InvalidRequest, TooLarge
from foundations_wire.events import MetricLogged, from_wire, to_wire

MEDIA_TYPE = "application/vnd.foundations.batch"
FLOAT, INTEGER = 1, 2  # kinds of points: how the last 8 bytes are read
POINT = struct.Struct("<BHqdd")  # of a FLOAT
INTEGER_POINT = struct.Struct("<BHqdq")
POINT_BYTES = POINT.size
MAX_NAMES = 1 << 16
MAX_BYTES = 32 << 20  # of one batch, inflated

_LENGTH = struct.Struct("<I")
_LEVEL = 1


@dataclass(frozen=True)
class Batch:
    """Events `first` … `first + count - 1` of one producer.

    `planes` holds the points' bytes in columns, see the module; `names` is what their
    `name` counts into. `events` are pairs of a place in the batch, from 0, and a wire form.
    """

    producer: str
    first: int
    points: int = 0
    names: list[str] = field(default_factory=list)
    planes: bytes = b""
    events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many events the batch holds."""
        return self.points + len(self.events)


def transpose(records: bytes, stride: int) -> bytes:
    """Return the first 27 bytes of records that follow each other at a stride, in columns."""
    return b"".join(records[index::stride] for index in range(POINT_BYTES))


def encode(batch: Batch) -> bytes:
    """Return the batch as it travels."""
    header = {
        "producer": batch.producer, "first": batch.first, "points": batch.points,
        "names": batch.names, "events": batch.events,
    }  # fmt: skip
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    body = text.encode("utf-8", "replace")
    return _LENGTH.pack(len(body)) + body + zlib.compress(batch.planes, _LEVEL)


def decode(data: bytes) -> Batch:
    """Return the batch of `encode`. Its points and events are not checked yet.

    Raises:
        InvalidRequest: the bytes are no batch.
        TooLarge: it is larger than MAX_BYTES when inflated.
    """
    if len(data) < _LENGTH.size:
        raise InvalidRequest("The batch is cut short.")
    end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    if end > len(data):
        raise InvalidRequest("The batch is cut short.")
    header = codec.decode(data[_LENGTH.size : end])
    fields = codec.build(_Header, header, "batch")
    planes = inflate_points(data[end:], fields.points)
    if len(fields.names) > MAX_NAMES:
        raise InvalidRequest(f"A batch may name {MAX_NAMES} metrics.")
    events = [_read_place(item) for item in fields.events]
    batch = Batch(fields.producer, fields.first, fields.points, fields.names, planes, events)
    places = [place for place, _ in events]
    if any(a >= b for a, b in zip(places, places[1:])) or not _fit(places, batch.count):
        raise InvalidRequest("The places of the batch's events are not in order.")
    return batch


def iterate(batch: Batch) -> Iterator[dict[str, Any]]:
    """Yield the wire forms of all events in order: for few of them, point by point.

    Raises:
        InvalidRequest: a point is of no kind, or its name is not in the batch.
    """
    events = iter([*batch.events, (batch.count, {})])
    place, event = next(events)
    points = _rows(batch)
    for index in range(batch.count):
        if index == place:
            yield event
            place, event = next(events)
        else:
            yield _to_event(batch, next(points))


def from_events(producer: str, first: int, events: list[dict[str, Any]]) -> Batch:
    """Return a batch of wire forms without columns: for few events."""
    return Batch(producer, first, events=list(enumerate(events)))


@dataclass(frozen=True)
class _Header:
    producer: str
    first: int
    points: int
    names: list[str]
    events: list[Any]


def inflate_points(data: bytes, points: int) -> bytes:
    """Return the columns of so many points.

    Raises:
        InvalidRequest: they are damaged, or of another number of points.
        TooLarge: see `decode`.
    """
    planes = _inflate(data)
    if points < 0 or len(planes) != points * POINT_BYTES:
        raise InvalidRequest(f"The batch promises {points} points and holds others.")
    return planes


def _inflate(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        planes = inflater.decompress(data, MAX_BYTES)
        if inflater.unconsumed_tail:
            raise TooLarge(f"A batch may hold {MAX_BYTES >> 20} MiB.")
    except zlib.error as error:
        raise InvalidRequest(f"The batch's columns are damaged: {error}") from error
    if not inflater.eof:
        raise InvalidRequest("The batch is cut short.")
    return planes


def _read_place(item: Any) -> tuple[int, dict[str, Any]]:
    is_pair = isinstance(item, list) and len(item) == 2
    if is_pair and type(item[0]) is int and isinstance(item[1], dict):
        return item[0], item[1]
    raise InvalidRequest("An event of a batch is a pair of its place and an object.")


def _fit(places: list[int], count: int) -> bool:
    return not places or (places[0] >= 0 and places[-1] < count)


def _rows(batch: Batch) -> Iterator[bytes]:
    for index in range(batch.points):
        yield batch.planes[index :: batch.points]


def _to_event(batch: Batch, row: bytes) -> dict[str, Any]:
    kind = row[0]
    if kind not in (FLOAT, INTEGER):
        raise InvalidRequest(f"{kind} is no kind of point.")
    layout = POINT if kind == FLOAT else INTEGER_POINT
    _, name, step, at, value = layout.unpack(row)
    if name >= len(batch.names):
        raise InvalidRequest(f"The batch has no name number {name}.")
    return to_wire(MetricLogged(at, batch.names[name], step, codec.spell(value)))


def read_events(batch: Batch) -> list[Any]:
    """Return all events, point by point; for tests and small batches.

    Raises:
        InvalidRequest: one of them is none.
    """
    return [from_wire(data) for data in iterate(batch)]
