"""Nested parameters as the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from foundations import reporting


def flatten_parameter_dictionary(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return one entry for each innermost value, the keys on the way joined with `_`.

    Items of lists and tuples are named by their index: `{"layers": [{"n": 5}]}` becomes
    `{"layers_0_n": 5}`. An empty dict or list becomes None. When two values get the same
    name the later one wins, with a warning.
    """
    flat: dict[str, Any] = {}
    for key, value in parameters.items():
        for name, leaf in _walk(str(key), value):
            if name in flat:
                reporting.warn(f"Two parameters are both named `{name}`; the later one is kept.")
            flat[name] = leaf
    return flat


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
