"""Lines as they stand in a crontab, in the fields of triggers."""

from __future__ import annotations

import re

from foundations_wire.errors import InvalidRequest

_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NICKNAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_PART = re.compile(r"(?:(\*)|(\w+)(?:-(\w+))?)(?:/(\d+))?")


def expand(line: str) -> str:
    """Return the five fields that a nickname such as `@daily` stands for; others as they are."""
    return _NICKNAMES.get(line.strip().lower(), line)


def read_crontab(line: str) -> list[dict[str, str]]:
    """Return the fields of a line; it runs when one of them fits.

    As in cron, Sunday is 0 and 7, and a line with a day of the month and a weekday runs on
    both.

    Raises:
        InvalidRequest: it has not five fields, or a weekday that is none.
    """
    words = expand(line).split()
    if len(words) != len(_FIELDS):
        raise InvalidRequest(
            f"'trigger.cron' needs five fields (minute, hour, day, month, weekday) such as "
            f"'0 3 * * *', not {line[:60]!r}."
        )
    fields = dict(zip(_FIELDS, words, strict=True))
    fields["day_of_week"] = _read_weekdays(words[4])
    if "*" in (fields["day"][0], fields["day_of_week"][0]):
        return [fields]
    return [{**fields, "day": "*"}, {**fields, "day_of_week": "*"}]


def _read_weekdays(text: str) -> str:
    """Return the weekdays by their names, for their numbers differ from those of triggers."""
    if text == "*":
        return text
    days: set[int] = set()
    for part in text.lower().split(","):
        days |= _read_part(part, text)
    return ",".join(_WEEKDAYS[day] for day in sorted(days))


def _read_part(part: str, text: str) -> set[int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise _refuse(text)
    star, first, last, step = match.groups()
    start = 0 if star else _read_day(first, text)
    end = 6 if star or (step and not last) else _read_day(last or first, text)
    if end < start and end == 0:  # fri-sun
        end = 7
    if end < start or step == "0":
        raise _refuse(text)
    return {day % 7 for day in range(start, end + 1, int(step or 1))}


def _read_day(word: str, text: str) -> int:
    if word in _WEEKDAYS:
        return _WEEKDAYS.index(word)
    if word.isdecimal() and int(word) <= 7:
        return int(word)
    raise _refuse(text)


def _refuse(text: str) -> InvalidRequest:
    return InvalidRequest(
        f"'trigger.cron' has the weekday {text[:60]!r}; use 0 to 7 (Sunday is both) or "
        f"{', '.join(_WEEKDAYS)}."
    )
