"""What the row of a series says of its points, and how new points change it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Row

from foundations_server.metrics import columns
from foundations_server.metrics.columns import Chunk, Points, Value
from foundations_wire import codec

NUMBER, TEXT = "number", "text"


@dataclass(frozen=True)
class End:
    """The lowest or the highest value, and the first step that had it."""

    value: int | float
    step: int


@dataclass(frozen=True)
class Part:
    """New points of one metric, packed, and what the summary takes from them.

    `min` and `max` leave NaN out; None when there is nothing else.
    """

    chunk: Chunk
    first: Value
    first_at: float
    last: Value
    last_at: float
    last_step: int
    min: End | None
    max: End | None


def measure(points: Points) -> Part:
    """Pack points (one or more); the writing thread has better things to do."""
    least, most = _find_ends(points)
    first, last = columns.to_list(points.values[[0, -1]], points.kind)
    first_at, last_at = points.times[[0, -1]].tolist()
    step = int(points.steps[-1])
    return Part(columns.pack(points), first, first_at, last, last_at, step, least, most)


def merge(row: Row[Any] | None, part: Part) -> dict[str, Any]:
    """Return the columns of a summary with a part added. One text makes it texts."""
    is_text = part.chunk.kind == columns.TEXTS or (row is not None and row.kind == TEXT)
    summary: dict[str, Any] = {
        "kind": TEXT if is_text else NUMBER,
        "points": part.chunk.count + (row.points if row is not None else 0),
        "last_step": part.last_step,
        "last_at": part.last_at,
        **_spell("last", part.last, is_text=is_text),
    }
    if row is None:
        summary |= {"dropped": 0, "first_at": part.first_at}
        summary |= _spell("first", part.first, is_text=is_text)
    if is_text:
        return summary | _spell_end("min", None) | _spell_end("max", None)
    least, most = part.min, part.max
    if row is not None and row.min is not None:
        old_least, old_most = _read(row.min, row.min_step), _read(row.max, row.max_step)
        least = old_least if least is None or old_least.value <= least.value else least
        most = old_most if most is None or old_most.value >= most.value else most
    return summary | _spell_end("min", least) | _spell_end("max", most)


def _find_ends(points: Points) -> tuple[End | None, End | None]:
    if points.kind == columns.TEXTS:
        return None, None
    if points.kind in (columns.INTEGERS, columns.FLOATS):
        values = points.values
        least, most = np.fmin.reduce(values), np.fmax.reduce(values)  # they leave NaN out
        if points.kind == columns.FLOATS and np.isnan(least):
            return None, None
        places = (values == least).argmax(), (values == most).argmax()
        low, high = (End(values[i].item(), int(points.steps[i])) for i in places)
        return low, high
    known = [
        (value, step)
        for value, step in zip(
            columns.to_list(points.values, points.kind), points.steps.tolist(), strict=True
        )
        if not math.isnan(value)
    ]
    if not known:
        return None, None
    return End(*min(known, key=_value)), End(*max(known, key=_value))


def _value(pair: tuple[int | float, int]) -> int | float:
    return pair[0]


def _spell(name: str, value: Value, *, is_text: bool = False) -> dict[str, Any]:
    """Return the exact and the comparable column of a value."""
    if is_text:
        return {name: _encode(columns.as_text(value)), f"{name}_number": None}
    number = float(value)
    return {name: _encode(value), f"{name}_number": None if math.isnan(number) else number}


def _spell_end(name: str, end: End | None) -> dict[str, Any]:
    if end is None:
        return {name: None, f"{name}_number": None, f"{name}_step": None}
    return {f"{name}_step": end.step, **_spell(name, end.value)}


def _read(text: str, step: int) -> End:
    return End(codec.number(codec.decode(text)), step)


def _encode(value: Value) -> str:
    """Return the JSON text; repr of a finite float is its shortest one."""
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    return codec.encode(value).decode()
