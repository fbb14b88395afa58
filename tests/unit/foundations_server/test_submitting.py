from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from foundations_wire import codec
from foundations_wire.errors import (
    Conflict,
    InvalidRequest,
    UnknownBlob,
    UnknownJob,
    WrongStatus,
)
from foundations_wire.jobs import JobSpec, JobStatus
from foundations_wire.workers import Heartbeat, WorkerHello
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


def test_hundred_equal_submissions_at_once_are_one_job(scene: Scene) -> None:
    spec = JobSpec(project="birds", command=["main.py"])
    changed = JobSpec(project="birds", command=["main.py"], priority=1)

    with ThreadPoolExecutor(16) as pool:
        same = list(pool.map(lambda _: scene.ask("PUT", "/api/v1/jobs/j1", spec), range(100)))
        other = list(pool.map(lambda _: scene.ask("PUT", "/api/v1/jobs/j1", changed), range(20)))

    assert sorted(response.status for response in same) == [200] * 99 + [201]
    assert len({response.body for response in same}) == 1
    assert {response.status for response in other} == {409}
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
        ({"project": "birds", "command": ["x"], "privileged": True}, "privileged"),
        ({"project": "birds", "command": ["x"], "network_mode": "host"}, "network_mode"),
        ({"project": "birds", "command": ["x"], "cpus": 0}, "cpus"),
        ({"project": "birds", "command": ["x"], "cpus": "Infinity"}, "cpus"),
        ({"project": "birds", "command": ["x"], "time_limit": 0}, "time_limit"),
        ({"project": "birds", "command": ["x"], "time_limit": "NaN"}, "time_limit"),
        ({"project": "birds", "command": ["x"], "grace": 601}, "grace"),
        ({"project": "birds", "command": ["x"], "grace": -1}, "grace"),
        ({"project": "birds", "command": ["x"], "max_retries": 101}, "max_retries"),
        ({"project": "birds", "command": ["x"], "max_infra_retries": -1}, "max_infra_retries"),
        ({"project": "birds", "command": ["x"], "pull": "sometimes"}, "pull"),
        ({"project": "birds", "command": ["x"], "after": ["j0"]}, "after[0]"),
        ({"project": "birds", "command": ["x"], "after": [{"job": "nobody"}]}, "nobody"),
        ({"project": "birds", "command": ["x"], "after": [{"job": "../x"}]}, "../x"),
        ({"project": "birds", "command": ["x"], "after": [{"job": "j1"}]}, "wait for itself"),
        (
            {"project": "birds", "command": ["x"], "after": [{"job": "a"}, {"job": "a"}]},
            "twice",
        ),
        (
            {
                "project": "birds",
                "command": ["x"],
                "after": [{"job": f"a{n}"} for n in range(1001)],
            },
            "1001",
        ),
        *(
            ({"project": "birds", "command": ["x"], "environment": {name: "all"}}, name)
            for name in ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "LD_PRELOAD")
        ),
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
    assert scene.client.jobs.list().total == 0
    assert scene.client.projects.list().total == 0


@pytest.mark.parametrize("body", [b"", b"{", b'{"project": NaN}', b"\xff", b"[" * 100_000])
def test_body_that_is_no_json_is_refused(scene: Scene, body: bytes) -> None:
    response = scene.ask("PUT", "/api/v1/jobs/j1", body)

    assert response.status == 422
    assert "not JSON" in codec.decode(response.body)["detail"]


def test_environment_of_old_clients_is_accepted(scene: Scene) -> None:
    job = scene.submit("j1", environment={"FOUNDATIONS_USER": "ada", "PYTHONPATH": "/job"})

    assert job.status is JobStatus.QUEUED


def test_job_that_no_worker_can_hold_is_refused_with_what_there_is(scene: Scene) -> None:
    scene.hello("w1", gpus=1)
    scene.hello("w2", gpus=2)
    scene.clock.advance(3600)

    with pytest.raises(InvalidRequest) as caught:
        scene.submit("j1", num_gpus=3)

    assert caught.value.message == ("The job needs 3 GPUs; the largest worker, worker-w2, has 2.")
    assert scene.submit("j2", num_gpus=2, ram_gb=1e6, cpus=4096).status is JobStatus.QUEUED
    scene.client.workers.goodbye("w1")
    scene.client.workers.goodbye("w2")
    assert scene.submit("j3", num_gpus=3).status is JobStatus.QUEUED


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"cpus": 9}, "The job needs 9 CPUs; the largest worker, many, has 8."),
        ({"ram_gb": 64.5}, "The job needs 64.5 GB of memory; the largest worker, big, has 64."),
        (
            {"cpus": 8, "ram_gb": 64},
            "No worker has all that the job needs at once: 8 CPUs, 64 GB of memory.",
        ),
    ],
)
def test_cpus_and_memory_are_counted_where_workers_tell_theirs(
    scene: Scene, options: dict[str, Any], sentence: str
) -> None:
    for name, cpus, ram_gb in (("many", 8.0, 16.0), ("big", 2.0, 64.0)):
        hello = WorkerHello(name, "host", "process", 2, [], "0.1.0", cpus, ram_gb)
        scene.client.workers.hello(name, hello)

    with pytest.raises(InvalidRequest) as caught:
        scene.submit("j1", **options)

    assert caught.value.message == sentence


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
