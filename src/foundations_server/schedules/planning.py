"""What is due. Pure: no clock and no database."""

from __future__ import annotations

from dataclasses import dataclass

from foundations_server.schedules.triggers import Timing
from foundations_wire.schedules import CatchUp

MAX_COUNTED = 10_000  # ticks that are counted one by one; a longer absence counts no more
_TICK = 1e-6


@dataclass(frozen=True)
class Plan:
    """The ticks that are to run, how many are not, and the one after them all."""

    due: list[float]
    skipped: int
    next_at: float | None


def plan(timing: Timing, next_at: float, now: float, *, since: float, catch_up: CatchUp) -> Plan:
    """Return what becomes of the ticks from `next_at` until now.

    Ticks up to `since` were missed: nobody was there, or the clock jumped over them.
    """
    missed, latest = 0, None
    moment: float | None = next_at
    while moment is not None and moment <= now and moment <= since:
        missed, latest = missed + 1, moment
        if missed == MAX_COUNTED:
            latest, moment = timing.last_before(since + _TICK), timing.after(since)
            break
        moment = timing.after(moment)
    due: list[float] = []
    while moment is not None and moment <= now:
        due.append(moment)
        moment = timing.after(moment)
    if latest is not None and catch_up is CatchUp.LATEST:
        return Plan([latest, *due], missed - 1, moment)
    return Plan(due, missed, moment)
