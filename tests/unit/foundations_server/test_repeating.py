from __future__ import annotations

import pytest

from foundations_wire.errors import Conflict, InvalidRequest, UnknownJob
from foundations_wire.jobs import Dependency, JobStatus
from support.scenes import Scene


def test_rerun_is_the_same_job_but_for_what_is_changed(scene: Scene) -> None:
    bundle = scene.put_bundle()
    scene.submit(
        "j1", bundle=bundle, params={"lr": 0.1, "n": 1}, environment={"A": "1"}, num_gpus=1,
        time_limit=60.0,
    )  # fmt: skip
    scene.client.jobs.stop("j1")

    again = scene.client.jobs.rerun(
        "j1", {"params": {"lr": 0.2}, "environment": {"B": "2"}, "num_gpus": 0, "time_limit": None}
    )

    assert (again.status, again.params) == (JobStatus.QUEUED, {"lr": 0.2, "n": 1})
    spec = scene.client.jobs.spec(again.id)
    assert (spec.bundle, spec.command) == (bundle, ["main.py"])
    assert (spec.environment, spec.num_gpus, spec.time_limit) == ({"A": "1", "B": "2"}, 0, None)


def test_rerun_with_an_id_is_the_same_job_when_repeated(scene: Scene) -> None:
    scene.submit("j1")

    first = scene.client.jobs.rerun("j1", {"id": "j2"})
    second = scene.client.jobs.rerun("j1", {"id": "j2"})

    assert first == second
    assert scene.client.jobs.list().total == 2
    with pytest.raises(Conflict):
        scene.client.jobs.rerun("j1", {"id": "j2", "priority": 1})


def test_rerun_waits_for_nobody_and_is_not_held(scene: Scene) -> None:
    scene.finish(scene.run("a"))
    scene.submit("b", after=[Dependency("a")], held=True)
    scene.client.jobs.stop("b")
    scene.client.jobs.delete("a")

    again = scene.client.jobs.rerun("b")

    assert (again.after, again.is_held) == ([], False)


def test_local_job_has_nothing_to_run_again(scene: Scene) -> None:
    scene.start_local("j1")

    with pytest.raises(Conflict, match="foundations submit"):
        scene.client.jobs.rerun("j1")
    with pytest.raises(Conflict, match="foundations submit"):
        scene.client.jobs.spec("j1")


def test_rerun_is_checked_as_any_job_is(scene: Scene) -> None:
    scene.submit("j1")

    for changes, named in (
        ({"num_gpus": -1}, "num_gpus"),
        ({"parms": {}}, "parms"),
        ({"bundle": "0" * 64}, "bundle"),
        ({"command": []}, "command"),
        ({"params": 3}, "params"),
        ({"id": "../x"}, "job id"),
    ):
        with pytest.raises(InvalidRequest, match=named):
            scene.client.jobs.rerun("j1", changes)
    with pytest.raises(UnknownJob):
        scene.client.jobs.rerun("nobody")
    assert scene.client.jobs.list().total == 1
