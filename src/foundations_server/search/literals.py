"""Numbers, durations and times as they are written in a filter."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SPECIAL = {"nan": math.nan} | {
    f"{sign}{word}": math.inf if sign != "-" else -math.inf
    for sign in ("", "+", "-")
    for word in ("inf", "infinity")
}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PIECE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(s|m|h|d|w)", re.ASCII)
_DURATION = re.compile(rf"(?:{_PIECE.pattern})+", re.ASCII)
_DAY, _MINUTE, _ZONE = r"\d{4}-\d{2}-\d{2}", r"[T ]\d{2}:\d{2}", r"(Z|[+-]\d{2}:?\d{2})?"
_DATE = re.compile(_DAY, re.ASCII)
_TO_MINUTE = re.compile(f"{_DAY}{_MINUTE}{_ZONE}", re.ASCII)
_TO_SECOND = re.compile(rf"{_DAY}{_MINUTE}:\d{{2}}{_ZONE}", re.ASCII)
_TO_FRACTION = re.compile(rf"{_DAY}{_MINUTE}:\d{{2}}\.\d{{1,6}}{_ZONE}", re.ASCII)
_MAX_DIGITS = 400  # of a whole number; Python reads longer ones slowly, or not at all


@dataclass(frozen=True)
class Moment:
    """The stretch of time that a text names, in seconds since 1970; `2026-01-02` is a day.

    `end` is not part of it; a single instant has `end == start`.
    """

    start: float
    end: float


def read_number(text: str) -> int | float | None:
    """Return the number, or None when it is none."""
    special = _SPECIAL.get(text.lower())
    if special is not None:
        return special
    if not _NUMBER.fullmatch(text) or len(text) > _MAX_DIGITS:
        return None
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def is_nan(number: int | float) -> bool:  # noqa: PYI041 - a whole number is no float here
    """Whether it is nan; math.isnan refuses whole numbers beyond all doubles."""
    return not isinstance(number, int) and math.isnan(number)


def read_duration(text: str) -> float | None:
    """Return the seconds of `90s`, `1h30m`, `7d` or a plain number; None for other texts."""
    if _DURATION.fullmatch(text):
        return sum(float(number) * _UNITS[unit] for number, unit in _PIECE.findall(text))
    number = read_number(text)
    try:
        return None if number is None or is_nan(number) else float(number)
    except OverflowError:
        return None


def read_time(text: str, now: float) -> Moment | None:
    """Return what an ISO time, `today`, `yesterday`, `now` or `-7d` means; None for others.

    A time without a zone is one of the server's clock.
    """
    word = text.lower()
    if word == "now":
        return Moment(now, now)
    if word in ("today", "yesterday"):
        day = datetime.fromtimestamp(now).date()  # noqa: DTZ006 - the server's own day
        return _read_day((day - timedelta(days=word == "yesterday")).isoformat())
    if text[:1] in ("-", "+") and _DURATION.fullmatch(text[1:]):
        seconds = read_duration(text[1:]) or 0.0
        at = now - seconds if text[0] == "-" else now + seconds
        return Moment(at, at)
    if _DATE.fullmatch(text):
        return _read_day(text)
    for form, width in ((_TO_MINUTE, 60.0), (_TO_SECOND, 1.0), (_TO_FRACTION, 0.0)):
        if form.fullmatch(text):
            return _read_iso(text, width)
    return None


def _read_day(text: str) -> Moment | None:
    try:
        first = datetime.fromisoformat(text)
        return Moment(_seconds(first), _seconds(first + timedelta(days=1)))
    except (ValueError, OverflowError, OSError):
        return None


def _read_iso(text: str, width: float) -> Moment | None:
    try:
        start = _seconds(datetime.fromisoformat(text))
    except (ValueError, OverflowError, OSError):
        return None
    return Moment(start, start + width)


def _seconds(moment: datetime) -> float:
    return moment.timestamp()
