"""User values, as they come, turned into what can be recorded."""

from __future__ import annotations

from typing import Any

from foundations_client.plain import Scalar, show, to_list, to_scalar
from foundations_wire.errors import InvalidRequest
from foundations_wire.ids import check_key


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
    scalar = to_scalar(value)
    if scalar is not None:
        return [scalar]
    items = value if isinstance(value, (list, tuple)) else to_list(value)
    points = [to_scalar(item) for item in items] if items is not None else [None]
    if any(point is None for point in points):
        raise TypeError(
            f'Invalid metric with key="{key}" of value={show(value)} with type {type(value)}. '
            f"Value should be of type string or number, or a list of strings / numbers"
        )
    return [point for point in points if point is not None]


def to_tag(key: str, value: Any) -> str:
    """Return a tag's value as text.

    Raises:
        TypeError: it is None, a list or another object that is no text and no number.
    """
    scalar = to_scalar(value, keep_bool=True)
    if scalar is None:
        raise TypeError(
            f"The tag `{key}` cannot have the value {show(value)} of type {type(value)}: it "
            f"must be a text or a number."
        )
    return str(scalar)
