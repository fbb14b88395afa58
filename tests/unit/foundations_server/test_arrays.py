from __future__ import annotations

from typing import Any

import pytest

from foundations_wire.errors import Conflict, InvalidRequest, NotFound, UnknownBlob
from foundations_wire.jobs import Dependency, JobSpec
from foundations_wire.many import ArraySpec, ArrayView
from support.scenes import Scene


def submit(scene: Scene, array_id: str, count: int, **options: Any) -> ArrayView:
    spec = JobSpec(project="birds", command=["main.py"], params={"lr": 0.1, "n": -1}, **options)
    sets = [{"n": number} for number in range(count)]
    return scene.client.arrays.submit(array_id, ArraySpec(spec, sets))


def test_array_queues_one_job_for_each_set_of_parameters(scene: Scene) -> None:
    array = submit(scene, "sweep", 3)

    assert (array.id, array.project, array.total) == ("sweep", "birds", 3)
    assert array.status_counts == {"queued": 3}
    assert [job.id for job in array.items] == ["sweep-0001", "sweep-0002", "sweep-0003"]
    assert [job.params for job in array.items] == [{"lr": 0.1, "n": n} for n in range(3)]
    assert [(job.array, job.array_index) for job in array.items][2] == ("sweep", 3)
    assert [job.number for job in array.items] == [1, 2, 3]
    assert [job.queue_position for job in array.items] == [1, 2, 3]
    assert scene.submit("next").number == 4


def test_same_array_twice_is_the_same_array(scene: Scene) -> None:
    spec = JobSpec(project="birds", command=["main.py"])
    body = ArraySpec(spec, [{"n": 1}, {"n": 2}])

    first = scene.ask("PUT", "/api/v1/arrays/sweep", body)
    second = scene.ask("PUT", "/api/v1/arrays/sweep", body)

    assert (first.status, second.status) == (201, 200)
    assert first.body == second.body
    assert scene.client.jobs.list().total == 2


def test_other_array_or_job_under_the_same_id_is_a_conflict(scene: Scene) -> None:
    submit(scene, "sweep", 2)
    scene.submit("other-0002")

    for array_id, count in (("sweep", 3), ("sweep", 1), ("other", 2)):
        with pytest.raises(Conflict):
            submit(scene, array_id, count)

    assert scene.client.jobs.list().total == 3


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"spec": {"project": "birds", "command": ["x"]}, "params": []}, "1 to 10000"),
        ({"spec": {"project": "birds", "command": []}, "params": [{}]}, "command"),
        ({"spec": {"project": "birds", "command": ["x"]}, "params": [{}, {"": 1}]}, "params[1]"),
        ({"spec": {"project": "birds", "command": ["x"]}, "params": [1]}, "params[0]"),
        ({"spec": {"project": "birds", "command": ["x"]}, "param": [{}]}, "param"),
        ({"spec": {"project": "birds", "commend": ["x"]}, "params": [{}]}, "spec.commend"),
        (
            {"spec": {"project": "birds", "command": ["x"], "after": [{"job": "sweep-0001"}]},
             "params": [{}]},
            "sweep-0001",
        ),
    ],
)  # fmt: skip
def test_nothing_is_stored_of_an_array_that_does_not_fit(
    scene: Scene, body: Any, named: str
) -> None:
    response = scene.ask("PUT", "/api/v1/arrays/sweep", body)

    assert response.status == 422
    assert named in response.body.decode()
    assert scene.client.jobs.list().total == 0


def test_array_needs_its_bundle_and_a_worker_that_can_hold_its_jobs(scene: Scene) -> None:
    scene.hello(gpus=1)

    with pytest.raises(UnknownBlob):
        submit(scene, "sweep", 2, bundle="0" * 64)
    with pytest.raises(InvalidRequest, match="needs 2 GPUs"):
        submit(scene, "sweep", 2, num_gpus=2)
    with pytest.raises(NotFound):
        scene.client.arrays.get("sweep")


def test_pages_of_an_array_are_in_order(scene: Scene) -> None:
    submit(scene, "sweep", 12)

    page = scene.client.arrays.get("sweep", limit=2, offset=10)

    assert (page.total, [job.array_index for job in page.items]) == (12, [11, 12])


def test_stop_of_an_array_leaves_what_has_ended(scene: Scene) -> None:
    submit(scene, "sweep", 3)
    scene.hello(slots=2)
    ended, running = scene.lease(free_slots=2)
    scene.start(running)
    scene.finish(ended)

    stopped = scene.client.arrays.stop("sweep")

    assert (stopped.ids, stopped.refused) == (["sweep-0002", "sweep-0003"], {})
    counts = scene.client.arrays.get("sweep").status_counts
    assert counts == {"completed": 1, "running": 1, "stopped": 1}
    assert scene.client.jobs.get("sweep-0002").reason == "stopping"


def test_whole_array_waits_for_another_job(scene: Scene) -> None:
    lease = scene.run("a")
    submit(scene, "sweep", 3, after=[Dependency("a")])

    scene.finish(lease, "failed", "exit code 1")

    assert scene.client.arrays.get("sweep").status_counts == {"stopped": 3}


def test_ten_thousand_jobs_are_one_array(scene: Scene) -> None:
    array = submit(scene, "sweep", 10_000)

    assert array.total == 10_000
    assert scene.client.arrays.get("sweep", limit=1, offset=9_999).items[0].id == "sweep-10000"
