"""No process of a job outlives it, whatever the job does and whoever is killed."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from foundations_wire.workers import Cause
from foundations_worker.executors.base import VANISHED, Handle, Launch
from foundations_worker.executors.process import ProcessExecutor
from support.workers import is_alive

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
WAIT_S = 20.0

# Leaves a grandchild in a session of its own that ignores TERM, as a daemon does.
DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open("daemon.tmp", "w") as file:
            file.write(str(os.getpid()))
        os.rename("daemon.tmp", "daemon")
        time.sleep(100)
    os._exit(0)
while not os.path.exists("daemon"):
    time.sleep(0.01)
print("ready", flush=True)
"""


@pytest.fixture
def executor(tmp_path: Path) -> ProcessExecutor:
    return ProcessExecutor(tmp_path / "attempts")


def start(executor: ProcessExecutor, folder: Path, program: str) -> Handle:
    variables = {"PATH": os.defpath, "FOUNDATIONS_JOB_OWNER": "attempt:one"}
    return executor.start(Launch("one", [sys.executable, "-S", "-c", program], folder, variables))


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def read_pid(file: Path) -> int:
    wait_for(file.exists)
    return int(file.read_text())


def find_guard(executor: ProcessExecutor, handle: Handle) -> int:
    wait_for(lambda: b"ready" in executor.read_logs(handle, 0))
    place = Path(handle.place) / "process.json"
    pid = int(place.read_text().split('"pid": ')[1].split(",")[0])
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


def test_daemon_of_a_job_that_ended_is_killed(executor: ProcessExecutor, tmp_path: Path) -> None:
    handle = start(executor, tmp_path, DAEMON)

    ended = executor.wait(handle, WAIT_S)

    assert ended is not None
    assert ended.code == 0
    assert not is_alive(read_pid(tmp_path / "daemon"))


def test_daemon_of_a_job_that_is_stopped_is_killed(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    handle = start(executor, tmp_path, DAEMON + "time.sleep(100)")
    daemon = read_pid(tmp_path / "daemon")

    executor.stop(handle, 5.0)

    ended = executor.wait(handle, WAIT_S)
    assert ended is not None
    assert ended.signal == signal.SIGTERM
    assert not is_alive(daemon)


def test_daemon_is_killed_although_the_guard_was(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    handle = start(executor, tmp_path, DAEMON + "time.sleep(100)")
    daemon = read_pid(tmp_path / "daemon")
    os.kill(find_guard(executor, handle), signal.SIGKILL)

    executor.stop(handle, 5.0)

    assert executor.wait(handle, WAIT_S) == VANISHED
    assert not is_alive(daemon)


def test_orphan_that_ends_before_its_job_changes_nothing(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    program = (
        "import os, time\nif os.fork() == 0:\n    os.fork()\n    os._exit(7)\ntime.sleep(0.1)"
    )

    handle = start(executor, tmp_path, program)

    ended = executor.wait(handle, WAIT_S)
    assert ended is not None
    assert (ended.code, ended.signal) == (0, None)


def test_next_job_starts_although_the_nursery_was_killed(
    executor: ProcessExecutor, tmp_path: Path
) -> None:
    first = start(executor, tmp_path, "print('ready')")
    assert executor.wait(first, WAIT_S)
    executor.remove(first)
    nursery = executor._guards._nursery
    os.kill(nursery, signal.SIGKILL)
    os.waitpid(nursery, 0)

    second = start(executor, tmp_path, "raise SystemExit(3)")

    ended = executor.wait(second, WAIT_S)
    assert ended is not None
    assert ended.code == 3


@pytest.mark.parametrize(("action", "said"), [("kill", "it said nothing"), ("raise", "failpoint")])
def test_job_that_no_guard_could_begin_has_not_begun(
    executor: ProcessExecutor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    said: str,
) -> None:
    monkeypatch.setenv("FOUNDATIONS_FAILPOINTS", f"dispatch.before_9_guard={action}")

    handle = start(executor, tmp_path, "print('ready')")

    ended = executor.wait(handle, WAIT_S)
    assert ended is not None
    assert (ended.cause, ended.has_begun) == (Cause.INFRASTRUCTURE, False)
    assert said in (ended.problem or "")
