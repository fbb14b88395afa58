"""Lengths of time as people write them."""

from __future__ import annotations

import math
import re
from typing import Union

from foundations_wire.errors import InvalidRequest

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")


def read_seconds(value: Union[float, str], what: str) -> float:
    """Return the seconds of `90s`, `30m`, `1.5h`, `2d`, `1h30m`, or of a number of them.

    `what` is the name of the option or key.

    Raises:
        InvalidRequest: it is no length of time, or not above 0.
    """
    seconds = parse(value)
    if seconds is None or not 0 < seconds < math.inf:
        raise InvalidRequest(
            f"{what} takes a length of time above 0 such as 90s, 30m or 2h, not {value!r}."
        )
    return seconds


def parse(value: Union[float, str]) -> Union[float, None]:
    """Return the seconds of a length of time, 0 included; None when it is none."""
    if isinstance(value, (int, float)):
        return float(value)
    text = "".join(value.split()).lower()
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    if len(parts) > 1 and not all(unit for _, unit in parts):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
