"""Points of one metric packed in columns: bytes that hold every bit of every number.

Steps are 64-bit integers, times 64-bit floats, values either of the two, or JSON when they
are texts, whole numbers beyond 64 bits, or a mixture. All little-endian, then deflated.
"""

from __future__ import annotations

import json
import sys
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from foundations_wire import codec

FLOATS, INTEGERS, NUMBERS, TEXTS = "floats", "integers", "numbers", "texts"
_LEVEL = 1  # the fastest; a chunk of a training loop shrinks about as well as with 9
_MIN_INT64, _MAX_INT64 = -(1 << 63), (1 << 63) - 1

Value = int | float | str


@dataclass(frozen=True)
class Chunk:
    """Consecutive points. `kind` says how `values` is packed."""

    count: int
    kind: str
    steps: bytes
    times: bytes
    values: bytes


def fits_int64(value: int) -> bool:
    return _MIN_INT64 <= value <= _MAX_INT64


def pack(steps: Sequence[int], times: Sequence[float], values: Sequence[Value]) -> Chunk:
    """Return the chunk of these points; all three have the same length. Steps fit 64 bits."""
    kind = _find_kind(values)
    return Chunk(
        len(steps), kind, _pack_array("q", steps), _pack_array("d", times), _pack(kind, values)
    )


def unpack_steps(data: bytes) -> list[int]:
    return _unpack_array("q", data)


def unpack_times(data: bytes) -> list[float]:
    return _unpack_array("d", data)


def unpack_values(kind: str, data: bytes) -> list[Any]:
    """Return the values: numbers, or texts when the kind is TEXTS."""
    if kind == FLOATS:
        return _unpack_array("d", data)
    if kind == INTEGERS:
        return _unpack_array("q", data)
    values = json.loads(zlib.decompress(data))
    return [codec.number(value) for value in values] if kind == NUMBERS else values


def _find_kind(values: Sequence[Value]) -> str:
    types = {type(value) for value in values}
    if str in types:
        return TEXTS
    if types == {float}:
        return FLOATS
    if types == {int} and all(fits_int64(int(value)) for value in values):
        return INTEGERS
    return NUMBERS


def _pack(kind: str, values: Sequence[Value]) -> bytes:
    if kind == FLOATS:
        return _pack_array("d", values)
    if kind == INTEGERS:
        return _pack_array("q", values)
    if kind == TEXTS:
        values = [as_text(value) for value in values]
    return zlib.compress(codec.encode(list(values)), _LEVEL)


def as_text(value: Value) -> str:
    """Return a value of a metric that holds texts too."""
    return value if isinstance(value, str) else str(codec.spell(value))


def _pack_array(code: str, items: Sequence[Any]) -> bytes:
    column: array[Any] = array(code, items)
    if sys.byteorder == "big":
        column.byteswap()
    return zlib.compress(column.tobytes(), _LEVEL)


def _unpack_array(code: str, data: bytes) -> list[Any]:
    column: array[Any] = array(code)
    column.frombytes(zlib.decompress(data))
    if sys.byteorder == "big":
        column.byteswap()
    return column.tolist()
