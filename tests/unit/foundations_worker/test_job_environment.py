from __future__ import annotations

from pathlib import Path

import pytest

from foundations_wire.jobs import JobSpec
from foundations_wire.workers import Lease
from foundations_worker.job_environment import (
    Surroundings,
    make_command,
    make_environment,
    name_gpus,
    name_unused,
)

PYTHON = Path("/env/bin/python")
SURROUNDINGS = Surroundings("http://127.0.0.1:5555", Path("/home/f"), Path("/sdk"))


def variables_of(spec: JobSpec, inherited: dict[str, str] | None = None) -> dict[str, str]:
    lease = Lease("attempt-1", "secret", "job-1", 1, spec)
    return make_environment(lease, PYTHON, Path("/journal"), SURROUNDINGS, inherited or {})


def test_command_follows_the_python_of_the_job() -> None:
    spec = JobSpec("p", ["main.py", "a b"])

    assert make_command(spec, PYTHON) == ["/env/bin/python", "main.py", "a b"]


@pytest.mark.parametrize(
    ("entrypoint", "start"), [("bash", ["bash"]), ("python -X dev", ["python", "-X", "dev"])]
)
def test_command_follows_the_entrypoint(entrypoint: str, start: list[str]) -> None:
    spec = JobSpec("p", ["x"], entrypoint=entrypoint)

    assert make_command(spec, PYTHON) == [*start, "x"]


def test_job_is_told_who_it_is() -> None:
    variables = variables_of(JobSpec("birds", user="ada"))

    assert {name: value for name, value in variables.items() if name[:12] == "FOUNDATIONS_"} == {
        "FOUNDATIONS_SERVER": "http://127.0.0.1:5555",
        "FOUNDATIONS_HOME": "/home/f",
        "FOUNDATIONS_JOB_ID": "job-1",
        "FOUNDATIONS_PROJECT_NAME": "birds",
        "FOUNDATIONS_USER": "ada",
        "FOUNDATIONS_JOB_OWNER": "attempt:attempt-1",
        "FOUNDATIONS_JOURNAL": "/journal",
    }


def test_job_may_add_and_override_but_not_say_who_it_is() -> None:
    own = {
        "SEED": "7", "PYTHONUNBUFFERED": "0", "PYTHONPATH": "lib", "FOUNDATIONS_JOB_ID": "x",
        "FOUNDATIONS_COMMAND_LINE": "True", "FOUNDATIONS_QUIET": "1",
    }  # fmt: skip

    variables = variables_of(JobSpec("p", environment=own))

    assert variables["SEED"] == "7"
    assert variables["PYTHONUNBUFFERED"] == "0"
    assert variables["PYTHONPATH"] == "/sdk:lib"
    assert variables["FOUNDATIONS_JOB_ID"] == "job-1"
    assert variables["FOUNDATIONS_QUIET"] == "1"
    assert "FOUNDATIONS_COMMAND_LINE" not in variables


def test_nothing_of_the_worker_leads_to_its_packages() -> None:
    inherited = {
        "PYTHONPATH": "/src", "VIRTUAL_ENV": "/worker", "FOUNDATIONS_TOKEN": "secret",
        "PATH": "/usr/bin", "LANG": "C.UTF-8",
    }  # fmt: skip

    variables = variables_of(JobSpec("p"), inherited)

    assert variables["PYTHONPATH"] == "/sdk"
    assert variables["PATH"] == "/env/bin:/usr/bin"
    assert variables["LANG"] == "C.UTF-8"
    assert "VIRTUAL_ENV" not in variables
    assert "FOUNDATIONS_TOKEN" not in variables


def test_what_a_process_cannot_give_is_named() -> None:
    spec = JobSpec("p", image="i", num_gpus=2, volumes={"/a": "/b"}, ram_gb=4)

    assert name_unused(spec) == ["image", "volumes"]
    assert name_unused(JobSpec("p")) == []


@pytest.mark.parametrize(
    ("gpus", "asked", "cuda", "nvidia"),
    [
        (["u1", "u2"], {}, "u1,u2", "u1,u2"),
        ([], {}, "", "void"),
        (["u1"], {"CUDA_VISIBLE_DEVICES": "0,1", "NVIDIA_VISIBLE_DEVICES": "all"}, "u1", "u1"),
        (["u1", "u2"], {"CUDA_VISIBLE_DEVICES": "u2"}, "u2", "u1,u2"),
        (["u1"], {"CUDA_VISIBLE_DEVICES": ""}, "", "u1"),
    ],
)
def test_job_sees_its_own_gpus_and_may_only_look_at_fewer(
    gpus: list[str], asked: dict[str, str], cuda: str, nvidia: str
) -> None:
    found = name_gpus(gpus, asked)

    assert found == {"CUDA_VISIBLE_DEVICES": cuda, "NVIDIA_VISIBLE_DEVICES": nvidia}
