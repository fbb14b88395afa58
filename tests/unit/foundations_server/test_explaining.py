from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from foundations_server.scheduling.allowances import Allowances, Limit, Limits
from foundations_server.scheduling.explaining import Explainer
from foundations_server.scheduling.needs import Holder, Needs, Waiting, WorkerCapacity
from foundations_server.scheduling.policy import Plan


def job(name: str = "a", gpus: int = 0, **more: Any) -> Waiting:
    needs = Needs(gpus, more.pop("cpus", None), more.pop("ram_gb", None))
    return Waiting(name, name, needs, **more)


def explain(
    wanted: Waiting,
    capacity: Sequence[WorkerCapacity],
    *before: Waiting,
    limits: Limits | None = None,
) -> str:
    """Return the reason of a job behind others."""
    holders = [holder for worker in capacity for holder in worker.holders]
    plan = Plan(capacity, Allowances(limits or {}, holders))
    for one in (*before, wanted):
        plan.offer(one)
    return Explainer(capacity, plan).explain(wanted)


def full(name: str, total: Needs, *holders: Holder, slots: int = 2) -> WorkerCapacity:
    gpus = total.gpus - sum(holder.needs.gpus for holder in holders)
    cpus = total.cpus and total.cpus - sum(holder.needs.cpus or 0 for holder in holders)
    ram = total.ram_gb and total.ram_gb - sum(holder.needs.ram_gb or 0 for holder in holders)
    free_slots = slots - len(holders)
    return WorkerCapacity(name, name, slots, free_slots, total, Needs(gpus, cpus, ram), holders)


PLAIN = WorkerCapacity("w", "w", 2, 2)
WITH_ONE = WorkerCapacity("v", "v", 2, 2, Needs(1), Needs(1))


@pytest.mark.parametrize(
    ("wanted", "capacity", "reason"),
    [
        pytest.param(job(), [], "no worker is connected", id="nobody"),
        pytest.param(
            job(), [WorkerCapacity("w", "w", 2, 2, is_connected=False)],
            "no worker is connected", id="away",
        ),
        pytest.param(
            job(), [WorkerCapacity("w", "w", 2, 2, is_draining=True)],
            "every connected worker is draining", id="draining",
        ),
        pytest.param(
            job(),
            [WorkerCapacity("w", "w", 2, 2, is_draining=True),
             WorkerCapacity("v", "v", 2, 2, trouble="the engine does not answer")],
            "no connected worker takes jobs (w: draining; v: the engine does not answer)",
            id="trouble",
        ),
        pytest.param(
            job(gpus=2), [PLAIN], "needs 2 GPUs; the connected workers have 0", id="no GPUs",
        ),
        pytest.param(
            job(gpus=2), [PLAIN, WITH_ONE],
            "needs 2 GPUs; the connected workers have at most 1", id="too few GPUs",
        ),
        pytest.param(
            job(ram_gb=64), [full("w", Needs(0, 8, 32))],
            "needs 64 GB of memory; the connected workers have at most 32", id="too little RAM",
        ),
        pytest.param(
            job(gpus=1, cpus=8), [full("g", Needs(1, 4)), full("c", Needs(0, 8))],
            "needs 1 GPU and 8 CPUs; no connected worker has all of that", id="not together",
        ),
        pytest.param(
            job(), [full("w", Needs(), Holder("amber-heron-4"), Holder("calm-otter-5"))],
            "waits for 1 slot; 2 of 2 slots are taken by amber-heron-4, calm-otter-5", id="slots",
        ),
        pytest.param(
            job(gpus=2), [full("w", Needs(2), Holder("x-1", Needs(1)))],
            "waits for 2 GPUs; 1 of 2 GPUs is taken by x-1", id="GPUs",
        ),
        pytest.param(
            job(cpus=2.5), [full("w", Needs(0, 4), Holder("x-1", Needs(0, 2)))],
            "waits for 2.5 CPUs; 2 of 4 CPUs are taken by x-1", id="CPUs",
        ),
        pytest.param(
            job(gpus=1, cpus=3),
            [full("v", Needs(1, 4), Holder("x", Needs(1))),
             full("w", Needs(1, 4), Holder("y", Needs(0, 2)))],
            "waits for 1 slot, 1 GPU and 3 CPUs free on one worker; holding: x, y",
            id="not on one worker",
        ),
    ],
)  # fmt: skip
def test_reason_says_what_is_needed_and_who_has_it(
    wanted: Waiting, capacity: list[WorkerCapacity], reason: str
) -> None:
    assert explain(wanted, capacity) == reason


def test_reason_is_about_to_start_when_the_job_fits() -> None:
    one = [WorkerCapacity("w", "w", 1, 1)]

    assert explain(job("a"), one) == "about to start"
    assert explain(job("b"), one, job("a")) == "waits behind jobs that start first"


def test_reason_names_the_job_for_which_room_is_kept() -> None:
    busy = full("w", Needs(2), Holder("x-1", Needs(1)))

    assert explain(job("small", 1), [busy], job("big", 2)) == (
        "waits for 1 GPU; what is free is kept for big, which is before"
    )


def test_list_of_holders_is_cut_when_it_is_long() -> None:
    holders = [Holder(f"job-{number}") for number in range(8)]

    reason = explain(job(), [full("w", Needs(), *holders, slots=8)])

    assert reason.endswith("job-0, job-1, job-2, job-3, job-4 and 3 more")


@pytest.mark.parametrize(
    ("limits", "wanted", "reason"),
    [
        pytest.param(
            {("project", "birds"): Limit(running=1)}, job(project="birds"),
            "project birds may have 1 job on workers at once, used by x-1", id="running",
        ),
        pytest.param(
            {("user", "*"): Limit(gpus=2)}, job(gpus=2, project="fish", user="ada"),
            "user ada may hold 2 GPUs at once; it needs 2, used by x-1", id="gpus",
        ),
        pytest.param(
            {("user", "ada"): Limit(gpus=2)}, job(gpus=3, user="ada"),
            "user ada may hold 2 GPUs at once, and this job needs 3", id="never",
        ),
        pytest.param(
            {("project", "*"): Limit(running=0)}, job(project="fish"),
            "project fish may have 0 jobs on workers at once", id="none at all",
        ),
    ],
)  # fmt: skip
def test_reason_names_the_limit_and_who_uses_it_up(
    limits: Limits, wanted: Waiting, reason: str
) -> None:
    holder = Holder("x-1", Needs(1), "birds", "ada")

    assert explain(wanted, [full("w", Needs(8), holder)], limits=limits) == reason
