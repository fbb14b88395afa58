"""When triggers run: fields, crontab lines, intervals, zones, and the changes of the clocks."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundations_server.schedules.planning import MAX_COUNTED, plan
from foundations_server.schedules.triggers import Timing, prepare
from foundations_wire.errors import InvalidRequest
from foundations_wire.schedules import CatchUp, Trigger

BERLIN = "Europe/Berlin"


def moment(text: str, zone: str = BERLIN) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def iterate(timing: Timing, start: float) -> Iterator[float]:
    while (found := timing.after(start)) is not None:
        start = found
        yield found


def list_ticks(trigger: Trigger, after: str, count: int) -> list[str]:
    """Return the labels of the next ticks, without the year, `MMDD_HHMMSS`."""
    timing = prepare(trigger, moment(after, trigger.timezone or BERLIN))
    start = moment(after, trigger.timezone or BERLIN)
    return [timing.label(tick)[4:] for tick in itertools.islice(iterate(timing, start), count)]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ({"hour": 3}, ["0502_030000", "0503_030000"]),
        ({"hour": "3"}, ["0502_030000", "0503_030000"]),
        ({"second": "*/2"}, ["0501_120002", "0501_120004"]),
        ({"minute": "*/30"}, ["0501_123000", "0501_130000"]),
        ({"day": "last", "hour": 1}, ["0531_010000", "0630_010000"]),
        ({"day_of_week": 0}, ["0505_000000", "0512_000000"]),  # Monday
        ({"day": "1st fri"}, ["0502_000000", "0606_000000"]),
        ({"month": 1, "year": None}, ["0101_000000", "0101_000000"]),
        ("0 3 * * *", ["0502_030000", "0503_030000"]),
        ("30 8 * * 1-5", ["0502_083000", "0505_083000"]),
        ("0 0 * * 0", ["0504_000000", "0511_000000"]),  # Sunday, as in cron
        ("0 0 * * 7", ["0504_000000", "0511_000000"]),
        ("0 0 * * fri-sun", ["0502_000000", "0503_000000"]),
        ("0 0 13 * fri", ["0502_000000", "0509_000000"]),  # on both, as in cron
        ("@daily", ["0502_000000", "0503_000000"]),
    ],
)
def test_cron_runs_at_the_times_that_it_names(cron: Any, expected: list[str]) -> None:
    assert list_ticks(Trigger(cron=cron, timezone=BERLIN), "2031-05-01T12:00:00", 2) == expected


@pytest.mark.parametrize(
    ("cron", "day", "expected"),
    [
        # 2031-03-30: at 02:00 the clocks go to 03:00.
        ({"hour": 2, "minute": 30}, "2031-03-29T12:00", ["0330_033000", "0331_023000"]),
        ("30 * * * *", "2031-03-30T00:40", ["0330_013000", "0330_033000", "0330_043000"]),
        ("0 0 * * *", "2031-03-29T12:00", ["0330_000000", "0331_000000", "0401_000000"]),
        ({"hour": "2,3", "minute": 0}, "2031-03-30T01:00", ["0330_030000", "0331_020000"]),
        # 2031-10-26: at 03:00 the clocks go back to 02:00.
        ({"hour": 2, "minute": 30}, "2031-10-25T12:00", ["1026_023000", "1027_023000"]),
        ("30 * * * *", "2031-10-26T01:40",
         ["1026_023000", "1026_023000-2", "1026_033000"]),
        ("0 0 * * *", "2031-10-25T12:00", ["1026_000000", "1027_000000"]),
    ],
)  # fmt: skip
def test_cron_runs_once_a_day_and_each_hour_when_the_clocks_change(
    cron: Any, day: str, expected: list[str]
) -> None:
    trigger = Trigger(cron=cron, timezone=BERLIN)

    assert list_ticks(trigger, day, len(expected)) == expected


@pytest.mark.parametrize("zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "UTC"])
@settings(max_examples=25, deadline=None)
@given(hour=st.integers(0, 23), minute=st.integers(0, 59), start=st.integers(0, 365))
def test_a_daily_time_comes_on_each_day_once_in_every_zone(
    zone: str, hour: int, minute: int, start: int
) -> None:
    timing = prepare(Trigger(cron={"hour": hour, "minute": minute}, timezone=zone), 0)
    first = moment("2031-01-01T00:00:00", zone) + start * 86_400

    days = [timing.label(tick)[:8] for tick in itertools.islice(iterate(timing, first), 60)]

    ordinals = [dt.datetime.strptime(day, "%Y%m%d").toordinal() for day in days]  # noqa: DTZ007
    assert ordinals == list(range(ordinals[0], ordinals[0] + 60))


def test_each_second_comes_once_across_both_changes_of_the_clocks() -> None:
    timing = prepare(Trigger(cron={"second": "*"}, timezone=BERLIN), 0)
    for text in ("2031-03-30T01:59:30", "2031-10-26T01:59:30"):
        start = moment(text)

        ticks = list(itertools.islice(iterate(timing, start), 4000))

        assert ticks == [start + number for number in range(1, 4001)]
        assert len({timing.label(tick) for tick in ticks}) == 4000


def test_an_interval_counts_from_its_start() -> None:
    trigger = Trigger(every=90, timezone=BERLIN, start="2031-05-01T12:00:00")

    ticks = list_ticks(trigger, "2031-05-01T11:00:00", 3)

    assert ticks == ["0501_120000", "0501_120130", "0501_120300"]


def test_an_interval_without_a_start_counts_from_its_anchor() -> None:
    timing = prepare(Trigger(every=1.5), 1000.25)

    ticks = list(itertools.islice(iterate(timing, 1000.25), 3))

    assert ticks == [1001.75, 1003.25, 1004.75]


def test_nothing_comes_before_the_start_or_after_the_end() -> None:
    trigger = Trigger(
        cron="0 3 * * *", timezone=BERLIN, start="2031-05-03", end="2031-05-05T01:00:00Z"
    )

    assert list_ticks(trigger, "2031-05-01T00:00", 9) == [
        "0503_030000",
        "0504_030000",
        "0505_030000",
    ]


@pytest.mark.parametrize(
    ("trigger", "named"),
    [
        (Trigger(cron={"hour": 99}), "'trigger.cron.hour' cannot be '99'"),
        (Trigger(cron={"minute": "abc"}), "'trigger.cron.minute' cannot be 'abc'"),
        (Trigger(cron={"second": "*/0"}), "'trigger.cron.second' cannot be '*/0'"),
        (Trigger(cron={"day": "lastx"}), "'trigger.cron.day' cannot be 'lastx'"),
        (Trigger(cron={"hour": True}), "'trigger.cron.hour' must be text or a whole number"),
        (Trigger(cron={"century": 21}), "'trigger.cron.century' is not known"),
        (Trigger(cron="0 3 * *"), "'trigger.cron' needs five fields"),
        (Trigger(cron="0 3 * * 9"), "'trigger.cron' has the weekday '9'"),
        (Trigger(cron="61 3 * * *"), "'trigger.cron.minute' cannot be '61'"),
        (Trigger(every=0.2), "'trigger.every' must be at least 1 second, not 0.2"),
        (Trigger(every=float("nan")), "'trigger.every'"),
        (Trigger(every=5, cron="0 3 * * *"), "'cron' or 'every', not both"),
        (Trigger(cron="0 3 * * *", timezone="Mars/Olympus"), "'trigger.timezone' 'Mars/Olympus'"),
        (Trigger(cron="0 3 * * *", timezone="../etc"), "'trigger.timezone'"),
        (Trigger(cron="0 3 * * *", start="soon"), "'trigger.start' must be a moment"),
        (Trigger(every=5, start="2031-05-02", end="2031-05-01"), "'trigger.end'"),
    ],
)
def test_a_trigger_that_cannot_be_is_refused_and_its_field_named(
    trigger: Trigger, named: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        prepare(trigger, 0)

    assert named in caught.value.message


def test_a_date_that_never_comes_has_no_tick() -> None:
    assert prepare(Trigger(cron="0 0 30 2 *", timezone="UTC"), 0).after(1.9e9) is None


@pytest.mark.parametrize(("catch_up", "due"), [(CatchUp.NONE, []), (CatchUp.LATEST, [1040.0])])
def test_ticks_that_were_missed_are_counted_and_the_latest_may_run(
    catch_up: CatchUp, due: list[float]
) -> None:
    timing = prepare(Trigger(every=10, timezone="UTC"), 1000)

    planned = plan(timing, 1020, 1045, since=1044, catch_up=catch_up)

    assert (planned.due, planned.next_at) == (due, 1050)
    assert planned.skipped == 3 - len(due)


def test_ticks_since_somebody_watched_are_all_due() -> None:
    timing = prepare(Trigger(every=10, timezone="UTC"), 1000)

    planned = plan(timing, 1020, 1045, since=1029, catch_up=CatchUp.NONE)

    assert (planned.due, planned.skipped, planned.next_at) == ([1030, 1040], 1, 1050)


def test_a_long_absence_is_counted_up_to_a_bound_and_its_latest_tick_is_found() -> None:
    timing = prepare(Trigger(cron={"second": "*/2"}, timezone="UTC"), 0)
    now = 1.9e9 + 10 * 86_400

    planned = plan(timing, 1.9e9, now + 1, since=now + 1, catch_up=CatchUp.LATEST)

    assert planned.due == [now]
    assert (planned.skipped, planned.next_at) == (MAX_COUNTED - 1, now + 2)
