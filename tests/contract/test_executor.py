"""What every executor promises, tried on each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from foundations_wire.ids import new_id
from foundations_worker.executors.base import Condition, Executor, Exit, Handle, Launch
from foundations_worker.executors.docker import DockerExecutor
from foundations_worker.executors.docker_settings import DockerSettings
from foundations_worker.executors.fake import FakeExecutor, Scene
from foundations_worker.executors.process import ProcessExecutor
from support.docker import BASE_IMAGE, Engine

WAIT_S = 20.0


class Stage(Protocol):
    """Makes an executor that plays the same pieces, whatever it is."""

    def open(self) -> Executor:
        """Return the executor; called again, one that knows what the first one did."""
        ...

    def launch(self, piece: str) -> Launch: ...


@dataclass
class FakeStage:
    def __post_init__(self) -> None:
        self._executor = FakeExecutor({
            "fine": Scene(output=b"hello\n"),
            "three": Scene(end=Exit(code=3)),
            "killed": Scene(end=Exit(signal=9)),
            "missing": Scene(end=Exit(code=127, problem="command not found: no-such-program")),
            "waits": Scene(output=b"ready\n", end=None),
            "polite": Scene(output=b"ready\n", end=None, at_term=Exit(code=0)),
            "stubborn": Scene(output=b"ready\n", end=None, at_term=None),
        })  # fmt: skip

    def open(self) -> Executor:
        return self._executor

    def launch(self, piece: str) -> Launch:
        return Launch(piece, [piece], Path("/"))


READY = "print('ready', flush=True); time.sleep(60)"
PROGRAMS = {
    "fine": "print('hello')",
    "three": "raise SystemExit(3)",
    "killed": "import os; os.kill(os.getpid(), 9)",
    "waits": f"import time; {READY}",
    "polite": (f"import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); {READY}"),
    "stubborn": f"import signal, time; signal.signal(15, signal.SIG_IGN); {READY}",
}


@dataclass
class ProcessStage:
    folder: Path

    def open(self) -> Executor:
        return ProcessExecutor(self.folder / "attempts")

    def launch(self, piece: str) -> Launch:
        program = PROGRAMS.get(piece)
        command = [sys.executable, "-S", "-c", program] if program else ["no-such-program"]
        return Launch(piece, command, self.folder, {"PATH": "/usr/bin:/bin"})


@dataclass
class DockerStage:
    folder: Path
    engine: Engine
    install: str = field(default_factory=new_id)

    def open(self) -> Executor:
        settings = DockerSettings(engine=self.engine.address, network="none")
        return DockerExecutor(self.folder / "attempts", self.install, settings)

    def launch(self, piece: str) -> Launch:
        program = PROGRAMS.get(piece)
        command = ["python3", "-S", "-c", program] if program else ["no-such-program"]
        variables = {"PATH": "/usr/bin:/bin"}
        return Launch(piece, command, Path("/"), variables, image=BASE_IMAGE)


@pytest.fixture(params=["process", "docker", "fake"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    if request.param == "docker":
        return DockerStage(tmp_path, request.getfixturevalue("docker_engine"))
    return ProcessStage(tmp_path) if request.param == "process" else FakeStage()


@pytest.fixture
def executor(stage: Stage) -> Iterator[Executor]:
    made = stage.open()
    yield made
    for handle in made.observe():
        made.stop(handle, 0)
        made.wait(handle, WAIT_S)
        made.remove(handle)


def wait_until_ready(executor: Executor, handle: Handle) -> None:
    """The program has set its signal handlers once it has printed."""
    while not executor.read_logs(handle, 0):
        assert executor.wait(handle, 0.02) is None


def end_of(executor: Executor, launch: Launch) -> Exit | None:
    return executor.wait(executor.start(launch), WAIT_S)


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("fine", (0, None, None)),
        ("three", (3, None, None)),
        ("killed", (None, 9, None)),
        ("missing", (127, None, "command not found: no-such-program")),
    ],
)
def test_wait_tells_how_the_command_ended(
    stage: Stage, executor: Executor, piece: str, expected: tuple[object, ...]
) -> None:
    end = end_of(executor, stage.launch(piece))

    assert end is not None
    assert (end.code, end.signal, end.problem) == expected


def test_wait_answers_nothing_while_the_command_runs(stage: Stage, executor: Executor) -> None:
    handle = executor.start(stage.launch("waits"))

    assert executor.wait(handle, 0.01) is None


def test_command_is_started_once_when_start_is_called_twice(
    stage: Stage, executor: Executor
) -> None:
    first = executor.start(stage.launch("fine"))
    executor.wait(first, WAIT_S)

    second = executor.start(stage.launch("fine"))

    assert second == first
    assert executor.wait(second, WAIT_S) is not None
    assert executor.read_logs(second, 0) == b"hello\n"


def test_command_is_started_once_when_two_workers_start_it(
    stage: Stage, executor: Executor
) -> None:
    handle = executor.start(stage.launch("fine"))
    other = stage.open()

    other.start(stage.launch("fine"))

    assert executor.wait(handle, WAIT_S) is not None
    assert executor.read_logs(handle, 0) == b"hello\n"
    executor.remove(handle)
    other.remove(handle)


def test_running_command_is_found_again_by_another_worker(
    stage: Stage, executor: Executor
) -> None:
    started = executor.start(stage.launch("waits"))
    wait_until_ready(executor, started)

    handle, condition = stage.open().recover("waits")

    assert handle == started
    assert condition is Condition.RUNNING


def test_ended_command_is_found_again_by_another_worker(stage: Stage, executor: Executor) -> None:
    end = end_of(executor, stage.launch("three"))
    other = stage.open()

    handle, condition = other.recover("three")

    assert condition is Condition.ENDED
    assert other.wait(handle, 0) == end


def test_attempt_that_nobody_started_is_called_so(executor: Executor) -> None:
    _, condition = executor.recover("fine")

    assert condition is Condition.NEVER_STARTED


def test_observe_lists_running_and_ended_attempts(stage: Stage, executor: Executor) -> None:
    ended = executor.start(stage.launch("fine"))
    running = executor.start(stage.launch("waits"))
    executor.wait(ended, WAIT_S)

    observed = executor.observe()

    assert observed == [ended, running]


@pytest.mark.parametrize(
    ("piece", "expected"), [("waits", (None, 15)), ("polite", (0, None)), ("stubborn", (None, 9))]
)
def test_stop_asks_and_then_kills(
    stage: Stage, executor: Executor, piece: str, expected: tuple[object, ...]
) -> None:
    handle = executor.start(stage.launch(piece))
    wait_until_ready(executor, handle)

    was_running = executor.stop(handle, 5 if piece != "stubborn" else 0.1)

    end = executor.wait(handle, WAIT_S)
    assert was_running
    assert end is not None
    assert (end.code, end.signal) == expected


def test_stop_of_a_command_just_started_stops_it(stage: Stage, executor: Executor) -> None:
    handle = executor.start(stage.launch("waits"))

    was_running = executor.stop(handle, 5)

    assert was_running
    assert executor.wait(handle, WAIT_S) is not None


def test_stop_of_an_ended_command_says_that_it_was_over(stage: Stage, executor: Executor) -> None:
    handle = executor.start(stage.launch("fine"))
    executor.wait(handle, WAIT_S)

    assert not executor.stop(handle, 5)


def test_logs_are_read_from_an_offset(stage: Stage, executor: Executor) -> None:
    handle = executor.start(stage.launch("fine"))
    executor.wait(handle, WAIT_S)

    assert executor.read_logs(handle, 2) == b"llo\n"
    assert executor.read_logs(handle, 100) == b""


def test_removed_attempt_leaves_nothing_and_removing_again_is_harmless(
    stage: Stage, executor: Executor
) -> None:
    handle = executor.start(stage.launch("fine"))
    executor.wait(handle, WAIT_S)

    executor.remove(handle)
    executor.remove(handle)

    assert executor.observe() == []


def test_executor_without_trouble_says_none(executor: Executor) -> None:
    assert executor.trouble() is None
