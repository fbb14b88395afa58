"""A client's clock that is wrong or jumps changes neither order nor signs (R14)."""

from __future__ import annotations

import json

import pytest

from foundations_client.client import Client
from support.points import find_metric, value_of
from support.scripts import Desk

# Comes before everything else in the script, so that whoever asks for the time gets ours. The
# clock that never jumps (time.monotonic) is left alone, as on a real machine.
CLOCK = """
import time
_time, _time_ns = time.time, time.time_ns
offset = 0.0
time.time = lambda: _time() + offset
time.time_ns = lambda: _time_ns() + int(offset * 1e9)
"""
SCRIPT = """
import time, wrong_clock
wrong_clock.offset = {first}
import foundations
for number in range(3000):
    if number % 1000 == 500:
        wrong_clock.offset += {step}
    foundations.log_metric("loss", (number * 7919 % 1000003) / 7)
    if number == 1500:
        foundations.log_param("last", "old")
        foundations.set_tag("last", "old")
wrong_clock.offset += {step}
foundations.log_param("last", "new")
foundations.set_tag("last", "new")
"""
DAY, HOUR = 86_400, 3600
CLOCKS: dict[str, tuple[int | str, int]] = {
    "ten days behind": (-10 * DAY, 0),
    "ten days ahead": (10 * DAY, 0),
    "steps back an hour": (0, -HOUR),
    "steps ahead an hour": (0, HOUR),
    "1970": ("10 - time.time()", 0),  # a machine without a battery
    "after 2262": (300 * 365 * DAY, 0),
}


@pytest.mark.parametrize("kind", CLOCKS)
def test_order_is_kept_and_no_time_is_negative_when_the_clock_is_wrong(
    desk: Desk, client: Client, kind: str
) -> None:
    first, step = CLOCKS[kind]
    job_id = kind.replace(" ", "-")
    desk.write("wrong_clock.py", CLOCK)

    ran = desk.run_source(SCRIPT.format(first=first, step=step), FOUNDATIONS_JOB_ID=job_id)

    job, series = client.jobs.get(job_id), client.jobs.series(job_id, "loss")
    print(json.dumps({"created": job.created_at, "seconds": job.duration_seconds}))
    assert ran.code == 0, ran
    assert job.status.value == "completed", ran
    assert series.steps == list(range(3000))
    assert series.values == [value_of(number) for number in range(3000)]
    assert (job.params["last"], job.tags["last"]) == ("new", "new")
    assert job.duration_seconds is not None
    assert job.duration_seconds >= 0
    assert not list((desk.home / "journal").glob("*"))


def test_the_latest_value_wins_when_the_clock_stepped_back(desk: Desk, client: Client) -> None:
    desk.write("wrong_clock.py", CLOCK)
    source = """
        import wrong_clock, foundations
        foundations.log_metric("loss", 1.0)
        foundations.log_param("rate", 1)
        wrong_clock.offset = -3600
        foundations.log_metric("loss", 2.0)
        foundations.log_param("rate", 2)
    """

    desk.run_source(source, FOUNDATIONS_JOB_ID="latest")

    loss = find_metric(client, "latest", "loss")
    assert loss is not None
    assert loss.last == 2.0
    assert client.jobs.get("latest").params == {"rate": 2}
