"""Servers killed over the ticks of schedules lose none while they are up and double none (R37)."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_wire.jobs import JobSpec
from foundations_wire.schedules import (
    CatchUp,
    ScheduleSpec,
    ScheduleStatus,
    ScheduleUpdate,
    ScheduleView,
    Trigger,
)
from foundations_wire.times import from_iso
from support.rounds import pick
from support.server import Server, running_server
from support.waiting import wait_until

JOB = JobSpec("birds", ["main.py"])
MARGIN_S = 0.7  # from a tick until its job is surely stored


def each_second(catch_up: CatchUp = CatchUp.NONE) -> Trigger:
    return Trigger(cron={"second": "*"}, timezone="UTC", catch_up=catch_up, overlap=True)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "home") as lent:
        yield lent


def list_ticks(client: Client, schedule_id: str) -> list[int]:
    """Return the planned times of the runs, as their ids tell them."""
    ids: list[str] = []
    while (page := client.schedules.runs(schedule_id, limit=500, offset=len(ids))).items:
        ids += [job.id for job in page.items]
    moments = [datetime.strptime(name[-15:], "%Y%m%d_%H%M%S") for name in ids]  # noqa: DTZ007
    return sorted(int(moment.replace(tzinfo=UTC).timestamp()) for moment in moments)


def pause_and_look(client: Client, schedule_id: str) -> ScheduleView:
    """Pause a schedule, so that what it tells stands still."""
    client.schedules.pause(schedule_id)
    return client.schedules.get(schedule_id)


def wait_for_death(server: Server) -> None:
    process = server.process
    assert process is not None
    wait_until(lambda: process.poll() is not None, "it died at the place")


def restart(server: Server) -> float:
    """Start a killed server and return the moment from which on it was there."""
    server.start()
    return time.time()


def test_each_tick_of_an_up_server_runs_once_when_it_is_killed_at_random(
    own_server: Server, dice: random.Random
) -> None:
    client = own_server.connect()
    client.schedules.create("s1", ScheduleSpec(JOB, each_second()))
    client.schedules.create("paused", ScheduleSpec(JOB, each_second(), paused=True))
    first = from_iso(client.schedules.get("s1").next_runs[0] or "")
    stretches, begin = [], time.time()

    for _ in range(pick(3, 40)):
        time.sleep(dice.uniform(0.3, 3.5))
        stretches.append((begin, time.time()))
        own_server.kill()
        begin = restart(own_server)
    time.sleep(1 + MARGIN_S)
    stretches.append((begin, time.time()))
    client = own_server.connect()
    last = pause_and_look(client, "s1")

    ticks = list_ticks(client, "s1")
    must = [
        tick
        for since, until in stretches
        for tick in range(int(max(since, first - 1)) + 1, int(until - MARGIN_S) + 1)
    ]
    print(json.dumps({"kills": len(stretches) - 1, "ticks": len(ticks), "must": len(must),
                      "skipped": last.skipped}))  # fmt: skip
    assert len(must) > len(stretches) / 2
    assert len(ticks) == len(set(ticks)) == last.runs
    assert sorted(set(must) - set(ticks)) == []
    # Each tick from the first to the last one is a run or was counted as missed.
    assert last.last_run is not None
    assert last.runs + last.skipped == int(from_iso(last.last_run) - first) + 1
    assert client.schedules.get("paused").status is ScheduleStatus.PAUSED
    assert list_ticks(client, "paused") == []


@pytest.mark.parametrize(("catch_up", "caught"), [(CatchUp.NONE, 0), (CatchUp.LATEST, 1)])
def test_ticks_of_a_server_that_is_down_are_caught_up_as_configured(
    own_server: Server, catch_up: CatchUp, caught: int
) -> None:
    client = own_server.connect()
    client.schedules.create("s1", ScheduleSpec(JOB, each_second(catch_up)))
    wait_until(lambda: list_ticks(client, "s1"), "the first run is there")

    own_server.kill()
    down = time.time()
    wait_until(lambda: time.time() > down + 4, "three ticks are over")
    up = time.time()
    restart(own_server)
    client = own_server.connect()
    wait_until(lambda: list_ticks(client, "s1")[-1] > up + 1, "the schedule goes on")
    last = pause_and_look(client, "s1")

    # The server begins to watch somewhere between `up` and its first answer: what was over
    # before `up` was surely missed, and the one that is caught up is the last of those.
    early = [tick for tick in list_ticks(client, "s1") if down < tick <= up]
    assert len(early) <= caught
    assert last.skipped >= 3 - caught
    ticks = list_ticks(client, "s1")
    assert last.skipped + last.runs == ticks[-1] - ticks[0] + 1


@pytest.mark.parametrize("place", ["schedule.before_fire", "schedule.after_fire"])
def test_no_tick_is_doubled_when_the_server_dies_beside_its_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    home = tmp_path / "home"
    with running_server(home) as server:
        spec = ScheduleSpec(JOB, each_second(CatchUp.LATEST))
        first = from_iso(server.connect().schedules.create("s1", spec).next_runs[0] or "")
        for _ in range(pick(2, 10)):
            server.kill()
            monkeypatch.setenv("FOUNDATIONS_FAILPOINTS", f"{place}=kill@2")
            server.start()
            wait_for_death(server)
            monkeypatch.delenv("FOUNDATIONS_FAILPOINTS")
            server.start()
        client = server.connect()
        wait_until(lambda: len(list_ticks(client, "s1")) > 1, "the schedule goes on")
        last = pause_and_look(client, "s1")

        ticks = list_ticks(client, "s1")
        assert len(ticks) == len(set(ticks)) == last.runs
        assert last.runs + last.skipped == ticks[-1] - int(first) + 1


def test_an_edit_during_a_kill_is_there_whole_or_not_at_all(
    own_server: Server, dice: random.Random
) -> None:
    client = own_server.connect()
    client.schedules.create("s1", ScheduleSpec(JOB, each_second()))
    triggers = [each_second(), each_second(CatchUp.LATEST)]
    acknowledged = triggers[0]

    for number in range(pick(3, 40)):
        wanted = triggers[number % 2]
        client = own_server.connect()
        time.sleep(dice.uniform(0, 0.3))
        client.schedules.update("s1", ScheduleUpdate(trigger=wanted))
        acknowledged = wanted
        time.sleep(dice.uniform(0, 0.01))
        own_server.kill()
        own_server.start()

        view = own_server.connect().schedules.get("s1")
        assert view.trigger == acknowledged
        assert view.status is ScheduleStatus.ACTIVE
