"""From what the clocks on the walls of a zone show to moments, and across their changes.

A time of day that is named (`0 3 * * *`) runs once each day: where the clocks jump over it
in spring, it runs as long after midnight as ever; where they show it twice in autumn, the
first time. What names no hour (`30 * * * *`) runs whenever the clocks show such a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

_TICK = 1e-6
_DAY = 86_400.0
_HORIZON = 50 * 366 * _DAY  # the next leap day on a Monday may be 40 years away
_MAX_CHANGES = 400


class Walls:
    """`after` finds the next wall-clock time, in seconds as if the zone were UTC."""

    def __init__(
        self, zone: ZoneInfo, after: Callable[[float], float | None], *, is_once_a_day: bool
    ) -> None:
        self._zone = zone
        self._after = after
        self._is_once_a_day = is_once_a_day

    def after(self, moment: float) -> float | None:
        """Return the first moment later than one at which the walls show such a time."""
        limit, offset = moment + _HORIZON, self._find_offset(moment)
        for _ in range(_MAX_CHANGES):
            wall = self._after(moment + offset)
            if wall is None or wall - offset > limit:
                return None
            found = wall - offset
            change = self._find_change(moment, found, offset)
            if change is None:
                if not (self._is_once_a_day and self._is_second(found)):
                    return found
                moment = found
                continue
            after_change = self._find_offset(change)
            if self._is_once_a_day and wall < change + after_change:
                return found
            moment, offset = change - _TICK, after_change
        return None

    def _find_offset(self, moment: float) -> float:
        offset = dt.datetime.fromtimestamp(moment, self._zone).utcoffset()
        return offset.total_seconds() if offset else 0.0

    def _is_second(self, moment: float) -> bool:
        return bool(dt.datetime.fromtimestamp(moment, self._zone).fold)

    def _find_change(self, first: float, last: float, offset: float) -> float | None:
        """Return when the offset stops being this one, up to and with `last`."""
        same = first
        while same < last:
            probe = min(same + _DAY, last)
            if self._find_offset(probe) != offset:
                return self._halve(int(same), int(probe) + 1, offset)
            same = probe
        return None

    def _halve(self, same: int, other: int, offset: float) -> float:
        while other - same > 1:
            middle = (same + other) // 2
            if self._find_offset(middle) == offset:
                same = middle
            else:
                other = middle
        return float(other)
