from __future__ import annotations

from pathlib import Path

import pytest

from foundations_wire.errors import Conflict, LeaseLost, UnknownWorker
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import Heartbeat
from support.scenes import Scene, open_scene


def test_drained_worker_keeps_its_jobs_and_gets_no_other_until_resumed(scene: Scene) -> None:
    scene.run("j1")

    drained = scene.client.workers.drain("w1")
    scene.hello()

    assert (drained.is_draining, drained.running) == (True, ["j1"])
    assert scene.client.workers.list().items[0].is_draining
    assert not scene.client.workers.resume("w1").is_draining


def test_lost_worker_ends_its_attempts_for_good(scene: Scene) -> None:
    lease = scene.run("j1")
    scene.clock.advance(60)

    lost = scene.client.workers.declare_lost("w1")

    assert (lost.status, lost.is_draining, lost.running) == ("gone", True, [])
    job = scene.client.jobs.get("j1")
    assert (job.status, job.reason) == (JobStatus.FAILED, "node lost")
    with pytest.raises(LeaseLost):
        scene.finish(lease)
    beat = Heartbeat({lease.attempt_id: lease.token})
    assert scene.client.workers.heartbeat("w1", beat).fenced == [lease.attempt_id]
    with pytest.raises(UnknownWorker):
        scene.lease()


def test_job_of_a_lost_worker_starts_anew_when_it_may(scene: Scene) -> None:
    scene.run("j1", max_infra_retries=1)
    scene.clock.advance(60)

    scene.client.workers.declare_lost("w1")

    assert scene.client.jobs.get("j1").status is JobStatus.QUEUED
    scene.clock.advance(2)
    scene.hello("w2")
    assert [(lease.job_id, lease.attempt) for lease in scene.lease("w2")] == [("j1", 2)]


def test_connected_worker_is_neither_lost_nor_removed(scene: Scene) -> None:
    scene.hello()

    with pytest.raises(Conflict, match="is connected"):
        scene.client.workers.declare_lost("w1")
    with pytest.raises(Conflict, match="is connected"):
        scene.client.workers.remove("w1")


def test_worker_is_not_lost_because_the_server_has_just_started(tmp_path: Path) -> None:
    with open_scene(tmp_path / "home") as before:
        before.run("j1")

    with open_scene(tmp_path / "home") as after:
        with pytest.raises(Conflict, match="just started"):
            after.client.workers.declare_lost("w1")
        after.clock.advance(60)
        after.client.workers.declare_lost("w1")
        job = after.client.jobs.get("j1")

    assert job.reason == "node lost"


def test_gpus_of_a_lost_worker_are_free_but_not_offered(scene: Scene) -> None:
    scene.hello(gpus=1)
    scene.submit("j1", num_gpus=1, max_infra_retries=1)
    scene.lease()
    scene.clock.advance(60)

    scene.client.workers.declare_lost("w1")

    assert [gpu.status for gpu in scene.client.workers.list().items[0].gpus] == ["free"]
    scene.clock.advance(5)
    scene.hello(gpus=1)
    assert "draining" in (scene.client.jobs.get("j1").reason or "")
    scene.client.workers.resume("w1")
    assert [lease.attempt for lease in scene.lease()] == [2]


def test_worker_is_removed_once_it_holds_nothing(scene: Scene) -> None:
    lease = scene.run("j1")
    scene.client.workers.goodbye("w1")
    with pytest.raises(Conflict, match="holds 1 of the jobs"):
        scene.client.workers.remove("w1")
    scene.finish(lease)

    scene.client.workers.remove("w1")

    assert scene.client.workers.list().items == []
    with pytest.raises(UnknownWorker):
        scene.client.workers.drain("w1")
    assert scene.client.jobs.get("j1").worker == "worker-w1"
    scene.hello()
    assert [worker.status for worker in scene.client.workers.list().items] == ["connected"]
