from __future__ import annotations

import pytest

from foundations_wire.errors import InvalidFilter, InvalidRequest, UnknownProject
from foundations_wire.jobs import Dependency, JobSpec, JobStatus
from foundations_wire.many import ArraySpec, JobSelection
from support.scenes import Scene


def statuses(scene: Scene) -> dict[str, str]:
    return {job.id: job.status.value for job in scene.client.jobs.list().items}


def test_jobs_named_by_id_are_stopped_and_the_others_told(scene: Scene) -> None:
    scene.run("running")
    scene.submit("queued")
    scene.submit("over")
    scene.client.jobs.stop("over")

    done = scene.client.jobs.stop_many(
        JobSelection(ids=["running", "queued", "over", "nobody", "queued"])
    )

    assert (done.count, done.ids) == (2, ["running", "queued"])
    assert done.refused == {
        "over": "Job `over` has status `stopped` and cannot be stopped",
        "nobody": "Job `nobody` does not exist",
    }
    assert scene.client.jobs.get("running").reason == "stopping"


def test_jobs_of_a_project_or_filter_are_stopped_but_no_local_ones(scene: Scene) -> None:
    for number in range(4):
        scene.submit(f"j{number}", params={"n": number})
    scene.submit("elsewhere", project="fish", params={"n": 9})
    scene.start_local("local")

    by_filter = scene.client.jobs.stop_many(JobSelection(project="birds", filter="params.n >= 2"))
    by_project = scene.client.jobs.stop_many(JobSelection(project="birds"))

    assert sorted(by_filter.ids) == ["j2", "j3"]
    assert sorted(by_project.ids) == ["j0", "j1"]
    assert statuses(scene)["elsewhere"] == "queued"
    assert statuses(scene)["local"] == "running"


def test_job_that_is_stopped_with_another_counts_as_stopped(scene: Scene) -> None:
    scene.submit("a")
    scene.submit("b", after=[Dependency("a")])

    done = scene.client.jobs.stop_many(JobSelection(ids=["a", "b"]))

    assert (done.ids, done.refused) == (["a", "b"], {})


@pytest.mark.parametrize("word", ["stop", "delete"])
@pytest.mark.parametrize(
    "body",
    [{}, {"filter": " "}, {"ids": ["a"], "project": "birds"}, {"ids": ["a"], "filter": "x"}],
)
def test_nothing_happens_when_nobody_says_which_jobs(
    scene: Scene, word: str, body: dict[str, object]
) -> None:
    scene.submit("a")

    response = scene.ask("POST", f"/api/v1/jobs/{word}", body)

    assert response.status == 422
    assert "which jobs" in response.body.decode()
    assert scene.client.jobs.get("a").status is JobStatus.QUEUED


def test_unknown_projects_and_wrong_filters_are_named(scene: Scene) -> None:
    scene.submit("a")

    with pytest.raises(UnknownProject):
        scene.client.jobs.stop_many(JobSelection(project="nowhere"))
    with pytest.raises(InvalidFilter):
        scene.client.jobs.delete_many(JobSelection(filter="params.n >>> 2"))
    assert scene.client.jobs.stop_many(JobSelection(ids=[])).count == 0


def test_final_jobs_are_deleted_and_the_others_told(scene: Scene) -> None:
    for job_id in ("over", "queued", "over2"):
        scene.submit(job_id)
    scene.client.jobs.stop_many(JobSelection(ids=["over", "over2"]))

    done = scene.client.jobs.delete_many(JobSelection(project="birds"))

    assert sorted(done.ids) == ["over", "over2"]
    assert done.refused == {"queued": "Job `queued` has status `queued` and cannot be deleted"}
    assert statuses(scene) == {"queued": "queued"}


def test_many_more_jobs_than_fit_one_transaction_are_stopped_and_deleted(scene: Scene) -> None:
    spec = JobSpec(project="birds", command=["main.py"])
    scene.client.arrays.submit("sweep", ArraySpec(spec, [{}] * 450))
    ids = [f"sweep-{number:04}" for number in range(1, 451)]

    stopped = scene.client.jobs.stop_many(JobSelection(project="birds"))
    deleted = scene.client.jobs.delete_many(JobSelection(ids=ids))

    assert (stopped.count, deleted.count, scene.client.jobs.list().total) == (450, 450, 0)


def test_selection_is_a_closed_form(scene: Scene) -> None:
    with pytest.raises(InvalidRequest, match="'every' is not known"):
        scene.client.jobs._send_many("stop", {"every": True})  # type: ignore[arg-type]
