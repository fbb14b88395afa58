"""Engines that die, restart or hang under running jobs (R22, R23)."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.jobs import JobStatus
from support.docker import Engine, own_engine
from support.docker_lab import DockerLab, running_docker_lab

WAITS = {"main.py": "import time\nprint('ready', flush=True)\ntime.sleep(100)"}
LATE = {"main.py": "import time\nprint('ready', flush=True)\ntime.sleep(3)\nraise SystemExit(4)"}
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print('ready', flush=True)
time.sleep(100)
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with own_engine() as made:
        yield made


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[DockerLab]:
    with running_docker_lab(tmp_path_factory.mktemp("lab"), engine, "--grace", "1") as made:
        yield made


@pytest.mark.parametrize("program", [WAITS["main.py"], POLITE], ids=["sleeping", "polite"])
def test_job_of_a_restarted_engine_fails_by_the_engines_fault(
    lab: DockerLab, engine: Engine, tmp_path: Path, program: str
) -> None:
    job_id = lab.submit({"main.py": program})
    lab.wait_for_line(job_id, "ready")

    engine.restart(tmp_path / "dockerd.log", pause_s=1)
    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (JobStatus.FAILED, "the container engine was restarted")
    began = time.monotonic()
    after = lab.wait_until_final(lab.submit({"main.py": "print('again')"}))
    assert after.status is JobStatus.COMPLETED
    assert time.monotonic() - began < 15
    lab.wait_for(lambda: not lab.containers())


def test_job_that_ends_while_its_engine_is_away_keeps_its_exit_code(
    lab: DockerLab, engine: Engine, tmp_path: Path
) -> None:
    job_id = lab.submit(LATE)
    lab.wait_for_line(job_id, "ready")

    engine.restart(tmp_path / "dockerd.log", pause_s=6)
    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (JobStatus.FAILED, "exit code 4")


@pytest.mark.slow
def test_job_goes_on_when_its_engine_restarts_and_leaves_containers_alive(
    lab: DockerLab, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "command", (*engine.command, "--live-restore"))
    engine.restart(tmp_path / "dockerd.log", pause_s=0)
    job_id = lab.submit({"main.py": LATE["main.py"].replace("sleep(3)", "sleep(8)")})
    lab.wait_for_line(job_id, "ready")

    engine.restart(tmp_path / "dockerd.log", pause_s=1)
    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (JobStatus.FAILED, "exit code 4")


@pytest.mark.parametrize(
    "hung_s", [8, pytest.param(120, marks=pytest.mark.slow)]
)  # fmt: skip
def test_hung_engine_changes_nothing_and_its_jobs_end_as_they_would(
    lab: DockerLab, engine: Engine, hung_s: float
) -> None:
    running = lab.submit(LATE)
    lab.wait_for_line(running, "ready")
    assert engine.process is not None
    assert lab.worker.process is not None
    tasks = Path(f"/proc/{lab.worker.process.pid}/task")

    engine.process.send_signal(signal.SIGSTOP)
    try:
        waiting = lab.submit({"main.py": "print('late')"})
        time.sleep(hung_s)
        assert lab.client.jobs.get(running).status is JobStatus.RUNNING
        assert not lab.client.jobs.get(waiting).status.is_final
        assert len(list(tasks.iterdir())) <= 50
    finally:
        engine.process.send_signal(signal.SIGCONT)
    began = time.monotonic()

    assert lab.wait_until_final(running).reason == "exit code 4"
    assert time.monotonic() - began < 12
    assert lab.wait_until_final(waiting).status is JobStatus.COMPLETED


def test_stop_during_a_hang_is_carried_out_after_it(lab: DockerLab, engine: Engine) -> None:
    job_id = lab.submit(WAITS)
    lab.wait_for_line(job_id, "ready")
    assert engine.process is not None

    engine.process.send_signal(signal.SIGSTOP)
    try:
        lab.client.jobs.stop(job_id)
        time.sleep(3)
    finally:
        engine.process.send_signal(signal.SIGCONT)

    assert lab.wait_until_final(job_id).status is JobStatus.STOPPED
    lab.wait_for(lambda: not lab.containers())
