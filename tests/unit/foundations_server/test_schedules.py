"""Schedules as clients make and change them (scenarios 50 to 54 of the contract, by meaning)."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pytest

from foundations_client.bundles import pack
from foundations_server.app import Atlas
from foundations_server.platform.settings import Settings
from foundations_wire import codec
from foundations_wire.errors import (
    Conflict,
    InvalidRequest,
    UnknownBlob,
    UnknownSchedule,
    WrongStatus,
)
from foundations_wire.jobs import Dependency, JobSpec, JobStatus
from foundations_wire.schedules import (
    ScheduleSpec,
    ScheduleStatus,
    ScheduleUpdate,
    ScheduleView,
    Trigger,
)
from foundations_wire.times import to_iso
from support.scenes import Scene, open_scene
from support.scheduling import check_schedules, make_schedule

EVERY_2 = Trigger(cron={"second": "*/2"}, timezone="UTC")
NIGHTLY = Trigger(cron="0 3 * * *", timezone="UTC")


def list_runs(scene: Scene, schedule_id: str = "s1") -> list[str]:
    return [job.id for job in scene.client.schedules.runs(schedule_id).items]


def is_stored(scene: Scene, bundle: str) -> bool:
    """Ask the store itself: a client that asks is about to need the bundle."""
    app = scene.transport.app
    return isinstance(app, Atlas) and app.parts.bundle_shelf.store.find_size(bundle) is not None


def upload(scene: Scene, folder: Any) -> str:
    (folder / "main.py").write_text("print(1)")
    file = io.BytesIO()
    bundle = pack(folder, file)
    file.seek(0)
    scene.client.archive.put_bundle(bundle.sha256, file, bundle.size)
    return bundle.sha256


@pytest.mark.scenario(50)
def test_each_tick_submits_a_job_whose_id_tells_its_time(scene: Scene) -> None:
    made = make_schedule(scene, "s1", EVERY_2)
    assert made.status is ScheduleStatus.ACTIVE
    assert made.next_runs == [to_iso(scene.clock.now() + n) for n in (2, 4, 6)]

    for _ in range(10):
        scene.clock.advance(1)
        check_schedules(scene)
        for job_id in scene.client.schedules.get("s1").unfinished:
            scene.client.jobs.stop(job_id)

    runs = scene.client.schedules.runs("s1").items
    assert len(runs) == 5
    assert all(re.fullmatch(r"s1_\d{8}_\d{6}", job.id) for job in runs)
    assert {job.schedule for job in runs} == {"s1"}
    assert {job.project for job in runs} == {"birds"}
    assert scene.client.schedules.get("s1").runs == 5


def test_a_run_is_an_ordinary_queued_job(scene: Scene) -> None:
    job = JobSpec(
        "birds", ["main.py", "--fast"], params={"lr": 0.1}, priority=5, num_gpus=0, user="ada"
    )
    make_schedule(scene, "s1", EVERY_2, job=job)
    scene.clock.advance(2)

    check_schedules(scene)

    queued = scene.client.queue.get().waiting
    assert [job.command for job in queued] == [["main.py", "--fast"]]
    assert (queued[0].params, queued[0].priority, queued[0].user) == ({"lr": 0.1}, 5, "ada")
    scene.hello()
    leases = scene.lease()
    assert [lease.job_id for lease in leases] == [queued[0].id]
    assert leases[0].spec == job


@pytest.mark.scenario(51)
def test_a_schedule_without_times_is_paused_until_it_gets_some(scene: Scene) -> None:
    made = make_schedule(scene, "s1", Trigger())
    assert (made.status, made.next_runs) == (ScheduleStatus.PAUSED, [None] * 3)
    with pytest.raises(InvalidRequest, match="has no times yet"):
        scene.client.schedules.resume("s1")

    scene.client.schedules.update("s1", ScheduleUpdate(EVERY_2))
    resumed = scene.client.schedules.resume("s1")
    scene.clock.advance(2)
    check_schedules(scene)

    assert resumed.status is ScheduleStatus.ACTIVE
    assert len(list_runs(scene)) == 1


def test_the_empty_schedule_of_the_original_is_one_without_times(scene: Scene) -> None:
    assert make_schedule(scene, "s1", Trigger(cron={})).status is ScheduleStatus.PAUSED


@pytest.mark.scenario(52)
def test_pausing_and_resuming_twice_is_harmless_and_a_paused_one_fires_nothing(
    scene: Scene,
) -> None:
    make_schedule(scene, "s1", EVERY_2)

    paused = [scene.client.schedules.pause("s1") for _ in range(2)]
    scene.clock.advance(60)
    check_schedules(scene)
    runs = list_runs(scene)
    resumed = [scene.client.schedules.resume("s1") for _ in range(2)]

    assert [view.status for view in paused] == [ScheduleStatus.PAUSED] * 2
    assert paused[0].next_runs == [None] * 3
    assert runs == []
    assert [view.status for view in resumed] == [ScheduleStatus.ACTIVE] * 2
    assert resumed[0].next_runs[0] == to_iso(scene.clock.now() + 2)


@pytest.mark.scenario(52)
def test_states_survive_a_restart_and_can_be_changed_after_it(scene: Scene) -> None:
    make_schedule(scene, "paused", EVERY_2, paused=True)
    make_schedule(scene, "active", NIGHTLY)
    scene.transport.close()

    with open_scene(scene.home) as again:
        client = again.client.schedules
        states = {view.id: view.status for view in client.list().items}
        resumed = client.resume("paused")
        client.delete("active")

        assert states == {"paused": ScheduleStatus.PAUSED, "active": ScheduleStatus.ACTIVE}
        assert resumed.status is ScheduleStatus.ACTIVE
        assert [view.id for view in client.list().items] == ["paused"]


@pytest.mark.scenario(53)
@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "'job' is missing."),
        ({"job": None}, "'job' must be an object, not None."),
        ({"job": {"project": "birds", "command": ["m"]}, "trigger": None},
         "'trigger' must be an object, not None."),
        ({"job": {"project": "birds"}}, "A job needs a command, for example ['main.py']."),
        ({"job": {"project": "birds", "command": ["m"]}, "trigger": {"cron": {"hour": "25"}}},
         "'trigger.cron.hour' cannot be '25'"),
        ({"job": {"project": "birds", "command": ["m"]}, "trigger": {"every": 2, "jitter": 1}},
         "'trigger.jitter' is not known here"),
        ({"job": {"project": "birds", "command": ["m"]}, "trigger": {"catch_up": "all"}},
         "'trigger.catch_up' must be one of none, latest"),
        ({"job": {"project": "birds", "command": ["m"]}, "trigger": {"cron": "0 0 30 2 *"}},
         "The trigger has no time to come"),
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be_is_refused_in_a_sentence_and_not_stored(
    scene: Scene, body: Any, sentence: str
) -> None:
    response = scene.ask("PUT", "/api/v1/schedules/s1", body)

    assert response.status == 422
    assert sentence in codec.decode(response.body)["detail"]
    assert scene.client.schedules.list().items == []


@pytest.mark.scenario(53)
def test_errors_name_what_is_not_there_or_cannot_be(scene: Scene) -> None:
    client = scene.client.schedules
    unknown = hashlib.sha256(b"never uploaded").hexdigest()
    with pytest.raises(UnknownBlob):
        make_schedule(scene, "s1", job=JobSpec("birds", ["main.py"], bundle=unknown))
    with pytest.raises(UnknownSchedule, match="Scheduled job nope not found"):
        client.get("nope")
    for act in (client.pause, client.resume, client.delete, client.run, client.runs):
        with pytest.raises(UnknownSchedule):
            act("nope")
    make_schedule(scene, "s1")
    with pytest.raises(InvalidRequest, match="names a trigger, a job, or both"):
        client.update("s1", ScheduleUpdate())
    with pytest.raises(InvalidRequest, match="Bad job schedule"):
        client.update("s1", ScheduleUpdate(Trigger()))
    with pytest.raises(InvalidRequest, match="cannot wait for other jobs"):
        make_schedule(scene, "s2", job=JobSpec("birds", ["m"], after=[Dependency("j1")]))
    with pytest.raises(InvalidRequest, match="cannot be the id"):
        make_schedule(scene, "s" * 101)


@pytest.mark.scenario(53)
def test_an_operator_may_limit_the_number_of_schedules(tmp_path: Any) -> None:
    home = tmp_path / "limited"
    with open_scene(home, settings=Settings(home=home, max_schedules=2)) as scene:
        make_schedule(scene, "s1")
        make_schedule(scene, "s2")

        with pytest.raises(Conflict, match="this server takes 2"):
            make_schedule(scene, "s3")
        make_schedule(scene, "s2")  # the same again is no new one


@pytest.mark.scenario(54)
def test_a_project_shows_its_own_schedules_and_exists_once_one_is_made(scene: Scene) -> None:
    make_schedule(scene, "s1", job=JobSpec("birds", ["main.py"]))
    make_schedule(scene, "s2", job=JobSpec("whales", ["main.py"]))

    of_whales = scene.client.schedules.list(project="whales")

    assert ([view.id for view in of_whales.items], of_whales.total) == (["s2"], 1)
    assert scene.client.schedules.list(project="nobody").items == []
    assert {project.name for project in scene.client.projects.list().items} == {"birds", "whales"}
    assert scene.client.projects.get("whales").job_count == 0
    assert scene.submit("j1", project="whales").number == 1


def test_the_same_schedule_again_is_the_same_and_another_one_a_conflict(scene: Scene) -> None:
    first = make_schedule(scene, "s1", NIGHTLY)
    scene.clock.advance(5)

    assert make_schedule(scene, "s1", NIGHTLY) == first
    with pytest.raises(Conflict, match="exists already"):
        make_schedule(scene, "s1", EVERY_2)


def test_an_update_makes_a_paused_schedule_active_and_a_new_job_counts(scene: Scene) -> None:
    make_schedule(scene, "s1", NIGHTLY, paused=True)
    job = JobSpec("whales", ["other.py"])

    only_job = scene.client.schedules.update("s1", ScheduleUpdate(job=job))
    both = scene.client.schedules.update("s1", ScheduleUpdate(EVERY_2, job))
    scene.clock.advance(2)
    check_schedules(scene)

    assert only_job.status is ScheduleStatus.PAUSED
    assert (both.status, both.project, both.trigger) == (ScheduleStatus.ACTIVE, "whales", EVERY_2)
    assert scene.client.schedules.runs("s1").items[0].command == ["other.py"]


def test_an_update_that_cannot_be_leaves_the_schedule_as_it_was(scene: Scene) -> None:
    before = make_schedule(scene, "s1", NIGHTLY)

    with pytest.raises(InvalidRequest, match=r"'trigger\.cron\.hour'"):
        scene.client.schedules.update("s1", ScheduleUpdate(Trigger(cron={"hour": "noon"})))

    assert scene.client.schedules.get("s1") == before


def test_a_schedule_whose_end_has_passed_is_ended_kept_and_cannot_be_resumed(
    scene: Scene,
) -> None:
    end = to_iso(scene.clock.now() + 3)
    make_schedule(scene, "s1", Trigger(cron={"second": "*/2"}, timezone="UTC", end=end))
    scene.clock.advance(10)
    check_schedules(scene)
    ended = scene.client.schedules.get("s1")
    scene.client.schedules.pause("s1")

    with pytest.raises(InvalidRequest, match="its last time has passed"):
        scene.client.schedules.resume("s1")

    assert (ended.status, ended.next_runs) == (ScheduleStatus.ENDED, [None] * 3)
    assert scene.client.schedules.get("s1").status is ScheduleStatus.PAUSED


def test_a_run_out_of_turn_is_a_job_of_the_schedule_and_moves_nothing(scene: Scene) -> None:
    before = make_schedule(scene, "s1", NIGHTLY)

    job_id = scene.client.schedules.run("s1")
    with pytest.raises(WrongStatus, match="may not overlap"):
        scene.client.schedules.run("s1")
    scene.client.jobs.stop(job_id)
    second = scene.client.schedules.run("s1")

    after = scene.client.schedules.get("s1")
    assert re.fullmatch(r"s1_\d{8}_\d{6}-now", job_id)
    assert second == f"{job_id}-2"
    assert (after.next_runs, after.runs, after.unfinished) == (before.next_runs, 2, [second])


def test_runs_are_paged_newest_first(scene: Scene) -> None:
    make_schedule(scene, "s1", Trigger(every=10, timezone="UTC", overlap=True))
    for _ in range(3):
        scene.clock.advance(10)
        check_schedules(scene)

    page = scene.client.schedules.runs("s1", limit=2, offset=1)

    newest = [job.id for job in scene.client.schedules.runs("s1").items]
    assert newest == sorted(newest, reverse=True)
    assert ([job.id for job in page.items], page.total) == (newest[1:], 3)


@pytest.mark.parametrize(
    ("is_stopped", "status"), [(False, JobStatus.QUEUED), (True, JobStatus.STOPPED)]
)
def test_deleting_a_schedule_keeps_its_jobs_and_stops_them_when_asked(
    scene: Scene, *, is_stopped: bool, status: JobStatus
) -> None:
    make_schedule(scene, "s1", NIGHTLY)
    job_id = scene.client.schedules.run("s1")

    scene.client.schedules.delete("s1", stop=is_stopped)

    assert scene.client.schedules.list().items == []
    assert scene.client.jobs.get(job_id).status is status


def test_the_bundle_stays_as_long_as_the_schedule(scene: Scene, tmp_path: Any) -> None:
    (tmp_path / "job").mkdir()
    bundle = upload(scene, tmp_path / "job")
    make_schedule(scene, "s1", EVERY_2, job=JobSpec("birds", ["main.py"], bundle=bundle))
    scene.clock.advance(2)
    check_schedules(scene)
    job_id = list_runs(scene)[0]
    scene.client.jobs.stop(job_id)

    scene.client.jobs.delete(job_id)
    is_kept = is_stored(scene, bundle)
    scene.client.schedules.delete("s1")

    assert is_kept
    assert not is_stored(scene, bundle)


def test_a_view_is_what_was_asked_for(scene: Scene) -> None:
    job = JobSpec("birds", ["main.py"])

    made = scene.client.schedules.create("s1", ScheduleSpec(job, Trigger(cron={"hour": 3})))

    assert made == ScheduleView(
        id="s1",
        project="birds",
        status=ScheduleStatus.ACTIVE,
        job=job,
        trigger=Trigger(cron={"hour": "3"}, timezone=made.trigger.timezone),
        next_runs=made.next_runs,
        last_run=None,
        runs=0,
        skipped=0,
        unfinished=[],
        created_at=to_iso(scene.clock.now()),
    )
    assert all(made.next_runs)
