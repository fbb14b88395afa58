"""The worker's care for what it holds and what it finds, against the real server application."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from foundations_client.client import Client
from foundations_wire.errors import ServerUnreachable
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec
from foundations_wire.workers import Device, LeaseRequest, WorkerHello
from foundations_worker.attempt import Tools
from foundations_worker.environments import Environments
from foundations_worker.executors.base import Handle, Launch
from foundations_worker.executors.fake import FakeExecutor, Scene
from foundations_worker.gpus.fake import FakeGpus
from foundations_worker.gpus.health import GpuHealth
from foundations_worker.job_environment import Surroundings
from foundations_worker.loop import Identity, Worker
from foundations_worker.paths import WorkerPaths
from foundations_worker.preparation import BundleCache
from foundations_worker.preparing import ProcessPreparer
from support.app_transport import running_client

WAIT_S = 20.0
DEVICES = [Device("g0"), Device("g1")]
IDENTITY = Identity("worker-1", WorkerHello("tester", "here", "fake", 2, DEVICES, "0"))


class Watched(FakeExecutor):
    """Tells when something was removed."""

    def __init__(self, scenes: dict[str, Scene]) -> None:
        super().__init__(scenes)
        self.has_removed = threading.Event()

    def remove(self, handle: Handle) -> None:
        super().remove(handle)
        self.has_removed.set()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running_client(tmp_path / "server") as made:
        made.workers.hello(IDENTITY.id, IDENTITY.hello)
        yield made


@pytest.fixture
def gpus() -> FakeGpus:
    return FakeGpus(["g0", "g1"])


@pytest.fixture
def tools(client: Client, tmp_path: Path, gpus: FakeGpus) -> Tools:
    paths = WorkerPaths(tmp_path / "home")
    paths.root.mkdir(parents=True)
    surroundings = Surroundings("http://server", paths.home, tmp_path / "sdk")
    return Tools(
        client=client,
        executor=Watched({"stray": Scene(end=None)}),
        preparer=ProcessPreparer(Environments(paths.environments, tmp_path), surroundings),
        paths=paths,
        bundles=BundleCache(paths.bundles, client),
        gpus=GpuHealth(gpus, pause=lambda _s: None),
        grace_s=0.1,
    )


def leave_stray(tools: Tools, attempt_id: str = "stray") -> Watched:
    executor = tools.executor
    assert isinstance(executor, Watched)
    executor.start(Launch(attempt_id, [], Path("/")))
    return executor


def test_stray_is_ended_after_the_grace(tools: Tools) -> None:
    executor = leave_stray(tools)
    worker = Worker(IDENTITY, tools, stray_grace_s=0.0)

    worker.remove_strays()

    assert executor.has_removed.wait(WAIT_S)
    assert executor.observe() == []


def test_stray_is_left_alone_within_the_grace(tools: Tools) -> None:
    executor = leave_stray(tools)

    Worker(IDENTITY, tools, stray_grace_s=60.0).remove_strays()

    assert len(executor.observe()) == 1


def test_stray_is_left_alone_when_the_server_does_not_answer(tools: Tools) -> None:
    executor = leave_stray(tools)

    def fail(*_: Any) -> None:
        raise ServerUnreachable("away")

    tools.client.workers.hello = fail  # type: ignore[assignment, method-assign]

    with pytest.raises(ServerUnreachable):
        Worker(IDENTITY, tools, stray_grace_s=0.0).remove_strays()
    assert len(executor.observe()) == 1


def test_nothing_is_ended_when_what_runs_cannot_be_listed(tools: Tools) -> None:
    class Silent(Watched):
        def observe(self) -> list[Handle]:
            raise OSError("the engine does not answer")

    executor = Silent({})
    executor.start(Launch("stray", [], Path("/")))

    Worker(IDENTITY, replace(tools, executor=executor), stray_grace_s=0.0).remove_strays()

    assert not executor.has_removed.is_set()


def test_stray_that_is_being_ended_is_not_ended_a_second_time(tools: Tools) -> None:
    class Slow(Watched):
        def __init__(self) -> None:
            super().__init__({"stray": Scene(end=None)})
            self.stops = 0
            self.may_go_on = threading.Event()

        def stop(self, handle: Handle, grace_s: float) -> bool:
            self.stops += 1
            self.may_go_on.wait(WAIT_S)
            return super().stop(handle, grace_s)

    executor = Slow()
    executor.start(Launch("stray", [], Path("/")))
    worker = Worker(IDENTITY, replace(tools, executor=executor), stray_grace_s=0.0)

    for _ in range(3):
        worker.remove_strays()
    executor.may_go_on.set()

    assert executor.has_removed.wait(WAIT_S)
    assert executor.stops == 1


def test_what_the_server_names_is_taken_up_again_and_not_ended(
    tools: Tools, client: Client
) -> None:
    client.jobs.submit(new_id(), JobSpec("p", ["main.py"]))
    lease = client.workers.lease(IDENTITY.id, LeaseRequest(2)).leases[0]
    executor = leave_stray(tools, lease.attempt_id)

    Worker(IDENTITY, tools, stray_grace_s=0.0).remove_strays()

    assert executor.has_removed.wait(WAIT_S)  # by the attempt, which has ended by itself
    assert client.jobs.get(lease.job_id).status.value == "completed"


def test_trouble_of_the_executor_is_told(tools: Tools, client: Client) -> None:
    executor = leave_stray(tools)
    executor.problem = "the engine does not answer"

    Worker(IDENTITY, tools).beat()

    assert client.workers.list().items[0].trouble == "the engine does not answer"


def test_full_disk_is_a_trouble(
    tools: Tools, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=5 << 20))

    Worker(IDENTITY, tools).beat()

    trouble = client.workers.list().items[0].trouble
    assert trouble == f"only 5 MiB are free under {tools.paths.root}"


def test_idle_gpu_that_falls_sick_is_quarantined_until_it_is_well(
    tools: Tools, client: Client, gpus: FakeGpus
) -> None:
    worker = Worker(IDENTITY, tools)
    gpus.problems["g1"] = "fell off the bus"

    worker.beat()
    sick = [gpu.status for gpu in client.workers.list().items[0].gpus]
    gpus.problems.clear()
    worker.beat()

    assert sick == ["free", "quarantined"]
    assert [gpu.status for gpu in client.workers.list().items[0].gpus] == ["free", "free"]


def test_gpu_that_something_unkillable_holds_is_not_called_well(
    tools: Tools, client: Client, gpus: FakeGpus
) -> None:
    note = tools.paths.attempt("left").unkillable
    note.parent.mkdir(parents=True)
    note.write_text('["g0"]')
    worker = Worker(IDENTITY, tools)

    worker.beat()
    before = tools.gpus.check_idle(busy=["g0"])

    assert gpus.problems == {}
    assert before == ({}, [])  # g1 was told by the worker, and g0 is nobody's to tell
