"""User values, as they come, turned into what can be recorded."""

from __future__ import annotations

import os
from typing import Any, Optional, Union

from foundations_wire.errors import InvalidRequest
from foundations_wire.ids import check_key

Scalar = Union[int, float, str]
_SHOWN_CHARACTERS = 30
_LARGEST_INT = 2**63 - 1


def check_name(what: str, name: str) -> str:
    """Return the name.

    Raises:
        ValueError: it is empty, too long, or holds a control character.
    """
    try:
        return check_key(what, name)
    except InvalidRequest as error:
        raise ValueError(error.message) from error


def to_points(key: Any, value: Any) -> list[Scalar]:
    """Return the points of a metric: one for a scalar, one each for those in a flat list.

    Raises:
        ValueError: the key cannot be a metric's name.
        TypeError: the value is neither; the sentence names key, value and type.
    """
    if not isinstance(key, str):
        raise ValueError(f"Invalid metric name `{key}`")  # noqa: TRY004 - as it always was
    check_name("metric name", key)
    scalar = _to_scalar(value)
    if scalar is not None:
        return [scalar]
    items = value if isinstance(value, (list, tuple)) else _to_list(value)
    points = [_to_scalar(item) for item in items] if items is not None else [None]
    if any(point is None for point in points):
        raise TypeError(
            f'Invalid metric with key="{key}" of value={_show(value)} with type {type(value)}. '
            f"Value should be of type string or number, or a list of strings / numbers"
        )
    return [point for point in points if point is not None]


def to_parameter(name: str, value: Any) -> Any:
    """Return the value as plain JSON data.

    Raises:
        TypeError: something in it has no JSON form; the sentence names the parameter.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {str(key): to_parameter(name, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_parameter(name, item) for item in value]
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    scalar = _to_scalar(value, keep_bool=True)
    if scalar is not None:
        return scalar
    items = _to_list(value)
    if items is not None:
        return [to_parameter(name, item) for item in items]
    raise TypeError(
        f"The parameter `{name}` cannot be logged: {_show(value)} of type {type(value)} is "
        f"neither a number, a text, a truth value, None, nor a list or mapping of those."
    )


def to_tag(key: str, value: Any) -> str:
    """Return a tag's value as text.

    Raises:
        TypeError: it is None, a list or another object that is no text and no number.
    """
    scalar = _to_scalar(value, keep_bool=True)
    if scalar is None:
        raise TypeError(
            f"The tag `{key}` cannot have the value {_show(value)} of type {type(value)}: it "
            f"must be a text or a number."
        )
    return str(scalar)


def _to_scalar(value: Any, *, keep_bool: bool = False) -> Optional[Scalar]:
    """Return a plain number or text, or None when the value is no scalar."""
    if isinstance(value, bool):
        return value if keep_bool else int(value)
    if isinstance(value, int):
        number = int(value)
        return number if abs(number) <= _LARGEST_INT else _to_float(number)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, type) or bool(getattr(value, "ndim", False)):
        return None
    item = getattr(value, "item", None)  # numpy and torch scalars and their like
    plain = item() if callable(item) else None
    is_scalar = isinstance(plain, (bool, int, float, str))
    return _to_scalar(plain, keep_bool=keep_bool) if is_scalar else None


def _to_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def _to_list(value: Any) -> Optional[list[Any]]:
    """Return the items of an array-like value, or None when it is none."""
    convert = getattr(value, "tolist", None)
    if isinstance(value, type) or not callable(convert):
        return None
    items = convert()
    return items if isinstance(items, list) else None


def _show(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + " ..."
