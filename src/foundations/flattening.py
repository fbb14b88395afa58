"""Nested parameters as the columns of a table."""

from __future__ import annotations

from typing import Any

from foundations import reporting
from foundations_wire.flattening import flatten


def flatten_parameter_dictionary(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return one entry for each innermost value, the keys on the way joined with `_`.

    Items of lists and tuples are named by their index: `{"layers": [{"n": 5}]}` becomes
    `{"layers_0_n": 5}`. An empty dict or list becomes None. When two values get the same
    name the later one wins, with a warning.
    """
    flat: dict[str, Any] = {}
    for name, value in flatten(parameters):
        if name in flat:
            reporting.warn(f"Two parameters are both named `{name}`; the later one is kept.")
        flat[name] = value
    return flat
