"""When a schedule runs. The only file that knows APScheduler.

Its cron trigger counts here in a zone without daylight saving, for beside a change of the
clocks it loses days; what wall-clock times mean in a zone is decided by `walls.py`.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from tzlocal import get_localzone_name

from foundations_server.schedules.crontab import read_crontab
from foundations_server.schedules.walls import Walls
from foundations_wire.errors import InvalidRequest
from foundations_wire.schedules import CRON_FIELDS, Trigger

_TICK = 1e-6  # seconds: the least by which two moments differ
_SHORTEST = 1.0  # seconds between two runs
_LONGEST = 100 * 366 * 86_400.0
_PAST = 1000 * 86_400.0

After = Callable[[float], float | None]


class Timing:
    """A trigger that is ready to be asked. Moments are seconds since 1970."""

    def __init__(self, zone: ZoneInfo, afters: list[After], bounds: tuple[float, float]) -> None:
        self._zone = zone
        self._afters = afters
        self._start, self._end = bounds

    def after(self, moment: float) -> float | None:
        """Return the first tick later than a moment."""
        asked = max(moment, self._start - _TICK)
        found = [tick for tick in (after(asked) for after in self._afters) if tick is not None]
        return min(found) if found and min(found) <= self._end else None

    def last_before(self, moment: float) -> float | None:
        """Return the last tick earlier than a moment."""
        window = 1.0
        while (found := self.after(moment - window)) is None or found >= moment:
            window *= 2
            if window > _LONGEST:
                return None
        while (later := self.after(found)) is not None and later < moment:
            found = later
        return found

    def label(self, moment: float) -> str:
        """Return what tells a tick from the others of the schedule: its wall-clock time.

        In the hour that the clocks of autumn show twice, `-2` marks the second one.
        """
        local = dt.datetime.fromtimestamp(moment, self._zone)
        return f"{local:%Y%m%d_%H%M%S}{'-2' if local.fold else ''}"


def is_empty(trigger: Trigger) -> bool:
    """Whether it says no times at all."""
    return not trigger.cron and trigger.every is None


@functools.lru_cache(maxsize=1024)
def _find_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise InvalidRequest(
            f"'trigger.timezone' {name[:60]!r} is no time zone that this machine knows; use an "
            f"IANA name such as 'Europe/Berlin'."
        ) from error


def find_local_zone() -> str:
    """Return the name of the server's own zone."""
    return get_localzone_name() or "UTC"


def prepare(trigger: Trigger, anchor: float) -> Timing:
    """Return the timing of a trigger; `anchor` is where an interval without start begins.

    Raises:
        InvalidRequest: it says what cannot be; the sentence names the field.
    """
    zone = _find_zone(trigger.timezone or find_local_zone())
    start = _read_moment("start", trigger.start, zone)
    end = _read_moment("end", trigger.end, zone)
    if start is not None and end is not None and end < start:
        raise InvalidRequest("'trigger.end' must not be before 'trigger.start'.")
    bounds = (-math.inf if start is None else start, math.inf if end is None else end)
    if trigger.every is not None:
        if trigger.cron:
            raise InvalidRequest("A trigger has 'cron' or 'every', not both.")
        return Timing(zone, [_prepare_interval(trigger.every, start, anchor)], bounds)
    return Timing(zone, [_prepare_cron(fields, zone) for fields in _read_cron(trigger)], bounds)


def _prepare_interval(every: float, start: float | None, anchor: float) -> After:
    if not _SHORTEST <= every <= _LONGEST:
        raise InvalidRequest(f"'trigger.every' must be at least 1 second, not {every:g}.")
    if start is None:  # the clock may have been wrong, far ahead, when the schedule was made
        start = anchor - every * math.ceil(_PAST / every)
    first = dt.datetime.fromtimestamp(start, dt.UTC)
    trigger = IntervalTrigger(seconds=every, start_date=first, timezone=dt.UTC)

    def after(moment: float) -> float | None:
        return _ask(trigger, moment)

    return after


def _prepare_cron(fields: dict[str, str], zone: ZoneInfo) -> After:
    trigger = CronTrigger(**fields, timezone=dt.UTC)
    has_hours = "*" not in fields.get("hour", "*")
    return Walls(zone, lambda wall: _ask(trigger, wall), is_once_a_day=has_hours).after


def _ask(trigger: CronTrigger | IntervalTrigger, moment: float) -> float | None:
    try:
        asked = dt.datetime.fromtimestamp(moment, dt.UTC) + dt.timedelta(microseconds=1)
        found = trigger.get_next_fire_time(None, asked)
    except (OverflowError, ValueError):  # past the last year that there is
        return None
    return None if found is None else float(found.timestamp())


def _read_cron(trigger: Trigger) -> list[dict[str, str]]:
    if isinstance(trigger.cron, str):
        found = read_crontab(trigger.cron)
    else:
        found = [_read_fields(trigger.cron or {})]
    for fields in found:
        for name, value in fields.items():
            _check_field(name, value)
    return found


def _read_fields(fields: dict[str, Any]) -> dict[str, str]:
    for name, value in fields.items():
        if name not in CRON_FIELDS:
            known = ", ".join(CRON_FIELDS)
            raise InvalidRequest(f"'trigger.cron.{name[:60]}' is not known; known are {known}.")
        if value is not None and (isinstance(value, bool) or not isinstance(value, (str, int))):
            raise InvalidRequest(f"'trigger.cron.{name}' must be text or a whole number.")
    return {name: str(value) for name, value in fields.items() if value is not None}


def _check_field(name: str, value: str) -> None:
    what = f"'trigger.cron.{name}' cannot be {value[:60]!r}"
    # The parser itself is satisfied when the beginning of a part fits.
    if re.search(r"last\w|[^\w\s*/,-]|^$", value):
        raise InvalidRequest(f"{what}: it is no expression of cron.")
    try:
        CronTrigger(**{name: value}, timezone=dt.UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidRequest(f"{what}: {error}.") from error


def _read_moment(name: str, text: str | None, zone: ZoneInfo) -> float | None:
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
        local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return local.timestamp()
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(
            f"'trigger.{name}' must be a moment such as '2031-05-02T09:00:00', not {text[:60]!r}."
        ) from error
