"""Nested parameters as the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def flatten(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a name and a value for each innermost value, in order.

    The keys on the way are joined with `_`; items of lists and tuples are named by their
    index: `{"layers": [{"n": 5}]}` yields `("layers_0_n", 5)`. An empty dict or list yields
    None. Two values may get the same name; it is for the caller to choose.
    """
    for key, value in parameters.items():
        yield from _walk(str(key), value)


def _walk(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, (list, tuple)):
        items = list(enumerate(value))
    else:
        yield name, value
        return
    if not items:
        yield name, None
    for key, item in items:
        yield from _walk(f"{name}_{key}", item)
