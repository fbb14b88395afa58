"""A worker that dies or is cut off takes no job along (R25, R26)."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack
from pathlib import Path

from foundations_wire.jobs import JobStatus
from support.plants import Plant, running_plant
from support.proxy import Fault, Proxy, running_proxy
from support.rounds import pick
from support.waiting import wait_until


def read_sizes(plant: Plant, jobs: list[str]) -> list[int]:
    return [plant.get(job).log_bytes for job in jobs]


def check_ticks(plant: Plant, job_id: str) -> int:
    """Return how many numbers a job printed; its log has each of them once and in order."""
    text, offset = b"", 0
    while piece := plant.client.logs.read(job_id, offset=offset).data:
        text += piece
        offset += len(piece)
    lines = [line for line in text.decode().splitlines() if not line.startswith("[atlas]")]
    assert lines == [str(number) for number in range(len(lines))]
    return len(lines)


def test_running_jobs_do_not_notice_when_their_worker_is_killed_again_and_again(
    tmp_path: Path, dice: random.Random
) -> None:
    took, gate = [], tmp_path / "gate"
    with running_plant(tmp_path / "plant", "--gpus", "4", slots=6) as plant:
        ticking = [plant.submit_script("ticking.sh", str(gate), num_gpus=1) for _ in range(3)]
        wait_until(lambda: min(read_sizes(plant, ticking)) > 0, "all jobs print")
        flowing = []
        for _ in range(pick(6, 100)):
            flowing += [plant.submit(dice.choice([0, 0.2]), num_gpus=1) for _ in range(2)]
            time.sleep(dice.uniform(0, 0.3))
            plant.kill_worker()
            time.sleep(dice.uniform(0, 0.3))
            before = read_sizes(plant, ticking)
            begin = time.monotonic()
            plant.start_worker()
            for job_id, size in zip(ticking, before, strict=True):
                wait_until(lambda: plant.get(job_id).log_bytes > size, "it is watched again")  # noqa: B023
            took.append(time.monotonic() - begin)
        gate.touch()
        plant.converge(ticking + flowing)

        ticks = sum(check_ticks(plant, job) for job in ticking)
        print(
            f"{len(took)} workers killed under {len(ticking)} jobs and {len(flowing)} more: "
            f"watched again after {max(took):.2f} s at most, {ticks} lines kept"
        )
        assert plant.marks.count_jobs() == dict.fromkeys(ticking + flowing, 1)
        assert {plant.get(job).status for job in ticking + flowing} == {JobStatus.COMPLETED}
        assert max(took) < 5


def cut(plant: Plant, proxy: Proxy, fault: Fault, seconds: float) -> str:
    """Cut the line under a job that ends meanwhile; return its id."""
    job_id = plant.submit(seconds / 2)
    wait_until(lambda: plant.get(job_id).status is JobStatus.RUNNING, "the job runs")
    proxy.fault = fault
    proxy.cut()
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        job = plant.get(job_id)
        assert job.status in (JobStatus.RUNNING, JobStatus.COMPLETED), job
        time.sleep(0.2)
    proxy.heal()
    return job_id


def test_no_job_fails_because_its_worker_is_not_heard(tmp_path: Path) -> None:
    seconds = pick(3, 100)
    with ExitStack() as stack:
        plant = Plant(tmp_path / "plant", "--gpus", "2")
        stack.callback(plant.stop)
        proxies: list[Proxy] = []

        def find_front(port: int) -> str:
            proxies.append(stack.enter_context(running_proxy(port)))
            return proxies[0].url

        plant.start(find_front)
        jobs = [cut(plant, proxies[0], Fault(is_silent=True), seconds)]
        if pick(0, 1):
            jobs.append(cut(plant, proxies[0], Fault(is_silent=True, only=b"/heartbeat"), 100))
        plant.converge(jobs, timeout_s=60)

        assert proxies[0].struck > 0
        assert {plant.get(job).status for job in jobs} == {JobStatus.COMPLETED}
        assert plant.marks.count_jobs() == dict.fromkeys(jobs, 1)
