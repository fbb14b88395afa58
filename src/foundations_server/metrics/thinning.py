"""Long series as few buckets: the same points always give the same buckets.

A bucket holds the points whose x begins with the same bits: its width is a power of two and
its place a multiple of it, so that new points touch the last bucket only and a curve never
shifts under the eye. The width is the smallest with which few enough buckets hold points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from foundations_server.metrics import columns
from foundations_server.metrics.columns import Array, Points

STEP, TIME = "step", "time"
_TICKS = 1 << 20  # of a second: the narrowest bucket in time
_MAX_SHIFT = 62


@dataclass(frozen=True)
class Buckets:
    """What is in each bucket; all columns have the same length.

    `x` is where it begins. `last` (the one logged last), `mean`, `min` and `max` are of its
    `n` finite numbers, NaN where there are none; `nan`, `above` and `below` count its NaNs
    and infinities. Of texts there is only `last`, and `n` counts them.
    """

    width: float
    x: Array
    last: list[Any] | Array
    mean: Array
    min: list[Any] | Array
    max: list[Any] | Array
    n: Array
    nan: Array
    above: Array
    below: Array


def thin(points: Points, axis: str, most: int) -> Buckets:
    """Return at most `most` (2 or more) buckets of these points (1 or more)."""
    units = points.steps if axis == STEP else np.floor(points.times * _TICKS).astype(np.int64)
    if (units[1:] < units[:-1]).any():
        order = np.argsort(units, kind="stable")
        points, units = points.cut(order), units[order]
    shift = _find_shift(units, most)
    buckets = units >> shift
    starts = np.flatnonzero(_is_first(buckets))
    x = buckets[starts] << shift
    width: float = 1 << shift
    if axis == TIME:
        x, width = x / _TICKS, width / _TICKS
    return _measure(points, starts, x, width)


def _find_shift(sorted_units: Array, most: int) -> int:
    """Return the lowest shift with which at most so many buckets hold points.

    Two neighbours fall into one bucket once the highest bit in which they differ is gone.
    """
    differences = (sorted_units[1:] ^ sorted_units[:-1]).view(np.uint64)
    low, high = 0, _MAX_SHIFT
    while low < high:
        shift = (low + high) // 2
        if 1 + np.count_nonzero(differences >= np.uint64(1 << shift)) <= most:
            high = shift
        else:
            low = shift + 1
    return low


def _is_first(sorted_units: Array) -> Array:
    """Whether each differs from the one before it."""
    first = np.ones(len(sorted_units), bool)
    np.not_equal(sorted_units[1:], sorted_units[:-1], out=first[1:])
    return first


def _measure(points: Points, starts: Array, x: Array, width: float) -> Buckets:
    sizes = np.diff(starts, append=len(points))
    nothing = np.zeros(len(starts), np.int64)
    if points.kind == columns.TEXTS:
        none = np.full(len(starts), np.nan)
        last = points.values[starts + sizes - 1].tolist()
        return Buckets(width, x, last, none, none, none, sizes, nothing, nothing, nothing)
    floats = columns.to_floats(points.values, points.kind)
    finite = np.isfinite(floats)
    if finite.all():
        n, nan, above, below = sizes, nothing, nothing, nothing
    else:
        n = np.add.reduceat(finite, starts, dtype=np.int64)
        nan, above, below = (
            np.add.reduceat(mask, starts, dtype=np.int64)
            for mask in (np.isnan(floats), floats == np.inf, floats == -np.inf)
        )
    last, least, most = _find_extremes(points, floats, finite, starts, n)
    mean = _average(np.where(finite, floats, 0.0), starts, sizes, n)
    return Buckets(width, x, last, mean, least, most, n, nan, above, below)


def _find_extremes(
    points: Points, floats: Array, finite: Array, starts: Array, n: Array
) -> tuple[Any, ...]:
    """Return last, smallest and largest finite value of each bucket, exactly."""
    if points.kind == columns.INTEGERS:  # beyond 53 bits floats would not tell them apart
        whole = points.values
        last = whole[np.append(starts[1:], len(points)) - 1]
        return last, np.minimum.reduceat(whole, starts), np.maximum.reduceat(whole, starts)
    places = np.maximum.reduceat(np.where(finite, np.arange(len(floats)), -1), starts)
    least = np.minimum.reduceat(np.where(finite, floats, np.inf), starts)
    most = np.maximum.reduceat(np.where(finite, floats, -np.inf), starts)
    if points.kind == columns.FLOATS:
        is_empty = n == 0
        return tuple(np.where(is_empty, np.nan, c) for c in (floats[places], least, most))
    sizes = np.diff(starts, append=len(floats))
    at_least, at_most = (
        _find_first(floats == np.repeat(extreme, sizes), starts, sizes)
        for extreme in (least, most)
    )
    return tuple(_pick(points, at, n) for at in (places, at_least, at_most))


def _find_first(mask: Array, starts: Array, sizes: Array) -> Array:
    """Return the place of the first True of each bucket, anywhere in it when there is none."""
    buckets = np.repeat(np.arange(len(starts)), sizes)[mask]
    places = starts.copy()
    found, first = np.unique(buckets, return_index=True)
    places[found] = np.flatnonzero(mask)[first]
    return places


def _pick(points: Points, places: Array, n: Array) -> list[Any]:
    items = columns.to_list(points.values[places], points.kind)
    return [item if count else np.nan for item, count in zip(items, n.tolist(), strict=True)]


def _average(numbers: Array, starts: Array, sizes: Array, n: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        mean: Array = np.add.reduceat(numbers, starts) / n
        if not np.isfinite(mean[n > 0]).all():  # the sum was beyond all floats
            mean = np.add.reduceat(numbers / np.repeat(np.maximum(n, 1), sizes), starts)
    return np.where(n == 0, np.nan, mean)
