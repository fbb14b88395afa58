"""No job is lost, and none is started twice, whoever is killed while it is given out (R20)."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.jobs import JobView
from support.plants import CONVERGED_S, Plant, running_plant
from support.rounds import pick
from support.waiting import wait_until

SOURCE = Path(__file__).resolve().parents[2] / "src"
SERVER = ("1_choose", "2_reserve")
WORKER = (
    "3_unpack", "4_secrets", "5_environment", "8_start", "10_report_started", "11_report_end",
    "12_remove",
)  # fmt: skip
GUARD = ("9_guard",)
STEPS = SERVER + WORKER + GUARD
PLACES = [f"dispatch.{side}_{step}" for step in STEPS for side in ("before", "after")]
# The image is inspected and its container created by another executor; ticks are no dispatch.
ELSEWHERE = re.compile(r"dispatch\.(before|after)_(6|7)_|schedule\.")
GPUS = 4


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with running_plant(tmp_path_factory.mktemp("plant"), "--gpus", str(GPUS)) as lent:
        yield lent


def check_end(plant: Plant, job: JobView, guards_died: set[str]) -> None:
    """A job ended as its program did, whatever became of those who watched it."""
    code = plant.expected[job.id]
    ended = (job.status.value, job.reason)
    right = ("failed", f"exit code {code}") if code else ("completed", None)
    if job.id in guards_died and ended == ("failed", "the process vanished"):
        return  # nobody was left who could see how it ended
    assert ended == right, job
    log = plant.ask(lambda client: client.logs.read(job.id)).data.decode()
    assert log.count(f"line of {job.id}\n") == 1, log


def check_all(plant: Plant, jobs: list[str], guards_died: set[str] | None = None) -> None:
    """Count what user code wrote: one start for each job, none twice, no device shared."""
    begun = plant.marks.count_jobs()
    assert {job: begun[job] for job in jobs} == dict.fromkeys(jobs, 1)
    assert set(plant.marks.count_attempts().values()) == {1}
    assert plant.marks.read("clash") == []
    for job_id in jobs:
        check_end(plant, plant.get(job_id), guards_died or set())


def submit_some(plant: Plant) -> list[str]:
    """Submit jobs with and without GPUs; one of them fails by itself."""
    return [
        plant.submit(0.1, num_gpus=3), plant.submit(0, 3), plant.submit(0.2, num_gpus=2),
    ]  # fmt: skip


def kill_at(plant: Plant, place: str) -> float:
    """Let somebody die at a place; return the seconds until all jobs were over."""
    victim = "server" if place.endswith(SERVER) else "worker"
    reached, deaths = plant.count_reached(place), plant.deaths[victim]
    plant.arm(place)
    jobs = submit_some(plant)
    wait_until(lambda: plant.count_reached(place) > reached, f"{place} is reached")
    if not place.endswith(GUARD):
        wait_until(
            lambda: plant.is_dead(victim) or plant.deaths[victim] > deaths, f"death at {place}"
        )
    plant.disarm()
    plant.revive()
    took = plant.wait_final(jobs)
    check_all(plant, jobs, set(jobs) if place.endswith(GUARD) else None)
    return took


def test_jobs_start_once_and_end_right_whichever_step_is_the_last_of_somebody(
    plant: Plant,
) -> None:
    took = {}
    for place in PLACES:
        took[place] = max(kill_at(plant, place) for _ in range(pick(1, 10)))
        print(f"{place}: all jobs over after {took[place]:.1f} s")

    left = plant.converge(list(plant.expected))

    print(
        f"{len(plant.expected)} jobs, {plant.marks.count_attempts().total()} starts; {left:.1f} s"
    )
    named = set()
    for path in SOURCE.rglob("*.py"):
        named |= set(re.findall(r'reach\("([^"]+)"\)', path.read_text("utf-8")))
    reached = set(plant.places.read_text("ascii").split())
    assert {name for name in named if not ELSEWHERE.match(name)} <= reached


def test_jobs_start_once_and_end_right_when_servers_and_workers_are_killed_at_random(
    tmp_path: Path, dice: random.Random
) -> None:
    jobs, kills = [], pick(12, 200)
    number, done = pick(60, 500), {"server": 0, "worker": 0}
    with running_plant(tmp_path / "plant", "--gpus", str(GPUS)) as plant:
        for _ in range(kills):
            for _ in range(-(-number // kills)):
                jobs.append(
                    plant.submit(dice.choice([0, 0.1, 0.5]), dice.choice([0, 0, 3]),
                                 num_gpus=dice.choice([0, 0, 1, 2, 4]))
                )  # fmt: skip
                time.sleep(dice.uniform(0, 0.05))
            victim = dice.choice(["server", "worker"])
            plant.server.kill() if victim == "server" else plant.kill_worker()
            done[victim] += 1
            time.sleep(dice.uniform(0, 0.2))
            plant.revive()
        flowing = plant.wait_final(jobs, timeout_s=pick(60, 300))
        left = plant.converge(jobs)

        print(
            f"{len(jobs)} jobs, killed: {done}, over {flowing:.1f} s and gone {left:.1f} s later"
        )
        check_all(plant, jobs)
        assert flowing + left < CONVERGED_S
