"""Columns of values as pandas or polars data frames."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

FRAMES = ("pandas", "polars")
_EXACT = 1 << 53  # whole numbers up to here are exact as floats
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_SPECIALS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def restore_numbers(values: Sequence[Any]) -> list[Any]:
    """Return the values with the texts that stand for NaN and the infinities as numbers."""
    if str not in set(map(type, values)):
        return list(values)
    return [_SPECIALS.get(v, v) if isinstance(v, str) else v for v in values]


def load_library(name: str, caller: str) -> Any:
    """Return pandas or polars.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{caller} makes a {name} data frame, and {name} is not installed: pip install {name}"
        ) from error


def make_pandas(pandas: Any, columns: dict[str, list[Any]], times: Sequence[str] = ()) -> Any:
    """Return a pandas frame; `times` are the columns of seconds since 1970."""
    made = {name: _to_pandas(pandas, values) for name, values in columns.items()}
    for name in times:
        seconds = pandas.Series(columns[name], dtype="float64")
        # Rounded to whole microseconds, which is what the server keeps of a double.
        stamps = (seconds * 1e6).round().astype("Int64")
        made[name] = pandas.to_datetime(stamps, unit="us", utc=True)
    return pandas.DataFrame(made)


def _to_pandas(pandas: Any, values: list[Any]) -> Any:
    kinds = set(map(type, values))
    has_missing = type(None) in kinds
    kinds.discard(type(None))
    if has_missing:
        values = [math.nan if v is None else v for v in values]
    is_exact = int not in kinds or not _has_long(values, _EXACT)
    if kinds == {float} or (kinds and kinds <= {int, float} and is_exact):
        is_whole = kinds == {int} and not has_missing
        return pandas.Series(values, dtype="int64" if is_whole else "float64")
    if kinds == {int} and not has_missing and not _has_long(values, _MOST):
        return pandas.Series(values, dtype="int64")
    if kinds == {str}:
        return pandas.Series(values)
    if kinds == {bool} and not has_missing:
        return pandas.Series(values, dtype="bool")
    return pandas.Series(values, dtype="object" if kinds or not values else "float64")


def _has_long(values: Sequence[Any], limit: int) -> bool:
    if set(map(type, values)) == {int}:  # min and max are ten times as fast
        return not -limit <= min(values) <= max(values) <= limit
    return any(isinstance(v, int) and not -limit <= v <= limit for v in values)


def make_polars(polars: Any, columns: dict[str, list[Any]], times: Sequence[str] = ()) -> Any:
    """Return a polars frame; what no column of one type holds becomes texts of JSON."""
    made = [
        polars.Series(name, [_to_moment(value) for value in values], dtype=_moments(polars))
        if name in times
        else _to_polars(polars, name, values)
        for name, values in columns.items()
    ]
    return polars.DataFrame(made)


def _moments(polars: Any) -> Any:
    return polars.Datetime("us", "UTC")


def _to_moment(seconds: Any) -> Any:
    return None if seconds is None else datetime.fromtimestamp(seconds, tz=timezone.utc)


def _to_polars(polars: Any, name: str, values: list[Any]) -> Any:
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return polars.Series(name, values, dtype=polars.Null)
    if kinds == {int} and all(v is None or _LEAST <= v <= _MOST for v in values):
        return polars.Series(name, values, dtype=polars.Int64)
    if float in kinds and kinds <= {int, float} and not _has_long(values, _EXACT):
        floats = [v if v is None else float(v) for v in values]
        return polars.Series(name, floats, dtype=polars.Float64)
    if kinds == {bool}:
        return polars.Series(name, values, dtype=polars.Boolean)
    texts = [v if v is None or isinstance(v, str) else json.dumps(v) for v in values]
    return polars.Series(name, texts, dtype=polars.String)
