from __future__ import annotations

import pytest

from foundations_wire.errors import InvalidRequest, UnknownJob, WrongStatus
from foundations_wire.jobs import JobStatus
from support.scenes import Scene


def waiting(scene: Scene) -> list[str]:
    return [job.id for job in scene.client.queue.get().waiting]


def test_queue_is_ordered_by_priority_then_order(scene: Scene) -> None:
    scene.submit("a")
    scene.submit("b", priority=10)
    scene.submit("c")
    scene.submit("d", priority=10)

    assert waiting(scene) == ["b", "d", "a", "c"]


def test_moved_job_keeps_its_priority(scene: Scene) -> None:
    for job_id in ("a", "b", "c"):
        scene.submit(job_id)
    scene.submit("first", priority=10)

    queue = scene.client.queue.move("c", 1)

    assert [job.id for job in queue.waiting] == ["first", "c", "a", "b"]
    assert [job.queue_position for job in queue.waiting] == [1, 2, 3, 4]
    scene.client.queue.move("c", 3)
    assert waiting(scene) == ["first", "a", "b", "c"]


def test_move_is_refused_when_there_is_no_such_place(scene: Scene) -> None:
    scene.submit("a")
    scene.start_local("local")

    for position in (0, 2, -1):
        with pytest.raises(InvalidRequest, match="outside 1 … 1"):
            scene.client.queue.move("a", position)
    with pytest.raises(WrongStatus):
        scene.client.queue.move("local", 1)
    with pytest.raises(UnknownJob):
        scene.client.queue.move("nobody", 1)
    assert waiting(scene) == ["a"]


@pytest.mark.scenario(38)
def test_clear_stops_what_waits_and_leaves_what_runs(scene: Scene) -> None:
    scene.run("running")
    for number in range(3):
        scene.submit(f"j{number}")

    cleared = scene.client.queue.clear()

    assert cleared.count == 3
    queue = scene.client.queue.get()
    assert ([job.id for job in queue.running], queue.waiting) == (["running"], [])
    assert scene.client.jobs.get("j0").status is JobStatus.STOPPED
    assert scene.client.queue.clear().count == 0


def test_queued_job_says_why_it_waits(scene: Scene) -> None:
    scene.submit("alone")
    assert scene.client.jobs.get("alone").reason == "position 1: no worker is connected"
    scene.hello(slots=1)

    scene.lease()
    scene.submit("next")

    name = scene.client.jobs.get("alone").name
    assert scene.client.jobs.get("alone").reason == "starting on worker-w1"
    assert scene.client.jobs.get("next").reason == (
        f"position 1: waits for 1 slot; 1 of 1 slot is taken by {name}"
    )


def test_gpu_job_that_cannot_fit_blocks_nobody(scene: Scene) -> None:
    scene.submit("big", num_gpus=2)
    scene.hello()
    scene.submit("small")

    leases = scene.lease()

    assert [lease.job_id for lease in leases] == ["small"]
    assert scene.client.jobs.get("big").reason == (
        "position 1: needs 2 GPUs; the connected workers have 0"
    )


def test_worker_is_not_counted_when_it_went_silent(scene: Scene) -> None:
    scene.hello()
    scene.submit("a")
    scene.clock.advance(31)

    assert scene.client.jobs.get("a").reason == "position 1: no worker is connected"
    assert [worker.status for worker in scene.client.workers.list().items] == ["silent"]


def test_move_to_where_a_job_is_changes_nothing(scene: Scene) -> None:
    for job_id in ("a", "b"):
        scene.submit(job_id)

    queue = scene.client.queue.move("b", 2)

    assert [job.id for job in queue.waiting] == ["a", "b"]
