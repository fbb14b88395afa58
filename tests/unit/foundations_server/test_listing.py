from __future__ import annotations

import pytest

from foundations_wire import codec, events
from foundations_wire.errors import InvalidRequest, UnknownProject
from support.scenes import Scene


def test_jobs_are_listed_newest_first_in_pages(scene: Scene) -> None:
    for number in range(5):
        scene.clock.advance(1)
        scene.submit(f"j{number}")

    page = scene.client.jobs.list(limit=2, offset=1)

    assert [job.id for job in page.items] == ["j3", "j2"]
    assert page.total == 5


def test_columns_are_those_of_all_jobs_of_the_project(scene: Scene) -> None:
    at = scene.clock.now()
    for number in range(3):
        scene.start_local(f"j{number}")
        scene.send(f"j{number}", events.ParamLogged(at, f"param{number}", number))
        scene.log_metric(f"j{number}", f"metric{number}", [1.0])
    scene.start_local("other", "fish")
    scene.log_metric("other", "weight", [1.0])

    page = scene.client.jobs.list(project="birds", limit=1)

    assert page.param_names == ["param0", "param1", "param2"]
    assert page.metric_names == ["metric0", "metric1", "metric2"]
    assert scene.client.jobs.list(limit=1).metric_names[-1] == "weight"


def test_jobs_are_narrowed_by_status(scene: Scene) -> None:
    scene.submit("waiting")
    scene.start_local("running")
    scene.start_local("done")
    scene.finish_local("done")

    found = {
        status: [job.id for job in scene.client.jobs.list(status=status).items]
        for status in ("queued", "running", "completed", "failed")
    }

    assert found == {
        "queued": ["waiting"],
        "running": ["running"],
        "completed": ["done"],
        "failed": [],
    }


@pytest.mark.scenario(18)
def test_job_is_found_by_its_number_in_its_project(scene: Scene) -> None:
    for job_id in ("j1", "j2", "j3"):
        scene.submit(job_id)

    page = scene.client.jobs.list(project="birds", number=2)

    assert [job.id for job in page.items] == ["j2"]
    assert scene.client.jobs.list(project="birds", number=7).total == 0


def test_unknown_project_is_named(scene: Scene) -> None:
    with pytest.raises(UnknownProject) as caught:
        scene.client.jobs.list(project="x")

    assert caught.value.message == "Project `x` does not exist!"
    with pytest.raises(UnknownProject):
        scene.client.projects.get("x")


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "offset=-1", "status=lost", "limit=x"])
def test_sentence_names_the_option_when_it_does_not_fit(scene: Scene, query: str) -> None:
    response = scene.ask("GET", f"/api/v1/jobs?{query}")

    assert response.status == 422
    assert query.partition("=")[0] in codec.decode(response.body)["detail"]


def test_projects_show_what_their_jobs_add_up_to(scene: Scene) -> None:
    scene.start_local("j1")
    scene.finish_local("j1")
    scene.submit("j2")
    scene.clock.advance(60)
    scene.submit("other", "fish & chips")

    page = scene.client.projects.list()

    assert [(p.name, p.job_count) for p in page.items] == [("fish & chips", 1), ("birds", 2)]
    assert page.items[1].status_counts == {"completed": 1, "queued": 1}
    assert page.items[0].updated_at > page.items[1].updated_at
    assert scene.client.projects.get("fish & chips").job_count == 1
    assert scene.client.projects.list(limit=1, offset=1).items == [page.items[1]]


@pytest.mark.scenario(1)
def test_duration_runs_while_the_job_does(scene: Scene) -> None:
    scene.submit("waiting")
    scene.start_local("j1")
    scene.clock.advance(12.5)

    assert scene.client.jobs.get("j1").duration_seconds == 12.5
    assert scene.client.jobs.get("waiting").duration_seconds is None
    scene.finish_local("j1")
    scene.clock.advance(100)
    assert scene.client.jobs.get("j1").duration_seconds == 12.5


def test_client_error_is_the_servers(scene: Scene) -> None:
    with pytest.raises(InvalidRequest, match="limit"):
        scene.client.jobs.list(limit=1000)
