"""Whoever stands still for a while starts nothing twice and harms nobody afterwards (R21)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundations_wire.jobs import JobStatus
from support.plants import Plant, running_plant
from support.rounds import pick
from support.waiting import wait_until

SERVER = ("1_choose", "2_reserve")
OTHERS = (
    "3_unpack", "4_secrets", "5_environment", "8_start", "9_guard", "10_report_started",
    "11_report_end", "12_remove",
)  # fmt: skip
SIDES = ("before", "after")


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with running_plant(tmp_path_factory.mktemp("plant"), "--gpus", "2") as lent:
        yield lent


def is_stopped(process: subprocess.Popen[bytes] | None) -> bool:
    assert process is not None
    stat = Path(f"/proc/{process.pid}/stat").read_text("utf-8")
    return stat.rpartition(") ")[2][0] == "T"


def send(process: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    assert process is not None
    os.kill(process.pid, number)


def start_second(module: str, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Start a program on a home that another one of its kind uses."""
    return subprocess.run(
        [sys.executable, "-m", module, "--home", str(home), *options],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def pause_at(plant: Plant, place: str, pause_s: float) -> list[str]:
    """Stop the server while somebody is at a place, and the worker if that is who it is."""
    worker = plant.worker.process
    is_of_worker = place.endswith(OTHERS) and not place.endswith("9_guard")
    reached = plant.count_reached(place)
    plant.arm(place, "sleep:0.3" if place.endswith("9_guard") else "stop")
    with ThreadPoolExecutor(2) as pool:
        submits = [pool.submit(plant.submit, 0.1, number, num_gpus=2) for number in (0, 3)]
        wait_until(lambda: plant.count_reached(place) > reached, f"{place} is reached")
        send(plant.server.process, signal.SIGSTOP)
        wait_until(lambda: is_stopped(plant.server.process), "the server stands still")
        if is_of_worker:
            wait_until(lambda: is_stopped(worker), "the worker stands still")
        plant.disarm()
        second = start_second("foundations_server.serving", plant.server.home, "--port", "0")
        if is_of_worker:
            other = start_second(
                "foundations_worker", plant.worker.home, "--server", plant.server.url
            )
            send(worker, signal.SIGCONT)
            assert (other.returncode, "already uses" in other.stderr) == (1, True), other
        time.sleep(pause_s)
        send(plant.server.process, signal.SIGCONT)
        assert second.returncode not in (0, None), second
        return [submit.result(30) for submit in submits]


def test_jobs_start_once_when_the_server_stands_still_at_a_step(
    plant: Plant, dice: random.Random
) -> None:
    server = [f"dispatch.{side}_{step}" for step in SERVER for side in SIDES]
    others = [f"dispatch.{side}_{step}" for step in OTHERS for side in SIDES]
    places = dice.sample(server, pick(1, 4)) + dice.sample(others, pick(3, 16))
    for place in places:
        jobs = pause_at(plant, place, pick(1, 60))
        took = plant.wait_final(jobs)

        print(f"{place}: all jobs over {took:.1f} s after the server went on")
        begun = plant.marks.count_jobs()
        assert [begun[job] for job in jobs] == [1, 1]
        assert [plant.get(job).status.value for job in jobs] == ["completed", "failed"]
        assert plant.marks.read("clash") == []
    plant.converge(list(plant.expected))


def test_worker_is_fenced_when_it_was_declared_lost_while_it_stood_still(
    tmp_path: Path,
) -> None:
    with running_plant(tmp_path / "plant", "--gpus", "2") as plant:
        long = plant.submit(60, num_gpus=1)
        short = plant.submit(1, num_gpus=1)
        wait_until(lambda: len(plant.marks.read("begin")) == 2, "both jobs run")
        wait_until(lambda: plant.get(short).status is JobStatus.RUNNING, "the server knows")
        worker = plant.client.workers.list().items[0]
        send(plant.worker.process, signal.SIGSTOP)
        if not pick(0, 1):  # in the short form nobody waits until it counts as silent
            plant.client.workers.goodbye(worker.id)
        else:
            wait_until(
                lambda: plant.client.workers.list().items[0].status == "silent", "silence",
                timeout_s=60,
            )  # fmt: skip
        plant.client.workers.declare_lost(worker.id)
        lost = [plant.get(job) for job in (long, short)]
        wait_until(lambda: plant.marks.read("end"), "the short job ends by itself")

        send(plant.worker.process, signal.SIGCONT)
        took = plant.converge([long, short], timeout_s=30)
        plant.client.workers.resume(worker.id)
        later = plant.submit(num_gpus=2)
        plant.converge([later])

        print(f"{took:.1f} s after it went on, nothing was left of what it ran")
        assert [(job.status.value, job.reason) for job in lost] == [("failed", "node lost")] * 2
        assert [plant.get(job).reason for job in (long, short)] == ["node lost"] * 2
        assert plant.get(later).status is JobStatus.COMPLETED
        assert plant.marks.count_jobs() == {long: 1, short: 1, later: 1}
        assert plant.marks.count_jobs("end") == {short: 1, later: 1}
        log = plant.worker.log.read_text("utf-8")
        assert "belongs to another worker now" in log
