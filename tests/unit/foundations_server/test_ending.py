from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from foundations_wire.errors import LeaseLost
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import AttemptFinished, Cause, Lease
from support.scenes import Scene


def fail(scene: Scene, lease: Lease, **more: object) -> None:
    scene.finish(lease, "failed", "exit code 1", exit_code=1, **more)


def next_attempt(scene: Scene) -> Lease:
    scene.clock.advance(60)
    return scene.lease()[0]


def test_job_is_tried_again_when_its_code_fails_and_retries_are_left(scene: Scene) -> None:
    first = scene.run("j1", max_retries=1)
    fail(scene, first)

    waiting = scene.client.jobs.get("j1")
    second = next_attempt(scene)
    fail(scene, second)

    assert (waiting.status, waiting.started_at, waiting.worker) == (JobStatus.QUEUED, None, None)
    assert (waiting.attempt, second.job_id, second.attempt) == (1, "j1", 2)
    assert scene.client.jobs.get("j1").status is JobStatus.FAILED


def test_open_request_gets_the_next_attempt_when_it_is_due(scene: Scene) -> None:
    first = scene.run("j1", max_retries=1)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scene.lease)
        fail(scene, first)
        reason = scene.client.jobs.get("j1").reason
        scene.clock.advance(1)

        leases = waiting.result(15)

    assert [(lease.job_id, lease.attempt) for lease in leases] == [("j1", 2)]
    assert reason == "position 1: attempt 1 of 2 ended with exit code 1; the next starts in 1 s"


def test_reports_on_an_earlier_attempt_change_nothing(scene: Scene) -> None:
    first = scene.run("j1", max_retries=1)
    report = AttemptFinished(first.token, scene.clock.now(), "failed", "exit code 1", 1)
    scene.client.workers.finish(first.attempt_id, report)
    second = next_attempt(scene)

    scene.client.workers.finish(first.attempt_id, report)
    with pytest.raises(LeaseLost):
        scene.finish(first, "completed")
    with pytest.raises(LeaseLost):
        scene.start(first)

    scene.start(second)
    assert scene.client.jobs.get("j1").status is JobStatus.RUNNING


def test_lost_attempt_is_not_repeated_by_itself_when_its_code_ran(scene: Scene) -> None:
    lease = scene.run("j1", max_retries=5)

    fail(scene, lease, cause=Cause.INFRASTRUCTURE)

    assert scene.client.jobs.get("j1").status is JobStatus.FAILED


def test_lost_attempt_is_repeated_as_often_as_the_job_allows(scene: Scene) -> None:
    lease = scene.run("j1", max_infra_retries=1)

    fail(scene, lease, cause=Cause.INFRASTRUCTURE)
    again = next_attempt(scene)
    scene.start(again)
    fail(scene, again, cause=Cause.INFRASTRUCTURE)

    assert scene.client.jobs.get("j1").status is JobStatus.FAILED


def test_job_whose_code_never_ran_gets_three_more_tries(scene: Scene) -> None:
    scene.submit("j1")
    scene.hello()

    for number in range(1, 5):
        lease = next_attempt(scene)
        assert lease.attempt == number
        fail(scene, lease, cause=Cause.INFRASTRUCTURE, has_begun=False)

    assert scene.client.jobs.get("j1").status is JobStatus.FAILED


def test_job_whose_code_never_ran_is_tried_again_though_its_start_was_reported(
    scene: Scene,
) -> None:
    lease = scene.run("j1")

    fail(scene, lease, cause=Cause.INFRASTRUCTURE, has_begun=False)

    job = scene.client.jobs.get("j1")
    assert (job.status, job.started_at) == (JobStatus.QUEUED, None)


@pytest.mark.parametrize("cause", [Cause.LIMIT, Cause.REQUEST, Cause.STOP])
def test_job_is_not_tried_again_when_trying_would_end_the_same(scene: Scene, cause: Cause) -> None:
    lease = scene.run("j1", max_retries=5, max_infra_retries=5)

    fail(scene, lease, cause=cause)

    assert scene.client.jobs.get("j1").status is JobStatus.FAILED


def test_wish_to_stop_wins_over_another_attempt(scene: Scene) -> None:
    code, machine = (
        scene.run(name, max_retries=5, max_infra_retries=5) for name in ("code", "machine")
    )
    for name in ("code", "machine"):
        scene.client.jobs.stop(name)

    fail(scene, code)
    fail(scene, machine, cause=Cause.INFRASTRUCTURE)

    assert scene.client.jobs.get("code").status is JobStatus.FAILED
    stopped = scene.client.jobs.get("machine")
    assert stopped.status is JobStatus.STOPPED
    assert stopped.reason == "stopped; its last attempt ended with: exit code 1"


def test_job_is_stopped_at_once_between_two_attempts(scene: Scene) -> None:
    fail(scene, scene.run("j1", max_retries=1))

    stopped = scene.client.jobs.stop("j1")

    assert stopped.status is JobStatus.STOPPED
    scene.clock.advance(60)
    assert scene.client.queue.get().waiting == []


def test_sick_gpu_is_quarantined_when_its_job_ends(scene: Scene) -> None:
    scene.hello(gpus=2)
    scene.submit("j1", num_gpus=1)
    lease = scene.lease()[0]

    scene.finish(lease, sick_gpus={"w1-gpu-0": "it does not answer"})

    gpus = scene.client.workers.list().items[0].gpus
    assert [(gpu.status, gpu.problem) for gpu in gpus] == [
        ("quarantined", "it does not answer"), ("free", None),
    ]  # fmt: skip
