"""Points of one metric packed in columns: bytes that hold every bit of every number.

Each column is a byte that says how it is packed, and then

- RAW: the numbers, 64 bits each, little-endian;
- RUN: the first number and the step from each to the next, which is always the same;
- SHUFFLED: zstd over byte 0 of all numbers, byte 1 of all, …: bytes that hardly change lie
  side by side;
- DELTAS: the same over the differences between neighbours, modulo 2**64. Times are taken as
  whole numbers by their bits;
- JSON: zstd over a JSON list, for texts and for whole numbers beyond 64 bits.

A column of MIXED values is the one of their bits with a byte for each in front that says
whether it is a whole number, all in zstd.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from foundations_wire import codec

FLOATS, INTEGERS, MIXED, NUMBERS, TEXTS = "floats", "integers", "mixed", "numbers", "texts"
FAST, DENSE = 1, 3  # levels: while a client waits, and in the background
MOST_BYTES = 1 << 28  # of one unpacked column; none is written that comes near it
MIXED_TYPE = np.dtype([("is_whole", "?"), ("bits", "<i8")])

_RAW, _RUN, _SHUFFLED, _DELTAS, _JSON = b"\0", b"\1", b"\2", b"\3", b"\4"
_FEW = {FAST: 256, DENSE: 16}  # numbers that are not worth the time, or only become longer
_MIN_INT64, _MAX_INT64 = -(1 << 63), (1 << 63) - 1
_INTEGER, _FLOAT = np.dtype("<i8"), np.dtype("<f8")

Value = int | float | str
Array = NDArray[Any]
_local = threading.local()  # zstd's contexts serve one thread at a time


@dataclass(frozen=True)
class Points:
    """Points in the order in which they were logged.

    `values` are 64-bit floats (FLOATS) or whole numbers (INTEGERS), both side by side
    (MIXED, of MIXED_TYPE), or Python objects (NUMBERS, TEXTS).
    """

    steps: Array
    times: Array
    values: Array
    kind: str

    def __len__(self) -> int:
        return len(self.steps)

    def cut(self, part: slice | Array) -> Points:
        """Return some of the points: a slice, or those that a mask or indexes name."""
        return Points(self.steps[part], self.times[part], self.values[part], self.kind)


@dataclass(frozen=True)
class Chunk:
    """Consecutive points, packed. `kind` says what the values are.

    The lowest and highest step and time say which reader needs it.
    """

    count: int
    kind: str
    low_step: int
    high_step: int
    low_at: float
    high_at: float
    steps: bytes
    times: bytes
    values: bytes


def fits_int64(value: int) -> bool:
    return _MIN_INT64 <= value <= _MAX_INT64


def make(steps: Sequence[int], times: Sequence[float], values: Sequence[Value]) -> Points:
    """Return the points of three lists of the same length. Steps fit 64 bits."""
    kind = _find_kind(values)
    if kind in (FLOATS, INTEGERS):
        array = np.array(values, _FLOAT if kind == FLOATS else _INTEGER)
    elif kind == MIXED:
        array = _mix(values)
    else:
        array = _hold([as_text(v) for v in values] if kind == TEXTS else values)
    return Points(np.array(steps, _INTEGER), np.array(times, _FLOAT), array, kind)


def join(parts: Sequence[Points]) -> Points:
    """Return all these points, in order, as the kind that can hold them all."""
    if not parts:
        return make([], [], [])
    kinds = {part.kind for part in parts}
    if len(kinds) == 1:
        (kind,) = kinds
    elif TEXTS in kinds:
        kind = TEXTS
    else:
        kind = NUMBERS if NUMBERS in kinds else MIXED
    return Points(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([_widen(part, kind) for part in parts]),
        kind,
    )


def pack(points: Points, level: int = FAST) -> Chunk:
    """Return the chunk of one or more points."""
    return Chunk(
        count=len(points),
        kind=points.kind,
        low_step=int(points.steps.min()),
        high_step=int(points.steps.max()),
        low_at=float(points.times.min()),
        high_at=float(points.times.max()),
        steps=_pack_integers(points.steps, level),
        times=_pack_integers(points.times.view(_INTEGER), level),
        values=_pack_values(points, level),
    )


def unpack(chunk: Chunk) -> Points:
    """Return the points of a chunk.

    Raises:
        ValueError: the bytes are damaged.
    """
    return Points(
        _unpack_integers(chunk.steps, chunk.count),
        _unpack_integers(chunk.times, chunk.count).view(_FLOAT),
        _unpack_values(chunk),
        chunk.kind,
    )


def to_floats(values: Array, kind: str) -> Array:
    """Return values as floats, the nearest ones; texts as NaN."""
    if kind == MIXED:
        bits = np.ascontiguousarray(values["bits"])
        floats: Array = np.where(values["is_whole"], bits, bits.view(_FLOAT))
        return floats
    if kind == TEXTS:
        return np.full(len(values), np.nan)
    return values.astype(_FLOAT)


def to_list(values: Array, kind: str) -> list[Any]:
    """Return values as Python numbers or texts."""
    if kind != MIXED:
        items: list[Any] = values.tolist()
        return items
    bits = np.ascontiguousarray(values["bits"])
    wholes, floats = bits.tolist(), bits.view(_FLOAT).tolist()
    flags = values["is_whole"].tolist()
    return [w if flag else f for flag, w, f in zip(flags, wholes, floats, strict=True)]


def as_texts(points: Points) -> Points:
    """Return points of numbers as those of a metric that holds texts too."""
    return Points(points.steps, points.times, _widen(points, TEXTS), TEXTS)


def as_text(value: Value) -> str:
    """Return a value of a metric that holds texts too."""
    return value if isinstance(value, str) else str(codec.spell(value))


def _find_kind(values: Sequence[Value]) -> str:
    types = {type(value) for value in values}
    if str in types:
        return TEXTS
    if types <= {float}:
        return FLOATS
    if not all(fits_int64(value) for value in values if isinstance(value, int)):
        return NUMBERS
    return INTEGERS if types == {int} else MIXED


def _mix(values: Sequence[Any]) -> Array:
    array = np.empty(len(values), MIXED_TYPE)
    array["is_whole"] = [isinstance(value, int) for value in values]
    wholes = np.array([v if isinstance(v, int) else 0 for v in values], _INTEGER)
    floats = np.array([0.0 if isinstance(v, int) else v for v in values], _FLOAT)
    array["bits"] = np.where(array["is_whole"], wholes, floats.view(_INTEGER))
    return array


def _hold(values: Sequence[Any]) -> Array:
    array = np.empty(len(values), object)
    array[:] = values
    return array


def _widen(part: Points, kind: str) -> Array:
    """Return the part's values as those of a kind that can hold them."""
    if part.kind == kind:
        return part.values
    if kind == MIXED:
        array = np.empty(len(part), MIXED_TYPE)
        array["is_whole"] = part.kind == INTEGERS
        array["bits"] = part.values.view(_INTEGER)
        return array
    items = to_list(part.values, part.kind)
    return _hold([as_text(item) for item in items] if kind == TEXTS else items)


def _pack_values(points: Points, level: int) -> bytes:
    values = points.values
    if points.kind == INTEGERS:
        return _pack_integers(values, level)
    if points.kind == FLOATS:
        return _pack_plain(values.view(_INTEGER), level)
    if points.kind == MIXED:
        flags = values["is_whole"].tobytes()
        return _SHUFFLED + _compress(flags + _shuffle(values["bits"]), level)
    return _JSON + _compress(codec.encode(values.tolist()), level)


def _pack_integers(numbers: Array, level: int) -> bytes:
    if len(numbers) == 0:
        return _RAW
    deltas = np.subtract(numbers[1:], numbers[:-1], dtype=_INTEGER)
    first = np.ascontiguousarray(numbers[:1], _INTEGER)
    if len(deltas) == 0 or (deltas == deltas[0]).all():
        return _RUN + first.tobytes() + deltas[:1].tobytes()
    if len(numbers) <= _FEW[level]:
        return _pack_plain(numbers, level)
    return _DELTAS + _compress(_shuffle(np.concatenate((first, deltas))), level)


def _pack_plain(numbers: Array, level: int) -> bytes:
    if len(numbers) <= _FEW[level]:
        return _RAW + numbers.tobytes()
    return _SHUFFLED + _compress(_shuffle(numbers), level)


def _unpack_integers(data: bytes, count: int) -> Array:
    method, body = data[:1], data[1:]
    if method == _RAW:
        return _check(np.frombuffer(body, _INTEGER), count)
    if method == _RUN:
        ends = np.frombuffer(body, _INTEGER)
        stride = ends[1] if len(ends) > 1 else 0
        with np.errstate(over="ignore"):  # a step beyond the last 64-bit number starts anew
            run: Array = ends[0] + np.arange(count, dtype=_INTEGER) * stride
        return run
    if method not in (_SHUFFLED, _DELTAS):
        raise ValueError(f"{method!r} is no way to pack a column")
    numbers = _check(_unshuffle(_decompress(body)), count)
    return np.cumsum(numbers, dtype=_INTEGER) if method == _DELTAS else numbers


def _unpack_values(chunk: Chunk) -> Array:
    data = chunk.values
    if chunk.kind == INTEGERS:
        return _unpack_integers(data, chunk.count)
    if chunk.kind == FLOATS:
        return _unpack_integers(data, chunk.count).view(_FLOAT)
    body = _decompress(data[1:])
    if chunk.kind == MIXED:
        array = np.empty(chunk.count, MIXED_TYPE)
        array["is_whole"] = np.frombuffer(body[: chunk.count], "?")
        array["bits"] = _check(_unshuffle(body[chunk.count :]), chunk.count)
        return array
    values = json.loads(body)
    return _hold([codec.number(v) for v in values] if chunk.kind == NUMBERS else values)


def _check(numbers: Array, count: int) -> Array:
    if len(numbers) != count:
        raise ValueError(f"a column holds {len(numbers)} numbers instead of {count}")
    return numbers


def _shuffle(numbers: Array) -> bytes:
    contiguous = np.ascontiguousarray(numbers)
    return contiguous.view(np.uint8).reshape(len(contiguous), 8).T.tobytes()


def _unshuffle(data: bytes) -> Array:
    planes = np.frombuffer(data, np.uint8).reshape(8, -1)
    numbers = np.empty((planes.shape[1], 8), np.uint8)
    for index in range(8):  # faster than to copy the transposed array at once
        numbers[:, index] = planes[index]
    return numbers.view(_INTEGER)[:, 0]


def _compress(data: bytes, level: int) -> bytes:
    name = f"compressor_{level}"
    compressor = getattr(_local, name, None)
    if compressor is None:
        compressor = zstandard.ZstdCompressor(level=level)
        setattr(_local, name, compressor)
    packed: bytes = compressor.compress(data)
    return packed


def _decompress(data: bytes) -> bytes:
    decompressor = getattr(_local, "decompressor", None)
    if decompressor is None:
        decompressor = _local.decompressor = zstandard.ZstdDecompressor()
    try:
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= MOST_BYTES:
            raise ValueError(f"a column of {size} bytes cannot be")
        plain: bytes = decompressor.decompress(data)
    except zstandard.ZstdError as error:
        raise ValueError(f"a column is damaged: {error}") from error
    return plain


def measure_values(chunk: Chunk) -> int:
    """Return how many bytes the values have when they are unpacked."""
    if chunk.values[:1] in (_RAW, _RUN):
        return chunk.count * 8
    return int(zstandard.frame_content_size(chunk.values[1:]))
