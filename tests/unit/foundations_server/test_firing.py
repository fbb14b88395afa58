"""Ticks: each once, across restarts, jumps of the clock and runs that go on (R36, R37)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from foundations_server.app import Atlas
from foundations_server.platform.clock import FakeClock
from foundations_wire.jobs import JobStatus
from foundations_wire.schedules import CatchUp, ScheduleStatus, ScheduleUpdate, Trigger
from foundations_wire.times import to_iso
from support.app_transport import running_app
from support.scenes import Scene
from support.scheduling import check_schedules, make_schedule

DAY = 86_400.0


def every(seconds: float, *, catch_up: CatchUp = CatchUp.NONE, overlap: bool = True) -> Trigger:
    return Trigger(every=seconds, timezone="UTC", catch_up=catch_up, overlap=overlap)


def list_labels(scene: Scene) -> list[str]:
    return sorted(job.id for job in scene.client.schedules.runs("s1", limit=500).items)


@dataclass
class JumpingClock(FakeClock):
    """Its wall clock is set forth and back; its monotonic one is not."""

    offset: float = 0.0

    def now(self) -> float:
        return self.seconds + self.offset


@pytest.fixture
def jumping(tmp_path: Path) -> Iterator[Scene]:
    clock = JumpingClock()
    with running_app(tmp_path / "jumping", clock=clock) as transport:
        yield Scene(transport, clock, tmp_path / "jumping")


def test_every_tick_since_the_last_look_gets_its_run(scene: Scene) -> None:
    make_schedule(scene, "s1", every(10))

    scene.clock.advance(35)
    check_schedules(scene)
    check_schedules(scene)

    assert len(list_labels(scene)) == 3
    assert scene.client.schedules.get("s1").skipped == 0


def test_the_last_run_is_told_by_its_planned_time(scene: Scene) -> None:
    start = scene.clock.now()
    make_schedule(scene, "s1", every(10))

    scene.clock.advance(13)
    check_schedules(scene)

    assert scene.client.schedules.get("s1").last_run == to_iso(start + 10)


def test_a_tick_is_skipped_and_counted_while_the_run_before_has_not_ended(scene: Scene) -> None:
    make_schedule(scene, "s1", every(10, overlap=False))
    for _ in range(3):
        scene.clock.advance(10)
        check_schedules(scene)
    held_back = scene.client.schedules.get("s1")

    scene.client.jobs.stop(held_back.unfinished[0])
    scene.clock.advance(10)
    check_schedules(scene)

    after = scene.client.schedules.get("s1")
    assert (held_back.runs, held_back.skipped) == (1, 2)
    assert (after.runs, after.skipped) == (2, 2)


@pytest.mark.parametrize(
    ("catch_up", "runs", "skipped"), [(CatchUp.NONE, 0, 3), (CatchUp.LATEST, 1, 2)]
)
def test_ticks_of_a_server_that_was_down_are_caught_up_as_configured(
    scene: Scene, catch_up: CatchUp, runs: int, skipped: int
) -> None:
    start = scene.clock.now()
    make_schedule(scene, "s1", every(3600, catch_up=catch_up))
    scene.transport.close()
    clock = FakeClock(start + 3 * 3600 + 60)

    with running_app(scene.home, clock=clock) as transport:
        again = Scene(transport, clock, scene.home)
        check_schedules(again)
        after = again.client.schedules.get("s1")

        assert (after.runs, after.skipped) == (runs, skipped)
        assert after.next_runs[0] == to_iso(start + 4 * 3600)
        assert after.last_run == (to_iso(start + 3 * 3600) if runs else None)


@pytest.mark.parametrize(("catch_up", "runs"), [(CatchUp.NONE, 0), (CatchUp.LATEST, 1)])
def test_ticks_that_the_clock_jumps_over_are_missed_ones(
    jumping: Scene, catch_up: CatchUp, runs: int
) -> None:
    make_schedule(jumping, "s1", every(3600, catch_up=catch_up))
    assert isinstance(jumping.clock, JumpingClock)

    jumping.clock.offset = 10 * DAY + 60
    check_schedules(jumping)
    check_schedules(jumping)

    after = jumping.client.schedules.get("s1")
    assert (after.runs, after.skipped) == (runs, 240 - runs)


def test_each_tick_runs_once_when_the_clock_is_set_forth_and_back_again(jumping: Scene) -> None:
    make_schedule(jumping, "s1", every(10))
    assert isinstance(jumping.clock, JumpingClock)
    for offset in (0.0, 10 * DAY, 0.0, -10 * DAY, 0.0, 3600.0, -3600.0, 0.0):
        jumping.clock.offset = offset
        for _ in range(20):
            jumping.clock.advance(1)
            check_schedules(jumping)

    labels = list_labels(jumping)
    assert len(labels) == len(set(labels))
    assert jumping.client.schedules.get("s1").runs == len(labels)
    # 160 s passed and each stretch of 20 s of any time has its two ticks.
    assert len(labels) == 16


def test_a_schedule_goes_on_at_once_when_a_wrong_clock_is_set_back(jumping: Scene) -> None:
    start = jumping.clock.now()
    make_schedule(jumping, "s1", Trigger(cron="0 3 * * *", timezone="UTC"))
    assert isinstance(jumping.clock, JumpingClock)
    first = jumping.client.schedules.get("s1").next_runs
    jumping.clock.offset = 10 * DAY
    check_schedules(jumping)

    jumping.clock.offset = 0.0
    check_schedules(jumping)

    assert jumping.clock.now() == start
    assert jumping.client.schedules.get("s1").next_runs == first


def test_a_tick_that_is_over_is_not_run_again_when_the_clock_steps_back(jumping: Scene) -> None:
    make_schedule(jumping, "s1", every(10))
    assert isinstance(jumping.clock, JumpingClock)
    jumping.clock.advance(11)
    check_schedules(jumping)
    for step in (-0.5, -3.0, -5.0):
        jumping.clock.offset = step
        check_schedules(jumping)
        jumping.clock.advance(1)

    jumping.clock.offset = 0
    check_schedules(jumping)

    assert len(list_labels(jumping)) == 1


def test_an_update_between_the_look_and_the_run_wins(scene: Scene) -> None:
    make_schedule(scene, "s1", every(10))
    scene.clock.advance(10)

    scene.client.schedules.update("s1", ScheduleUpdate(every(3600)))
    check_schedules(scene)

    assert list_labels(scene) == []
    assert scene.client.schedules.get("s1").status is ScheduleStatus.ACTIVE


def test_a_schedule_whose_zone_is_gone_is_paused_and_the_others_go_on(scene: Scene) -> None:
    make_schedule(scene, "s1", every(10))
    make_schedule(scene, "bad", every(10))
    app = scene.transport.app
    assert isinstance(app, Atlas)
    app.parts.database.write(
        lambda connection: connection.exec_driver_sql(
            'UPDATE schedules SET trigger = \'{"every":10,"timezone":"Old/Zone"}\' '
            "WHERE id = 'bad'"
        )
    )
    scene.clock.advance(10)

    check_schedules(scene)

    states = {view.id: view.status for view in scene.client.schedules.list().items}
    assert states == {"s1": ScheduleStatus.ACTIVE, "bad": ScheduleStatus.PAUSED}
    assert len(list_labels(scene)) == 1


def test_a_run_waits_in_the_queue_like_any_job_and_obeys_stop(scene: Scene) -> None:
    make_schedule(scene, "s1", every(10))
    scene.submit("before")
    scene.clock.advance(10)
    check_schedules(scene)
    run = list_labels(scene)[0]

    order = [job.id for job in scene.client.queue.get().waiting]
    stopped = scene.client.jobs.stop(run)

    assert order == ["before", run]
    assert stopped.status is JobStatus.STOPPED
