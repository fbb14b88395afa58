"""No job ends because the worker or the server does."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.jobs import JobStatus
from support.worker_fixtures import running_lab
from support.workers import Lab, is_alive

# Runs until it is released, and leaves a line for each time it was started.
GATED = {
    "main.py": """
import os, sys, time
with open(sys.argv[1] + "/starts", "a") as file:
    file.write("x")
print("ready")
while not os.path.exists(sys.argv[1] + "/go"):
    time.sleep(0.02)
print("done")
sys.exit(int(sys.argv[2]))
"""
}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with running_lab(tmp_path) as made:
        yield made


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    folder = tmp_path / "gate"
    folder.mkdir()
    return folder


def begin(lab: Lab, gate: Path, code: int = 0) -> str:
    job_id = lab.submit(GATED, "main.py", str(gate), str(code))
    lab.wait_for_line(job_id, "ready")
    return job_id


def release(gate: Path) -> None:
    (gate / "go").touch()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_job_completes_when_the_worker_dies_and_comes_back(
    lab: Lab, gate: Path, number: signal.Signals
) -> None:
    job_id = begin(lab, gate)

    lab.worker.end(number)
    lab.worker.start()
    release(gate)

    job = lab.wait_until_final(job_id)
    assert (job.status, job.reason) == (JobStatus.COMPLETED, None)
    assert lab.log_of(job_id).count("ready\n") == 1
    assert lab.log_of(job_id).endswith("ready\ndone\n")
    assert (gate / "starts").read_text() == "x"


def test_exit_code_is_kept_when_the_job_ends_while_no_worker_runs(lab: Lab, gate: Path) -> None:
    job_id = begin(lab, gate, code=3)
    lab.worker.end(signal.SIGKILL)
    release(gate)
    lab.wait_for(lambda: list(lab.worker.attempts.glob("*/exit.json")))
    assert lab.client.jobs.get(job_id).status is JobStatus.RUNNING

    lab.worker.start()

    job = lab.wait_until_final(job_id)
    assert (job.status, job.reason) == (JobStatus.FAILED, "exit code 3")
    assert "done\n" in lab.log_of(job_id)


def test_job_is_never_started_twice_when_the_worker_is_killed_again_and_again(
    lab: Lab, gate: Path
) -> None:
    job_id = lab.submit(GATED, "main.py", str(gate), "0")

    for pause in (0.0, 0.1, 0.2, 0.3, 0.4):
        time.sleep(pause)
        lab.worker.end(signal.SIGKILL)
        lab.worker.start()
    release(gate)

    job = lab.wait_until_final(job_id)
    assert job.status is JobStatus.COMPLETED
    assert (gate / "starts").read_text() == "x"


def test_job_whose_guard_and_process_are_gone_has_vanished(lab: Lab, gate: Path) -> None:
    job_id = begin(lab, gate)
    lab.worker.end(signal.SIGKILL)
    process = json.loads(next(lab.worker.attempts.glob("*/process.json")).read_text())["pid"]
    guard = _parent_of(process)
    os.kill(guard, signal.SIGKILL)
    os.kill(process, signal.SIGKILL)

    lab.worker.start()

    job = lab.wait_until_final(job_id)
    assert (job.status, job.reason) == (JobStatus.FAILED, "the process vanished")


def test_job_without_its_guard_is_waited_for_and_can_be_stopped(lab: Lab, gate: Path) -> None:
    job_id = begin(lab, gate)
    process = json.loads(next(lab.worker.attempts.glob("*/process.json")).read_text())["pid"]
    os.kill(_parent_of(process), signal.SIGKILL)
    lab.worker.end(signal.SIGKILL)
    lab.worker.start()
    lab.wait_for(lambda: lab.worker.log.read_text().count("begins") == 2)
    assert lab.client.jobs.get(job_id).status is JobStatus.RUNNING

    lab.client.jobs.stop(job_id)

    job = lab.wait_until_final(job_id)
    assert job.status is JobStatus.STOPPED
    assert not is_alive(process)


def _parent_of(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return int(stat.rpartition(") ")[2].split()[1])


def test_stop_asked_for_while_no_worker_runs_is_carried_out_later(lab: Lab, gate: Path) -> None:
    job_id = begin(lab, gate)
    lab.worker.end(signal.SIGKILL)
    lab.client.jobs.stop(job_id)

    lab.worker.start()

    job = lab.wait_until_final(job_id)
    assert (job.status, job.reason) == (JobStatus.STOPPED, "stopped by a user")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_job_runs_on_and_is_reported_when_the_server_restarts(
    lab: Lab, gate: Path, end: str
) -> None:
    job_id = begin(lab, gate)

    getattr(lab.server, end)()
    release(gate)
    lab.wait_for(lambda: list(lab.worker.attempts.glob("*/exit.json")))
    lab.server.start()

    job = lab.wait_until_final(job_id)
    assert (job.status, job.reason) == (JobStatus.COMPLETED, None)
    assert lab.log_of(job_id).endswith("ready\ndone\n")


def test_worker_started_before_its_server_waits_for_it(lab: Lab) -> None:
    lab.worker.end()
    lab.server.stop()
    lab.worker.start()
    lab.wait_for(lambda: "Jobs go on, trying again" in lab.worker.log.read_text())

    lab.server.start()

    job_id = lab.submit({"main.py": "print('late')"})
    assert lab.wait_until_final(job_id).status is JobStatus.COMPLETED


def test_attempt_that_the_server_does_not_know_is_stopped_and_removed(
    lab: Lab, gate: Path, tmp_path: Path
) -> None:
    begin(lab, gate)
    process = json.loads(next(lab.worker.attempts.glob("*/process.json")).read_text())["pid"]
    lab.worker.end(signal.SIGKILL)
    (lab.worker.home / "worker" / "id").unlink()  # it comes back as another worker

    lab.worker.start("--stray-grace", "0.1")

    lab.wait_for(lambda: not list(lab.worker.attempts.iterdir()))
    assert not is_alive(process)
