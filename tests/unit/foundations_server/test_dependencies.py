from __future__ import annotations

import pytest

from foundations_wire.jobs import Dependency, JobStatus, JobView, Until
from support.scenes import Scene


def submit_after(scene: Scene, job_id: str, *others: str, until: Until = Until.SUCCESS) -> JobView:
    return scene.submit(job_id, after=[Dependency(other, until) for other in others])


def statuses(scene: Scene) -> dict[str, str]:
    return {job.id: job.status.value for job in scene.client.jobs.list().items}


def test_job_starts_once_all_that_it_waits_for_completed(scene: Scene) -> None:
    first, second = scene.run("a"), scene.run("b")
    submit_after(scene, "c", "a", "b")

    scene.finish(first)
    scene.finish(second)

    assert [lease.job_id for lease in scene.lease()] == ["c"]


def test_job_is_not_started_when_one_that_it_needs_fails(scene: Scene) -> None:
    lease = scene.run("a")
    name = scene.client.jobs.get("a").name
    submit_after(scene, "b", "a")
    submit_after(scene, "c", "b")
    submit_after(scene, "d", "a", until=Until.END)

    scene.finish(lease, "failed", "exit code 1")

    assert statuses(scene) == {"a": "failed", "b": "stopped", "c": "stopped", "d": "queued"}
    assert scene.client.jobs.get("b").reason == f"not started: job {name} failed"
    assert scene.client.jobs.get("c").reason == (
        f"not started: job {scene.client.jobs.get('b').name} was stopped"
    )
    assert [lease.job_id for lease in scene.lease()] == ["d"]


def test_retry_of_a_job_keeps_the_others_waiting(scene: Scene) -> None:
    lease = scene.run("a", max_retries=1)
    submit_after(scene, "b", "a")

    scene.finish(lease, "failed", "exit code 1")
    scene.clock.advance(2)
    again = scene.lease()[0]
    scene.finish(again)

    assert again.job_id == "a"
    assert statuses(scene) == {"a": "completed", "b": "queued"}


def test_stop_of_a_job_stops_those_behind_it(scene: Scene) -> None:
    scene.submit("a")
    submit_after(scene, "b", "a")
    submit_after(scene, "c", "b")

    scene.client.jobs.stop("a")

    assert set(statuses(scene).values()) == {"stopped"}
    assert scene.client.queue.get().waiting == []


def test_clearing_the_queue_stops_chains_whole(scene: Scene) -> None:
    scene.submit("a")
    submit_after(scene, "b", "a")

    assert scene.client.queue.clear().count == 2
    assert set(statuses(scene).values()) == {"stopped"}


@pytest.mark.parametrize(
    ("status", "until", "follows"),
    [
        ("completed", Until.SUCCESS, JobStatus.QUEUED),
        ("failed", Until.END, JobStatus.QUEUED),
        ("failed", Until.SUCCESS, JobStatus.STOPPED),
        ("stopped", Until.SUCCESS, JobStatus.STOPPED),
    ],
)
def test_job_that_ended_before_counts_as_well(
    scene: Scene, status: str, until: Until, follows: JobStatus
) -> None:
    scene.finish(scene.run("a"), status)

    job = submit_after(scene, "b", "a", until=until)

    scene.submit("last")
    leased = [lease.job_id for lease in scene.lease(free_slots=2)]
    assert job.status is follows
    assert leased == (["b", "last"] if follows is JobStatus.QUEUED else ["last"])


def test_job_may_wait_for_a_local_job(scene: Scene) -> None:
    scene.start_local("local")
    submit_after(scene, "b", "local")

    scene.finish_local("local")
    scene.hello()

    assert [lease.job_id for lease in scene.lease()] == ["b"]


def test_end_of_a_local_job_that_was_declared_stops_what_needs_it(scene: Scene) -> None:
    scene.start_local("local")
    submit_after(scene, "b", "local")

    scene.client.jobs.stop("local")

    assert scene.client.jobs.get("b").status is JobStatus.STOPPED


def test_deleted_job_leaves_the_others_to_wait_for(scene: Scene) -> None:
    scene.finish(scene.run("a"))
    scene.submit("x")
    submit_after(scene, "b", "a", "x")

    scene.client.jobs.delete("a")

    scene.client.jobs.stop("x")
    assert scene.client.jobs.get("b").status is JobStatus.STOPPED
