from __future__ import annotations

from typing import Any

import pytest

from foundations_wire.errors import InvalidRequest
from foundations_wire.jobs import Dependency, JobSpec
from foundations_wire.many import DryRun
from support.scenes import Scene


def try_out(scene: Scene, **options: Any) -> DryRun:
    return scene.client.jobs.dry_run(JobSpec(project="birds", command=["main.py"], **options))


def test_dry_run_names_the_worker_on_which_a_job_would_start(scene: Scene) -> None:
    scene.hello("w1")
    scene.hello("w2", gpus=1)

    assert try_out(scene, num_gpus=1) == DryRun(True, "worker-w2", None, None)


def test_dry_run_says_why_a_job_would_wait_and_where(scene: Scene) -> None:
    scene.hello(slots=1)
    for job_id in ("a", "b", "c"):
        scene.submit(job_id)
    scene.lease()

    waiting = try_out(scene)
    first = try_out(scene, priority=5)

    name = scene.client.jobs.get("a").name
    assert (waiting.can_start, waiting.position, first.position) == (False, 3, 1)
    assert waiting.reason is not None
    assert waiting.reason.startswith("position 3: ")
    assert name in (first.reason or "")


def test_dry_run_stores_nothing(scene: Scene) -> None:
    before = scene.submit("a")

    answer = try_out(scene, bundle="0" * 64, params={"new": 1})
    try_out(scene, priority=9)

    assert answer.position == 2
    page = scene.client.jobs.list()
    assert (page.total, page.param_names) == (1, [])
    assert scene.client.projects.get("birds").job_count == 1
    assert scene.submit("b").number == before.number + 1


def test_dry_run_refuses_what_would_be_refused(scene: Scene) -> None:
    scene.hello()

    for options, sentence in (
        ({"num_gpus": 3}, "The job needs 3 GPUs; the largest worker, worker-w1, has 0."),
        ({"priority": 5000}, "The priority 5000 is outside"),
        ({"after": [Dependency("nobody")]}, "nobody"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            try_out(scene, **options)
        assert sentence in caught.value.message
    assert scene.client.projects.list().items == []


def test_dry_run_tells_what_a_held_or_hopeless_job_would_become(scene: Scene) -> None:
    scene.finish(scene.run("a"), "failed", "exit code 1")

    held = try_out(scene, held=True)
    hopeless = try_out(scene, after=[Dependency("a")])

    assert "held" in (held.reason or "")
    name = scene.client.jobs.get("a").name
    assert hopeless == DryRun(False, None, None, f"not started: job {name} failed")
