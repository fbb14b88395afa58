"""What containers are made of."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from foundations_wire.jobs import JobSpec
from foundations_wire.workers import Lease
from foundations_worker.executors.base import Mount, RequestRefused
from foundations_worker.executors.docker import images, preparation, volumes
from foundations_worker.executors.docker.containers import Wish, spell
from foundations_worker.executors.docker.engine import EngineFacts, EngineRefused, Image
from foundations_worker.executors.docker.layers import find_pip_settings
from foundations_worker.executors.docker_settings import (
    DockerSettings,
    Volume,
    add_options,
    parse_volumes,
    read_options,
)

FACTS = EngineFacts(cpus=4, memory_bytes=10_000_000_000)


def host_config(wish: Wish, settings: DockerSettings | None = None) -> dict[str, Any]:
    config: dict[str, Any] = spell(wish, settings or DockerSettings(), FACTS)["HostConfig"]
    return config


def wish(**facts: Any) -> Wish:
    return Wish("image", ["python3"], {}, [], **facts)


def make_lease(gpus: tuple[str, ...] = (), **spec: Any) -> Lease:
    return Lease("a1", "t", "j1", 1, JobSpec("p", ["main.py"], **spec), gpus=list(gpus))


def test_every_container_is_confined() -> None:
    config = host_config(wish())

    assert config["CapDrop"] == ["ALL"]
    assert config["SecurityOpt"] == ["no-new-privileges"]
    assert config["PidsLimit"] == 512
    assert config["ReadonlyRootfs"]
    assert config["RestartPolicy"] == {"Name": "no"}
    assert not config["AutoRemove"]
    assert config["Init"]


@pytest.mark.parametrize(
    ("asked", "operators", "expected"),
    [(1.5, None, 1.5e9), (None, 2.0, 2e9), (None, None, 9e9), (1.0, 2.0, 1e9)],
)
def test_memory_is_limited_without_swap(
    asked: float | None, operators: float | None, expected: float
) -> None:
    config = host_config(wish(ram_gb=asked), DockerSettings(ram_gb=operators))

    assert config["Memory"] == config["MemorySwap"] == expected


def test_cpus_are_no_more_than_there_are() -> None:
    assert host_config(wish(cpus=64))["NanoCpus"] == 4e9
    assert "NanoCpus" not in host_config(wish())


def test_gpus_are_requested_by_their_ids() -> None:
    config = host_config(wish(gpus=["GPU-1", "GPU-2"]))

    assert config["DeviceRequests"] == [
        {"DeviceIDs": ["GPU-1", "GPU-2"], "Capabilities": [["gpu"]]}
    ]


def test_gpus_may_be_named_for_the_container_device_interface() -> None:
    config = host_config(wish(gpus=["GPU-1"]), DockerSettings(gpu_driver="cdi"))

    assert config["DeviceRequests"] == [{"Driver": "cdi", "DeviceIDs": ["nvidia.com/gpu=GPU-1"]}]


def test_declared_gpus_are_not_asked_of_the_engine() -> None:
    assert "DeviceRequests" not in host_config(wish(gpus=["fake-0"]))


def test_image_that_wants_all_gpus_gets_none_of_them() -> None:
    assert "NVIDIA_VISIBLE_DEVICES=void" in spell(wish(), DockerSettings(), FACTS)["Env"]


def test_environment_is_that_of_image_and_job_and_never_the_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OF_THE_WORKER", "secret")
    image = Image("i", "sha256:1", {"PATH": "/opt/bin", "A": "image", "B": "image"})
    lease = make_lease(environment={"B": "job", "FOUNDATIONS_JOB_ID": "forged"})

    made = preparation.make_environment(lease, image)

    assert (made["A"], made["B"], made["FOUNDATIONS_JOB_ID"]) == ("image", "job", "j1")
    assert made["PATH"] == "/atlas/layer/bin:/opt/bin"
    assert made["FOUNDATIONS_SERVER"] == "unix:///atlas/door/server.sock"
    assert "OF_THE_WORKER" not in made


def test_job_cannot_widen_its_gpus() -> None:
    lease = make_lease(("GPU-1",), environment={"NVIDIA_VISIBLE_DEVICES": "all"})

    made = preparation.make_environment(lease, Image("i", "sha256:1", {}))

    assert made["NVIDIA_VISIBLE_DEVICES"] == made["CUDA_VISIBLE_DEVICES"] == "GPU-1"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(None, "/job/job_source"), ("a/b", "/job/job_source/a/b"), ("/opt", "/opt")],
)
def test_working_directory_is_below_the_jobs_folder_or_in_the_image(
    asked: str | None, expected: str
) -> None:
    assert preparation.choose_folder(JobSpec("p", working_dir=asked)) == Path(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("python", ("python", "latest")),
        ("lab/audio:3", ("lab/audio", "3")),
        ("host:5000/a/b", ("host:5000/a/b", "latest")),
        ("a@sha256:12", ("a", "sha256:12")),
    ],
)
def test_name_of_an_image_has_repository_and_tag(name: str, expected: tuple[str, str]) -> None:
    assert images.split_name(name) == expected


def test_image_outside_the_operators_list_is_not_allowed() -> None:
    settings = DockerSettings(image="mine:1", images=("lab/*", "python:3.12"))

    assert [settings.allows(name) for name in ("lab/a:2", "python:3.12", "mine:1")] == [True] * 3
    assert not settings.allows("python:3.11")
    assert DockerSettings().allows("whatever")


@pytest.mark.parametrize(
    ("status", "text", "is_final"),
    [
        (404, "manifest unknown", True),
        (500, "denied: requested access", True),
        (500, "lookup host: no such host", False),
        (0, "write /x: no space left on device", False),
    ],
)
def test_failed_pull_is_the_requests_fault_or_the_machines(
    status: int, text: str, *, is_final: bool
) -> None:
    error = images.explain("a:1", EngineRefused(text, status))

    assert isinstance(error, RequestRefused) is is_final
    assert "a:1" in str(error)


def test_volumes_are_those_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    lent = parse_volumes(f"{tmp_path}/data:rw")
    asked = {f"{tmp_path}/data": {"bind": "/mine", "mode": "rw"}}

    assert volumes.choose(asked, lent) == [Mount(tmp_path / "data", "/mine", is_writable=True)]


@pytest.mark.parametrize(
    "how", [7, {"mode": "ro"}, "relative", "/job", "/atlas/guard.py", "/", "/a/../job", "/a:xx"]
)
def test_odd_volumes_are_refused(tmp_path: Path, how: Any) -> None:
    with pytest.raises(RequestRefused, match="volume"):
        volumes.choose({str(tmp_path): how}, [Volume(tmp_path, is_writable=True)])


def test_folders_of_packages_are_lent_to_the_installer(tmp_path: Path) -> None:
    variables, mounts = find_pip_settings({"PIP_FIND_LINKS": f"{tmp_path} https://x", "A": "b"})

    assert variables["PIP_FIND_LINKS"] == "/atlas/links/0 https://x"
    assert Mount(tmp_path, "/atlas/links/0") in mounts
    assert "A" not in variables


@pytest.mark.parametrize(
    "words",
    [["--run-as", "0:0"], ["--run-as", "ada"], ["--volumes", "data"], ["--volumes", "/a:xx"],
     ["--network", "container:other"]],
)  # fmt: skip
def test_operator_is_told_of_options_that_cannot_be(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)

    with pytest.raises(SystemExit):
        parser.parse_args(words)


def test_options_become_settings() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser)

    settings = read_options(parser.parse_args(["--images", "a, b/*", "--volumes", "/x:rw,/y"]))

    assert settings.images == ("a", "b/*")
    assert settings.volumes == (Volume(Path("/x"), is_writable=True), Volume(Path("/y")))
