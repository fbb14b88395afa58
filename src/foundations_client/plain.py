"""User values, as they come, turned into plain numbers, texts, lists and mappings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Optional, Union

Scalar = Union[int, float, str]
_LARGEST_INT = 2**63 - 1
_SHOWN_CHARACTERS = 30
_DEEPEST = 50  # levels; the wire takes 100, and an event stands a few levels deep itself


def to_parameter(name: str, value: Any, *, depth: int = 0) -> Any:
    """Return the value as plain JSON data: paths as texts, numpy and torch as numbers.

    Raises:
        TypeError: something in it has no JSON form, or it is nested more than 50 levels
            deep; the sentence names the parameter.
    """
    if depth > _DEEPEST:
        raise TypeError(f"The parameter `{name[:60]}…` is nested too deep to be kept.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {
            str(key): to_parameter(f"{name}.{key}", item, depth=depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [
            to_parameter(f"{name}[{i}]", item, depth=depth + 1) for i, item in enumerate(value)
        ]
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    scalar = to_scalar(value, keep_bool=True)
    if scalar is not None:
        return scalar
    items = to_list(value)
    if items is not None:
        return [to_parameter(f"{name}[{i}]", item) for i, item in enumerate(items)]
    raise TypeError(
        f"The parameter `{name}` cannot be kept: {show(value)} of type {type(value)} has no JSON "
        f"form. Use numbers, texts, truth values, None, and lists and mappings of those."
    )


def to_scalar(value: Any, *, keep_bool: bool = False) -> Optional[Scalar]:
    """Return a plain number or text, or None when the value is no scalar."""
    if isinstance(value, bool):
        return value if keep_bool else int(value)
    if isinstance(value, int):
        number = int(value)
        return number if abs(number) <= _LARGEST_INT else _to_float(number)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)  # a member of an enum of texts is its text, not its name
    if isinstance(value, type) or bool(getattr(value, "ndim", False)):
        return None
    item = getattr(value, "item", None)  # numpy and torch scalars and their like
    plain = item() if callable(item) else None
    is_scalar = isinstance(plain, (bool, int, float, str))
    return to_scalar(plain, keep_bool=keep_bool) if is_scalar else None


def to_list(value: Any) -> Optional[list[Any]]:
    """Return the items of an array-like value, or None when it is none."""
    convert = getattr(value, "tolist", None)
    if isinstance(value, type) or not callable(convert):
        return None
    items = convert()
    return items if isinstance(items, list) else None


def show(value: Any) -> str:
    """Return the value as a text that is short enough for a sentence."""
    text = str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " ..."


def _to_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
