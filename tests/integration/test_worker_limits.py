"""Limits, stops and devices through the real server and the real worker."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.jobs import JobStatus
from support.worker_fixtures import running_lab
from support.workers import Lab, is_alive

# Notes when TERM comes, and goes on.
STUBBORN = {
    "main.py": """
import signal, sys, time
def note(*_):
    with open(sys.argv[1], "a") as file:
        file.write(f"{time.time()}\\n")
signal.signal(signal.SIGTERM, note)
print("ready", flush=True)
while True:
    time.sleep(0.05)
"""
}
SEES = {
    "main.py": "import os; print('sees', os.environ['CUDA_VISIBLE_DEVICES'], "
    "os.environ['NVIDIA_VISIBLE_DEVICES'])"
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as made:
        made.worker.end()
        made.worker.start("--gpus", "2", "--ram", "8", "--cpus", "2")
        made.wait_for(lambda: any(w.gpus for w in made.client.workers.list().items))
        yield made


def test_job_whose_time_is_up_has_failed(lab: Lab) -> None:
    job_id = lab.submit({"main.py": "import time; time.sleep(100)"}, time_limit=1.0)

    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (JobStatus.FAILED, "time limit of 1 s")
    assert job.duration_seconds is not None
    assert 0.9 < job.duration_seconds < 5
    assert "[atlas] ended after its time limit of 1 s" in lab.log_of(job_id)


def test_term_comes_at_once_and_once_and_kill_after_the_grace(lab: Lab, tmp_path: Path) -> None:
    job_id = lab.submit(STUBBORN, "main.py", str(tmp_path / "terms"), grace=2.0)
    lab.wait_for_line(job_id, "ready")

    asked = time.time()
    for _ in range(5):
        lab.client.jobs.stop(job_id)

    job = lab.wait_until_final(job_id)
    terms = [float(line) for line in (tmp_path / "terms").read_text().split()]
    assert (job.status, job.exit_code) == (JobStatus.STOPPED, 137)
    assert len(terms) == 1
    assert terms[0] - asked < 0.5
    assert 1 < time.time() - terms[0] < 6


def test_worker_that_comes_back_keeps_the_time_and_the_stop(lab: Lab, tmp_path: Path) -> None:
    job_id = lab.submit(STUBBORN, "main.py", str(tmp_path / "terms"), grace=3.0, time_limit=2.0)
    lab.wait_for_line(job_id, "ready")
    lab.wait_for((tmp_path / "terms").exists)
    process = json.loads(next(lab.worker.attempts.glob("*/process.json")).read_text())["pid"]

    lab.worker.end(signal.SIGKILL)
    lab.worker.start("--gpus", "2", "--ram", "8", "--cpus", "2")

    job = lab.wait_until_final(job_id)
    assert (job.status, job.reason) == (JobStatus.FAILED, "time limit of 2 s")
    assert not is_alive(process)


def test_job_sees_the_gpus_that_are_its_own(lab: Lab) -> None:
    none = lab.submit(SEES)
    one = lab.submit(SEES, num_gpus=1)
    two = lab.submit(SEES, num_gpus=2)

    for job_id in (none, one, two):
        assert lab.wait_until_final(job_id).status is JobStatus.COMPLETED

    assert "sees  void\n" in lab.log_of(none)
    assert "sees fake-0 fake-0\n" in lab.log_of(one)
    assert "sees fake-0,fake-1 fake-0,fake-1\n" in lab.log_of(two)


def test_gpu_that_falls_sick_is_not_offered_until_it_is_well(lab: Lab) -> None:
    script = lab.worker.home / "worker" / "declared_gpus.json"
    script.write_text(json.dumps({"fake-0": {"problem": "fell off the bus"}}))
    first = lab.submit(SEES, num_gpus=1)
    lab.wait_until_final(first)
    lab.wait_for(lambda: _find_problem(lab) == "fell off the bus")

    second = lab.submit(SEES, num_gpus=1)

    lab.wait_until_final(second)
    assert "sees fake-1" in lab.log_of(second)
    script.unlink()
    lab.wait_for(lambda: _find_problem(lab) is None)


def _find_problem(lab: Lab) -> str | None:
    (worker,) = [w for w in lab.client.workers.list().items if w.gpus]
    return next(gpu.problem for gpu in worker.gpus if gpu.id == "fake-0")


def test_what_the_machine_has_is_told_to_the_server(lab: Lab) -> None:
    (worker,) = [w for w in lab.client.workers.list().items if w.gpus]

    assert (worker.cpus, worker.ram_gb, worker.trouble) == (2.0, 8.0, None)
    assert [gpu.status for gpu in worker.gpus] == ["free", "free"]
