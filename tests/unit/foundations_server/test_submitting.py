from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from foundations_wire import codec
from foundations_wire.errors import Conflict, UnknownBlob, UnknownJob, WrongStatus
from foundations_wire.jobs import JobSpec, JobStatus
from foundations_wire.workers import Heartbeat
from support.scenes import Scene


def test_submitted_job_is_queued_with_number_and_name(scene: Scene) -> None:
    first = scene.submit("j1", user="ada", priority=10)
    second = scene.submit("j2")

    assert (first.status, first.number, second.number) == (JobStatus.QUEUED, 1, 2)
    assert first.name.endswith("-1")
    assert (first.user, first.priority, first.command) == ("ada", 10, ["main.py"])
    assert scene.client.jobs.get("j1") == first


def test_waiting_job_shows_the_parameters_that_it_was_given(scene: Scene) -> None:
    job = scene.submit("j1", params={"layers": [{"n": 5}], "lr": 0.1})

    assert job.params == {"layers_0_n": 5, "lr": 0.1}


def test_same_submission_twice_is_the_same_job(scene: Scene) -> None:
    spec = JobSpec(project="birds", command=["main.py"])

    first = scene.ask("PUT", "/api/v1/jobs/j1", spec)
    second = scene.ask("PUT", "/api/v1/jobs/j1", spec)

    assert (first.status, second.status) == (201, 200)
    assert first.body == second.body
    assert scene.client.jobs.list().total == 1


def test_other_submission_under_the_same_id_is_a_conflict(scene: Scene) -> None:
    scene.submit("j1")

    with pytest.raises(Conflict, match="is another one"):
        scene.submit("j1", priority=5)


@pytest.mark.scenario(33)
def test_hundred_submissions_at_once_get_distinct_numbers(scene: Scene) -> None:
    with ThreadPoolExecutor(16) as pool:
        jobs = list(pool.map(lambda n: scene.submit(f"job-{n}"), range(100)))

    assert {job.number for job in jobs} == set(range(1, 101))
    assert len({job.name for job in jobs}) == 100
    queue = scene.client.queue.get().waiting
    assert [job.queue_position for job in queue] == list(range(1, 101))


def test_unknown_bundle_is_refused_and_nothing_queued(scene: Scene) -> None:
    with pytest.raises(UnknownBlob):
        scene.submit("j1", bundle="0" * 64)

    with pytest.raises(UnknownJob):
        scene.client.jobs.get("j1")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"project": "birds", "command": []}, "command"),
        ({"command": ["main.py"]}, "project"),
        ({"project": "a/b", "command": ["x"]}, "project name"),
        ({"project": "birds", "command": ["x"], "priority": 1001}, "priority"),
        ({"project": "birds", "command": ["x"], "num_gpus": -1}, "num_gpus"),
        ({"project": "birds", "command": ["x"], "num_gpus": "one"}, "num_gpus"),
        ({"project": "birds", "command": ["x"], "ram_gb": 0}, "ram_gb"),
        ({"project": "birds", "command": ["x"], "ram_gb": "NaN"}, "ram_gb"),
        ({"project": "birds", "command": ["x"], "params": {"": 1}}, "parameter name"),
        ({"project": "birds", "command": ["x"], "environment": {"A=B": ""}}, "A=B"),
        ({"project": "birds", "command": ["a\0b"]}, "NUL"),
        ({"project": "birds", "command": ["x"], "bundle": "../../etc"}, "SHA-256"),
        ({"project": "birds", "comand": ["x"]}, "comand"),
        ([], "body"),
    ],
)
def test_sentence_names_the_field_when_a_spec_does_not_fit(
    scene: Scene, body: Any, named: str
) -> None:
    response = scene.ask("PUT", "/api/v1/jobs/j1", body)

    problem = codec.decode(response.body)
    assert response.status == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert named in problem["detail"]
    assert problem["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("body", [b"", b"{", b'{"project": NaN}', b"\xff", b"[" * 100_000])
def test_body_that_is_no_json_is_refused(scene: Scene, body: bytes) -> None:
    response = scene.ask("PUT", "/api/v1/jobs/j1", body)

    assert response.status == 422
    assert "not JSON" in codec.decode(response.body)["detail"]


@pytest.mark.scenario(37)
def test_stop_ends_a_queued_job_at_once(scene: Scene) -> None:
    scene.submit("j1")

    stopped = scene.client.jobs.stop("j1")

    assert (stopped.status, stopped.reason) == (JobStatus.STOPPED, "stopped while queued")
    assert stopped.ended_at is not None
    with pytest.raises(WrongStatus, match="cannot be stopped"):
        scene.client.jobs.stop("j1")


def test_stop_ends_the_record_of_a_local_job_whatever_it_reports_later(scene: Scene) -> None:
    scene.start_local("j1")

    stopped = scene.client.jobs.stop("j1")
    scene.log_metric("j1", "loss", [1.0])
    scene.finish_local("j1")

    assert (stopped.status, stopped.reason) == (JobStatus.STOPPED, "declared ended by a user")
    job = scene.client.jobs.get("j1")
    assert (job.status, job.reason, job.ended_at) == (
        JobStatus.STOPPED, stopped.reason, stopped.ended_at,
    )  # fmt: skip
    assert [summary.count for summary in job.metrics] == [1]
    scene.client.jobs.delete("j1")
    assert scene.client.jobs.list(project="birds").total == 0


@pytest.mark.scenario(39)
def test_delete_is_refused_when_the_job_is_not_final(scene: Scene) -> None:
    scene.start_local("j1")

    with pytest.raises(WrongStatus) as caught:
        scene.client.jobs.delete("j1")

    assert caught.value.message == "Job `j1` has status `running` and cannot be deleted"


def test_deleted_job_can_be_submitted_again(scene: Scene) -> None:
    scene.submit("j1")
    scene.client.jobs.stop("j1")
    scene.client.jobs.delete("j1")

    again = scene.submit("j1", priority=3)

    assert (again.status, again.number) == (JobStatus.QUEUED, 2)


def test_silent_worker_does_not_fail_its_job(scene: Scene) -> None:
    lease = scene.run("j1")
    scene.clock.advance(3600)

    job = scene.client.jobs.get("j1")

    assert job.status is JobStatus.RUNNING
    assert job.reason is not None
    assert job.reason.startswith("worker worker-w1 has not been heard from since 2030-")
    scene.client.workers.heartbeat("w1", Heartbeat({lease.attempt_id: lease.token}))
    assert scene.client.jobs.get("j1").reason is None


def test_tags_are_set_and_removed_whatever_their_key(scene: Scene) -> None:
    scene.submit("j1")
    for key in ("baseline", "a%2Fb", "x%20%C3%A9", "tags%2Fx"):
        assert scene.ask("PUT", f"/api/v1/jobs/j1/tags/{key}", {"value": "v"}).status == 204

    removed = scene.ask("DELETE", "/api/v1/jobs/j1/tags/a%2Fb")

    assert removed.status == 204
    assert scene.client.jobs.get("j1").tags == {"baseline": "v", "x é": "v", "tags/x": "v"}
    assert scene.ask("DELETE", "/api/v1/jobs/j1/tags/never-set").status == 204
    assert scene.ask("PUT", "/api/v1/jobs/j1/tags/a%07b", {"value": ""}).status == 422
    assert scene.ask("PUT", "/api/v1/jobs/other/tags/a", {"value": ""}).status == 404
    assert scene.client.projects.get("birds").tags == ["baseline", "tags/x", "x é"]
