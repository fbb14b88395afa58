"""The bytes of a segment.

A header, then records, then zeros: `magic 8 | format u32 | number of the first event u64 |
CRC-32`, little-endian. A record begins with its kind and ends with the CRC-32 of all before:

- a point, kinds 1 and 2: the 27 bytes of `batches.POINT`, 31 in all;
- KEY, 3: `number u16 | length u16 | name`: what points of this segment mean by that number;
- EVENT, 4: `length u32 | JSON`: everything that is no point.

Kind 0 is the end. Every record but KEY is one event, numbered in the order of the file.
Runs of points are found and cut with slices, so that no loop goes over points.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Optional
from zlib import crc32

from foundations_wire.batches import FLOAT, INTEGER, POINT_BYTES, Batch, transpose
from foundations_wire.events import Event, to_wire

KEY, EVENT = 3, 4
STRIDE = POINT_BYTES + 4
MAX_NAMES = 8192  # of one segment; they travel with each of its batches

_HEADER = struct.Struct("<8sIQ")
HEADER_BYTES = _HEADER.size + 4
_MAGIC = b"atlasjnl"
_FORMAT = 2
_KEY = struct.Struct("<BHH")
_EVENT = struct.Struct("<BI")
_CHECKED_POINT = struct.Struct("<27sI")
_POINTS = bytes([FLOAT, INTEGER])
_SHORT_RUN = 64  # points looked at before a whole block is


def encode_header(first: int) -> bytes:
    """Return the header of a segment whose first event has that number."""
    return checked(_HEADER.pack(_MAGIC, _FORMAT, first))


def decode_header(data: bytes) -> Optional[int]:
    """Return the number of the first event, or None when the bytes are no header."""
    head = data[: _HEADER.size]
    if len(data) < HEADER_BYTES or checked(head) != data[:HEADER_BYTES]:
        return None
    magic, version, first = _HEADER.unpack(head)
    return int(first) if (magic, version) == (_MAGIC, _FORMAT) else None


def encode_key(number: int, name: str) -> bytes:
    """Return the record that gives a name its number."""
    text = name.encode("utf-8", "replace")
    return checked(_KEY.pack(KEY, number, len(text)) + text)


def encode_event(event: Event) -> bytes:
    """Return the record of an event that is no point; TypeError when it has no JSON form."""
    text = json.dumps(to_wire(event), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    body = text.encode("utf-8", "replace")
    return checked(_EVENT.pack(EVENT, len(body)) + body)


def encode_point(number: int, point: bytes) -> bytes:
    """Return the record of a point, with its name's number put right."""
    return checked(point[:1] + number.to_bytes(2, "little") + point[3:])


def checked(body: bytes) -> bytes:
    """Return the bytes with their checksum behind them."""
    return body + crc32(body).to_bytes(4, "little")


class Taken:
    """What was read: runs of points, and events with their places.

    `room` is how many bytes more it takes; of the first event it takes one of any size.
    """

    def __init__(self, room: int) -> None:
        """Begin empty."""
        self.room = max(room, STRIDE)
        self.count = 0
        self._runs: list[bytes] = []
        self._events: list[tuple[int, bytes]] = []

    def add(self, block: bytes, at: int, end: int, count: int) -> bool:
        """Take a record, or a run of points; return whether there was room for it."""
        if block[at] == KEY:
            return True
        if end - at > self.room and self.count:
            return False
        if block[at] == EVENT:
            self._events.append((self.count, _body(block, at, end)))
        else:
            self._runs.append(block[at:end])
        self.room = max(self.room - (end - at), 0)
        self.count += count
        return True

    def to_batch(self, first: int, names: list[str]) -> Batch:
        """Return it as a batch without a producer."""
        records = b"".join(self._runs)
        points = len(records) // STRIDE
        events = [(place, json.loads(body)) for place, body in self._events]
        named = list(names) if points else []
        return Batch("", first, points, named, transpose(records, STRIDE), events)


class Cursor:
    """A place in a segment: the next record's offset, its number, the names before it."""

    def __init__(self, first: int) -> None:
        """Stand before the first record of a segment that begins with that number."""
        self.offset = HEADER_BYTES
        self.number = first
        self.names: list[str] = []

    def advance(self, block: bytes, most: int, taken: Optional[Taken] = None) -> int:
        """Pass at most so many events of a block that begins at this place.

        Returns how many bytes were passed; a record that the block cuts is not.
        """
        at = passed = 0
        while at < len(block) and passed < most:
            if block[at] in _POINTS:
                left = taken.room // STRIDE if taken is not None else most
                count = _count_points(block, at, min(most - passed, left))
                end = at + count * STRIDE
            else:
                end = _find_end(block, at) or at
                count = int(block[at] == EVENT)
            if end == at or (taken is not None and not taken.add(block, at, end, count)):
                break
            if block[at] == KEY:
                self._learn(block, at)
            at, passed = end, passed + count
        self.offset += at
        self.number += passed
        return at

    def _learn(self, block: bytes, at: int) -> None:
        _, number, length = _KEY.unpack_from(block, at)
        start = at + _KEY.size
        name = block[start : start + length].decode()
        # A number may be left out, when a signal handler came between; nothing refers to it.
        self.names.extend([name] * (number + 1 - len(self.names)))
        self.names[number] = name


@dataclass(frozen=True)
class Extent:
    """What a segment of a dead process holds: sound events up to an offset."""

    count: int
    end: int
    is_damaged: bool


def measure(data: bytes) -> Extent:
    """Check record by record; a torn last record is a normal end, anything else is damage."""
    at, count = HEADER_BYTES, 0
    while at < len(data):
        if data[at] in _POINTS:
            run = _count_points(data, at, len(data))
            sound = _count_sound(data, at, run)
            at, count = at + sound * STRIDE, count + sound
            if run and sound == run:
                continue
            break
        end = _find_end(data, at)
        if end is None or checked(data[at : end - 4]) != data[at:end]:
            break
        at, count = end, count + int(data[at] == EVENT)
    return Extent(count, at, bool(data[_end_of_torn(data, at) :].strip(b"\0")))


def _count_points(block: bytes, at: int, most: int) -> int:
    """Return how many whole points lie at an offset, one behind the other."""
    most = min(most, (len(block) - at) // STRIDE)
    for look in (min(_SHORT_RUN, most), most):
        kinds = block[at : at + look * STRIDE : STRIDE]
        found = len(kinds) - len(kinds.lstrip(_POINTS))
        if found < look:
            break
    return found


def _count_sound(data: bytes, at: int, run: int) -> int:
    records: Iterator[tuple[bytes, int]]
    records = _CHECKED_POINT.iter_unpack(data[at : at + run * STRIDE])
    for index, (body, checksum) in enumerate(records):
        if crc32(body) != checksum:
            return index
    return run


def _find_end(block: bytes, at: int) -> Optional[int]:
    """Return where the KEY or EVENT at an offset ends, or None when it is neither or cut."""
    size = _size_of(block, at)
    return at + size if size is not None and at + size <= len(block) else None


def _size_of(block: bytes, at: int) -> Optional[int]:
    kind, left = block[at], len(block) - at
    if kind == KEY and left >= _KEY.size:
        return _KEY.size + int(_KEY.unpack_from(block, at)[2]) + 4
    if kind == EVENT and left >= _EVENT.size:
        return _EVENT.size + int(_EVENT.unpack_from(block, at)[1]) + 4
    return None


def _end_of_torn(data: bytes, at: int) -> int:
    """Return where the unsound record at an offset would have ended."""
    if at >= len(data):
        return at
    size = STRIDE if data[at] in _POINTS else _size_of(data, at)
    return at + (size or _EVENT.size)


def _body(block: bytes, at: int, end: int) -> bytes:
    return block[at + _EVENT.size : end - 4]


def read_event(data: bytes) -> Any:
    """Return the event with which a segment's bytes begin, None when there is none yet.

    A point is a dict without further content.
    """
    if decode_header(data) is None:
        return None
    at = HEADER_BYTES
    while at < len(data) and data[at] != 0:
        if data[at] in _POINTS:
            return {"event": "metric"}
        end = _find_end(data, at)
        if end is None or checked(data[at : end - 4]) != data[at:end]:
            return None
        if data[at] == EVENT:
            return json.loads(_body(data, at, end))
        at = end
    return None
