"""generate_random_parameters, under the path by which search scripts know it."""

from __future__ import annotations

import random
from typing import Any

_COUNT_KEYS = (("min_count", "max_count"), ("count_min", "count_max"))


def generate_random_parameters(space: dict[str, Any]) -> dict[str, Any]:
    """Return one random choice of parameters from a search space.

    An entry with `min` and `max` gives a uniformly drawn float. With `min_count` and
    `max_count` too (`count_min` and `count_max` are the same) it gives a list of floats
    whose length is drawn, both bounds included. A list gives one of its items. Anything
    else is taken as it is.

    Raises:
        TypeError: the space is no dict.
        ValueError: `max_count` is below `min_count`, or a list is empty.
    """
    if not isinstance(space, dict):
        raise TypeError(f"A search space is a dict, not {type(space)}.")
    return {name: _draw(name, entry) for name, entry in space.items()}


def _draw(name: str, entry: Any) -> Any:
    if isinstance(entry, list):
        if not entry:
            raise ValueError(f"`{name}` has no options to choose from.")
        return random.choice(entry)  # noqa: S311 - a search, not a secret
    if not (isinstance(entry, dict) and {"min", "max"} <= set(entry)):
        return entry
    for low, high in _COUNT_KEYS:
        if low in entry and high in entry:
            if entry[high] < entry[low]:
                raise ValueError(f"`{name}`: `{high}` is below `{low}`.")
            count = random.randint(entry[low], entry[high])  # noqa: S311
            return [_draw_float(entry) for _ in range(count)]
    return _draw_float(entry)


def _draw_float(entry: dict[str, Any]) -> float:
    return random.uniform(entry["min"], entry["max"])  # noqa: S311
