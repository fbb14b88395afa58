from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundations_wire.errors import InvalidRequest, LeaseLost, UnknownWorker
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import (
    AttemptFinished,
    AttemptStarted,
    Device,
    Heartbeat,
    LeaseRequest,
    WorkerHello,
)
from support.scenes import Scene, open_scene


def test_lease_carries_the_spec_and_starts_the_job_when_reported(scene: Scene) -> None:
    scene.submit("j1", params={"lr": 0.1}, environment={"A": "b"})
    scene.hello()

    lease = scene.lease()[0]

    assert (lease.job_id, lease.attempt, lease.is_started) == ("j1", 1, False)
    assert (lease.spec.params, lease.spec.environment) == ({"lr": 0.1}, {"A": "b"})
    assert scene.client.jobs.get("j1").status is JobStatus.QUEUED
    scene.client.workers.started(lease.attempt_id, AttemptStarted(lease.token, 1_900_000_001.0))
    job = scene.client.jobs.get("j1")
    assert (job.status, job.worker, job.reason) == (JobStatus.RUNNING, "worker-w1", None)


def test_job_is_leased_once_when_many_workers_ask_at_once(scene: Scene) -> None:
    scene.submit("last")
    for number in range(20):
        scene.submit(f"j{number}", priority=1)
    workers = [f"w{number}" for number in range(8)]
    for worker in workers:
        scene.hello(worker, slots=10)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda worker: scene.lease(worker, 2), workers))

    jobs = [lease.job_id for leases in answers for lease in leases]
    assert len(jobs) == len(set(jobs)) == 16
    assert "last" not in jobs


def test_gpus_are_reserved_by_the_lease(scene: Scene) -> None:
    scene.hello(slots=4, gpus=2)
    for number in range(3):
        scene.submit(f"j{number}", num_gpus=1)

    leases = scene.lease(free_slots=4)

    assert [lease.job_id for lease in leases] == ["j0", "j1"]
    scene.finish(leases[0])
    assert [lease.job_id for lease in scene.lease(free_slots=3)] == ["j2"]


def test_open_request_gets_work_as_soon_as_it_comes(scene: Scene) -> None:
    scene.hello()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scene.lease)
        scene.submit("j1")

        leases = waiting.result(10)

    assert [lease.job_id for lease in leases] == ["j1"]


@pytest.mark.scenario(37)
def test_open_request_gets_stop_orders_as_soon_as_they_come(scene: Scene) -> None:
    lease = scene.run("j1")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scene.client.workers.lease, "w1", LeaseRequest(0))
        stopping = scene.client.jobs.stop("j1")

        answer = waiting.result(10)

    assert (stopping.status, stopping.reason) == (JobStatus.RUNNING, "stopping")
    assert answer.stops == [lease.attempt_id]
    scene.finish(lease, "stopped", "stopped by request")
    assert scene.client.jobs.get("j1").status is JobStatus.STOPPED


def test_stop_is_told_once_the_worker_carries_it_out(scene: Scene) -> None:
    lease = scene.run("j1")
    scene.client.jobs.stop("j1")
    scene.submit("j2")

    answer = scene.client.workers.lease("w1", LeaseRequest(1, [lease.attempt_id]))

    assert answer.stops == []
    assert [new.job_id for new in answer.leases] == ["j2"]


def test_report_with_a_wrong_token_changes_nothing(scene: Scene) -> None:
    lease = scene.run("j1")
    forged = AttemptFinished("x" * len(lease.token), 1.0, "failed")

    with pytest.raises(LeaseLost):
        scene.client.workers.finish(lease.attempt_id, forged)
    with pytest.raises(LeaseLost):
        scene.client.workers.started(lease.attempt_id, AttemptStarted("", 1.0))
    with pytest.raises(LeaseLost):
        scene.client.workers.finish("no-such-attempt", forged)

    assert scene.client.jobs.get("j1").status is JobStatus.RUNNING


def test_first_report_of_an_end_is_final(scene: Scene) -> None:
    lease = scene.run("j1")
    report = AttemptFinished(lease.token, 1_900_000_009.0, "failed", "exit code 3", 3)
    scene.client.workers.finish(lease.attempt_id, report)

    scene.client.workers.finish(lease.attempt_id, report)
    with pytest.raises(LeaseLost):
        scene.finish(lease, "completed")
    with pytest.raises(LeaseLost):
        scene.client.workers.started(lease.attempt_id, AttemptStarted(lease.token, 1.0))

    job = scene.client.jobs.get("j1")
    assert (job.status, job.reason, job.exit_code) == (JobStatus.FAILED, "exit code 3", 3)
    assert job.duration_seconds == 9.0


def test_job_that_never_started_can_fail(scene: Scene) -> None:
    scene.submit("j1")
    scene.hello()
    lease = scene.lease()[0]

    scene.finish(lease, "failed", "the bundle could not be unpacked")

    job = scene.client.jobs.get("j1")
    assert (job.status, job.started_at) == (JobStatus.FAILED, None)


def test_stop_waits_for_the_worker_when_the_job_is_just_starting(scene: Scene) -> None:
    scene.submit("j1")
    scene.hello()
    lease = scene.lease()[0]

    stopping = scene.client.jobs.stop("j1")

    assert (stopping.status, stopping.reason) == (JobStatus.QUEUED, "stopping")
    answer = scene.client.workers.lease("w1", LeaseRequest(1))
    assert answer.stops == [lease.attempt_id]


def test_returning_worker_is_told_what_it_holds(scene: Scene) -> None:
    lease = scene.run("j1")
    scene.client.jobs.stop("j1")
    hello = WorkerHello("worker-w1", "host", "process", 2, [], "0.1.0")

    welcome = scene.client.workers.hello("w1", hello)

    assert [(held.attempt_id, held.token) for held in welcome.leases] == [
        (lease.attempt_id, lease.token)
    ]
    assert (welcome.leases[0].is_started, welcome.leases[0].is_stop_wanted) == (True, True)


def test_heartbeat_fences_what_is_not_the_workers(scene: Scene) -> None:
    lease = scene.run("j1")
    tokens = {lease.attempt_id: lease.token, "gone": "token"}
    scene.hello("w2")

    assert scene.client.workers.heartbeat("w1", Heartbeat(tokens)).fenced == ["gone"]
    assert set(scene.client.workers.heartbeat("w2", Heartbeat(tokens)).fenced) == set(tokens)
    scene.finish(lease)
    assert set(scene.client.workers.heartbeat("w1", Heartbeat(tokens)).fenced) == set(tokens)


def test_lease_is_told_again_when_its_answer_was_lost(scene: Scene) -> None:
    scene.submit("j1")
    scene.hello()
    lost = scene.lease()[0]
    scene.clock.advance(10)
    scene.client.workers.heartbeat("w1", Heartbeat({}))

    again = scene.lease()

    assert again == [lost]


def test_unknown_worker_is_told_so(scene: Scene) -> None:
    with pytest.raises(UnknownWorker):
        scene.lease("nobody")
    with pytest.raises(UnknownWorker):
        scene.client.workers.heartbeat("nobody", Heartbeat({}))
    with pytest.raises(UnknownWorker):
        scene.client.workers.goodbye("nobody")


def test_worker_that_said_goodbye_keeps_its_attempts(scene: Scene) -> None:
    scene.run("j1")

    scene.client.workers.goodbye("w1")

    worker = scene.client.workers.list().items[0]
    assert (worker.status, worker.running) == ("gone", ["j1"])
    assert scene.client.jobs.get("j1").status is JobStatus.RUNNING
    scene.hello()
    assert scene.client.workers.list().items[0].status == "connected"


def test_impossible_worker_is_refused(scene: Scene) -> None:
    for hello in (
        WorkerHello("w", "h", "process", -1, [], "0"),
        WorkerHello("w", "h", "process", 1, [Device("")], "0"),
    ):
        with pytest.raises(InvalidRequest):
            scene.client.workers.hello("w1", hello)


def test_nothing_is_lost_when_the_server_restarts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with open_scene(home) as before:
        lease = before.run("j1")
        before.log_metric("j1", "loss", [0.5])
        before.submit("j2")

    with open_scene(home) as after:
        after.clock.advance(29)
        running = after.client.jobs.get("j1")
        queued = after.client.jobs.get("j2")
        after.finish(lease)
        ended = after.client.jobs.get("j1")

    assert (running.status, running.reason) == (JobStatus.RUNNING, None)
    assert [summary.last for summary in running.metrics] == [0.5]
    assert (queued.status, queued.queue_position) == (JobStatus.QUEUED, 1)
    assert ended.status is JobStatus.COMPLETED
