"""The helper of the original for schedules, on a server in this process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import foundations
from foundations_wire.jobs import JobSpec
from support.scenes import Scene, open_scene
from support.scheduling import check_schedules

SPEC = {"command": ["main.py"], "environment": {"SEED": 7, "FOUNDATIONS_TOKEN": None}}
OF_BIRDS = {"project_name": "birds", "username": "ada"}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with open_scene(tmp_path / "server-home") as opened:
        yield opened


@pytest.fixture
def scheduler(scene: Scene) -> foundations.CronJobScheduler:
    return foundations.CronJobScheduler(client=scene.client)


@pytest.mark.scenario(50)
def test_an_entry_has_the_shape_of_the_original(
    scene: Scene, scheduler: foundations.CronJobScheduler
) -> None:
    made = scheduler.schedule_job("s1", SPEC, {"second": "*/2"}, OF_BIRDS, {"num_gpus": 0})

    entry = scheduler.get_job("s1")["s1"]

    now = int(scene.clock.now())
    assert made == "s1"
    assert sorted(entry) == ["next_run_time", "properties", "schedule", "status"]
    assert entry["next_run_time"] == [now + 2, now + 4, now + 6]
    assert entry["status"] == "active"
    assert entry["schedule"] == {
        "year": "*", "month": "*", "day": "*", "week": "*", "day_of_week": "*", "hour": "*",
        "minute": "*", "second": "*/2", "start_date": None, "end_date": None,
    }  # fmt: skip
    assert sorted(entry["properties"]) == ["gpu_spec", "job_id", "metadata", "spec"]
    assert entry["properties"]["metadata"] == OF_BIRDS
    assert entry["properties"]["spec"]["environment"] == {"SEED": "7"}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"hour": 3}, {"hour": "3", "minute": "0", "second": "0", "day": "*"}),
        ({"day": 2}, {"hour": "0", "day": "2", "month": "*"}),
        ({"cron": "0 3 * * 1"}, {"hour": "3", "minute": "0", "second": "0", "day_of_week": "1"}),
        ({"cron": "@daily"}, {"hour": "0", "minute": "0", "second": "0", "day": "*"}),
        ({"every": 90}, {"every": 90.0}),
    ],
)
def test_fields_that_were_not_given_are_told_as_they_count(
    scheduler: foundations.CronJobScheduler,
    schedule: dict[str, object],
    expected: dict[str, object],
) -> None:
    scheduler.schedule_job("s1", SPEC, schedule, OF_BIRDS)

    told = scheduler.get_job("s1")["s1"]["schedule"]

    assert {key: told[key] for key in expected} == expected


@pytest.mark.scenario(51)
def test_an_empty_schedule_is_paused_and_runs_after_update_and_resume(
    scene: Scene, scheduler: foundations.CronJobScheduler
) -> None:
    scheduler.schedule_job("s1", SPEC, {}, OF_BIRDS)
    empty = scheduler.get_job("s1")["s1"]

    scheduler.update_job_schedule("s1", {"second": "*/2"})
    scheduler.resume_job("s1")
    scene.clock.advance(2)
    check_schedules(scene)

    assert (empty["status"], empty["next_run_time"]) == ("paused", [None] * 3)
    assert scheduler.get_job("s1")["s1"]["status"] == "active"
    assert len(scene.client.schedules.runs("s1").items) == 1


@pytest.mark.scenario(52)
def test_pause_and_resume_may_be_said_twice(scheduler: foundations.CronJobScheduler) -> None:
    scheduler.schedule_job("s1", JobSpec("birds", ["main.py"]), {"hour": 3})
    states = []
    for act in (scheduler.pause_job, scheduler.resume_job):
        act("s1")
        act("s1")
        states.append(scheduler.get_jobs()["s1"]["status"])

    scheduler.delete_job("s1")

    assert states == ["paused", "active"]
    assert scheduler.get_jobs() == {}


@pytest.mark.scenario(53)
def test_what_the_server_refuses_is_raised_with_its_sentence(
    scheduler: foundations.CronJobScheduler,
) -> None:
    refused = foundations.CronJobSchedulerError
    with pytest.raises(refused, match="Scheduled job nope not found"):
        scheduler.get_job("nope")
    with pytest.raises(refused, match="'project' is missing"):
        scheduler.schedule_job("s1", {"command": ["main.py"]}, {})
    with pytest.raises(refused, match="'imaeg' is not known here"):
        scheduler.schedule_job("s1", {**SPEC, "imaeg": "lab"}, {}, OF_BIRDS)
    with pytest.raises(refused, match=r"'trigger\.cron\.hour' cannot be '25'"):
        scheduler.schedule_job("s1", SPEC, {"hour": 25}, OF_BIRDS)
    scheduler.schedule_job("s1", SPEC, {"hour": 3}, OF_BIRDS)
    with pytest.raises(refused, match="Bad job schedule"):
        scheduler.update_job_schedule("s1", {})
    with pytest.raises(refused, match="'owner' is not known"):
        scheduler.get_job_with_params({"owner": "ada"})


@pytest.mark.scenario(54)
def test_schedules_of_one_project_can_be_asked_for(
    scheduler: foundations.CronJobScheduler,
) -> None:
    scheduler.schedule_job("s1", SPEC, {"hour": 3}, OF_BIRDS)
    scheduler.schedule_job("s2", SPEC, {"hour": 3}, {"project_name": "whales"})

    assert list(scheduler.get_job_with_params({"project": "whales"})) == ["s2"]
    assert sorted(scheduler.get_job_with_params({})) == ["s1", "s2"]


def test_dates_may_be_datetimes(scene: Scene, scheduler: foundations.CronJobScheduler) -> None:
    end = datetime.fromtimestamp(scene.clock.now() + 4, UTC)

    scheduler.schedule_job("s1", SPEC, {"second": "*/2", "end_date": end}, OF_BIRDS)

    assert scheduler.get_job("s1")["s1"]["next_run_time"][2] is None
