"""A stop ends all of a job, once, in whichever state it finds it (R28)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from foundations_wire.errors import AtlasError, WrongStatus
from foundations_wire.jobs import Dependency, JobStatus
from support.plants import Plant, running_plant
from support.rounds import pick
from support.waiting import wait_until

GRACE_S = 1.0
BEFORE_START = (
    "before_3_unpack", "after_3_unpack", "before_5_environment", "after_5_environment",
)  # fmt: skip
# From the launch file on, a start is carried out before the stop that came in between.
AFTER_START = (
    "before_4_secrets", "after_4_secrets", "before_8_start", "after_8_start", "before_9_guard",
    "after_9_guard", "before_10_report_started", "after_10_report_started",
)  # fmt: skip
AT_THE_END = (
    "before_11_report_end", "after_11_report_end", "before_12_remove", "after_12_remove",
)  # fmt: skip


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with running_plant(tmp_path_factory.mktemp("plant"), "--gpus", "2", slots=2) as lent:
        yield lent


def stop(plant: Plant, job_id: str) -> str:
    try:
        return plant.client.jobs.stop(job_id).status.value
    except WrongStatus:
        return "over"
    except AtlasError as error:
        return f"problem: {error}"


def stop_stubborn(plant: Plant) -> tuple[float, float]:
    """Stop a job that ignores it a hundred times at once.

    Return after how many seconds it saw TERM, and after how many it was gone.
    """
    job_id = plant.submit_script("stubborn.sh", num_gpus=1, grace=GRACE_S)
    wait_until(lambda: plant.get(job_id).status is JobStatus.RUNNING, "the job runs")
    wait_until(lambda: plant.marks.count_jobs()[job_id], "it is ready for TERM")
    wait_until(lambda: len(plant.find_processes()) >= 5, "its processes are in new sessions")
    begin = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        answers = [pool.submit(stop, plant, job_id) for _ in range(100)]
        wait_until(lambda: plant.marks.count_jobs("term")[job_id], "it sees TERM")
        seen = time.monotonic() - begin
        wait_until(lambda: plant.get(job_id).status.is_final, "it is over")
        gone = time.monotonic() - begin
        said = {answer.result() for answer in answers}

    job = plant.get(job_id)
    assert said <= {"running", "over"}
    assert (job.status, job.reason) == (JobStatus.STOPPED, "stopped by a user")
    assert plant.marks.count_jobs("term")[job_id] == 1
    assert plant.find_left([job_id])[:1] in ([], [f"folder {next_folder(plant)}"])
    plant.converge([job_id])
    return seen, gone


def next_folder(plant: Plant) -> str:
    return next((path.name for path in plant.worker.attempts.iterdir()), "")


def test_job_that_ignores_term_is_gone_after_its_grace_however_often_it_is_stopped(
    plant: Plant,
) -> None:
    times = [stop_stubborn(plant) for _ in range(pick(2, 20))]

    seen, gone = zip(*times, strict=True)
    print(f"{len(times)} jobs saw TERM after {max(seen):.2f} s at most, over after {gone}")
    assert max(seen) < 1
    assert min(gone) >= GRACE_S
    assert max(gone) < GRACE_S + 1


def test_job_is_stopped_whichever_step_the_stop_meets(plant: Plant) -> None:
    for place in (*BEFORE_START, *AFTER_START, *AT_THE_END):
        name = f"dispatch.{place}"
        reached = plant.count_reached(name)
        plant.arm(name, "sleep:0.4")
        job_id = plant.submit(0 if place in AT_THE_END else 60, num_gpus=2, grace=GRACE_S)
        wait_until(lambda: plant.count_reached(name) > reached, f"{name} is reached")  # noqa: B023
        answer = stop(plant, job_id)
        plant.disarm()
        plant.converge([job_id])

        job, starts = plant.get(job_id), plant.marks.count_jobs()[job_id]
        print(f"{place}: {answer}, then {job.status.value} ({job.reason}), {starts} starts")
        if place in AT_THE_END:
            assert (job.status in (JobStatus.STOPPED, JobStatus.COMPLETED), starts) == (True, 1)
        else:
            assert job.status is JobStatus.STOPPED
            assert starts <= (place in AFTER_START)


def test_jobs_that_wait_or_are_held_or_are_over_are_answered_at_once(plant: Plant) -> None:
    running = plant.submit(60, num_gpus=2, grace=GRACE_S)
    waiting, held = plant.submit(num_gpus=2), plant.submit(held=True)
    dependent = plant.submit(after=[Dependency(waiting)])
    wait_until(lambda: plant.get(running).status is JobStatus.RUNNING, "the first job runs")

    answers = [stop(plant, job) for job in (waiting, held, running)]
    plant.converge([running, waiting, held, dependent])

    assert answers == ["stopped", "stopped", "running"]
    assert stop(plant, running) == stop(plant, waiting) == "over"
    ended = {plant.get(job).status for job in (running, waiting, held, dependent)}
    assert ended == {JobStatus.STOPPED}
    assert plant.marks.count_jobs().keys().isdisjoint({waiting, held, dependent})
