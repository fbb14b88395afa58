from __future__ import annotations

from typing import Any

import pytest

from foundations_server.scheduling.allowances import Allowances, Limit
from foundations_server.scheduling.needs import Holder, Needs, Waiting, WorkerCapacity
from support.choosing import Placement, choose


def job(name: str, gpus: int = 0, cpus: float | None = None, **more: Any) -> Waiting:
    return Waiting(name, name, Needs(gpus, cpus), **more)


def worker(
    name: str,
    free_slots: int,
    gpus: int = 0,
    holders: tuple[Holder, ...] = (),
    **more: Any,
) -> WorkerCapacity:
    """Return a worker of which its holders have what they need."""
    cpus = more.pop("cpus", None)
    left = None if cpus is None else cpus - sum(h.needs.cpus or 0 for h in holders)
    free = Needs(gpus - sum(h.needs.gpus for h in holders), left)
    slots = free_slots + len(holders)
    return WorkerCapacity(name, name, slots, free_slots, Needs(gpus, cpus), free, holders, **more)


def held(gpus: int, ends_in: float | None = None, cpus: float | None = None) -> Holder:
    return Holder("holder", Needs(gpus, cpus), ends_in=ends_in)


BUSY = worker("w", 2, gpus=2, holders=(held(1),))


@pytest.mark.parametrize(
    ("queue", "capacity", "placed"),
    [
        pytest.param([], [worker("w", 1)], [], id="empty queue"),
        pytest.param([job("a")], [], [], id="no worker"),
        pytest.param([job("a"), job("b")], [worker("w", 1)], ["a@w"], id="first come first"),
        pytest.param(
            [job("big", 2), job("a")], [worker("w", 1)], ["a@w"],
            id="a GPU job that never fits blocks nobody",
        ),
        pytest.param(
            [job("big", 2), job("a")], [BUSY], ["a@w"],
            id="a waiting GPU job lets CPU jobs pass",
        ),
        pytest.param(
            [job("big", 2), job("small", 1)], [BUSY], [],
            id="a free GPU is kept for the job that waits for more",
        ),
        pytest.param(
            [job("g", 1), job("h", 1)], [worker("w", 2, gpus=2)], ["g@w", "h@w"],
            id="two GPU jobs share a worker",
        ),
        pytest.param(
            [job("a")], [worker("g", 5, gpus=4), worker("c", 1)], ["a@c"],
            id="a CPU job leaves GPU workers free",
        ),
        pytest.param(
            [job("g", 1)], [worker("many", 1, gpus=4), worker("one", 1, gpus=1)], ["g@one"],
            id="a GPU job fills the smallest gap",
        ),
        pytest.param(
            [job("a"), job("b"), job("c")], [worker("v", 1), worker("w", 2)],
            ["a@w", "b@v", "c@w"], id="jobs spread over workers",
        ),
        pytest.param(
            [job("a", cpus=3), job("b", cpus=2), job("c", cpus=1)], [worker("w", 3, cpus=4)],
            ["a@w"], id="CPUs are kept for the job that waits for more of them",
        ),
        pytest.param(
            [job("a", cpus=2), job("b", cpus=0.1), job("c", cpus=0.2)],
            [worker("w", 4, cpus=2.3)], ["a@w", "b@w", "c@w"], id="tenths of CPUs add up",
        ),
        pytest.param(
            [job("a", cpus=64)], [worker("w", 1)], ["a@w"],
            id="a worker that counts no CPUs takes any number",
        ),
        pytest.param(
            [job("a")],
            [worker("v", 1, is_draining=True), worker("u", 1, trouble="engine away"),
             worker("t", 1, is_connected=False)],
            [], id="a worker that drains, has trouble or is away takes nothing",
        ),
    ],
)  # fmt: skip
def test_policy_places_what_fits(
    queue: list[Waiting], capacity: list[WorkerCapacity], placed: list[str]
) -> None:
    chosen = choose(queue, capacity)

    assert [f"{p.job_id}@{p.worker_id}" for p in chosen] == placed


@pytest.mark.parametrize(
    ("ends_in", "time_limit", "is_placed"),
    [
        pytest.param(60, 60, True, id="over in time"),
        pytest.param(60, 61, False, id="over too late"),
        pytest.param(60, None, False, id="nobody knows when it is over"),
        pytest.param(None, 1, False, id="nobody knows when the kept part is needed"),
    ],
)
def test_kept_gpu_is_lent_only_to_a_job_that_is_over_before_it_is_needed(
    ends_in: float | None, time_limit: float | None, *, is_placed: bool
) -> None:
    capacity = [worker("w", 3, gpus=2, holders=(held(1, ends_in),))]

    chosen = choose([job("big", 2), job("small", 1, time_limit=time_limit)], capacity)

    assert [placement.job_id for placement in chosen] == (["small"] if is_placed else [])


def test_only_what_will_be_missing_is_kept_when_ends_are_known() -> None:
    capacity = [worker("w", 4, gpus=8, holders=(held(4, 100),))]

    chosen = choose([job("six", 6), job("two", 2), job("one", 1)], capacity)

    assert [placement.job_id for placement in chosen] == ["two"]


def test_room_is_kept_on_the_worker_where_the_job_fits_soonest() -> None:
    late = worker("late", 2, gpus=2, holders=(held(1, 500),))
    soon = worker("soon", 2, gpus=2, holders=(held(1, 50),))

    chosen = choose([job("big", 2), job("small", 1)], [late, soon])

    assert chosen == [Placement("small", "late")]


def test_no_slot_is_given_twice_when_many_jobs_wait() -> None:
    queue = [job(str(number)) for number in range(100)]

    chosen = choose(queue, [worker("v", 3), worker("w", 4)])

    assert len(chosen) == 7
    assert chosen[0] == Placement("0", "w")
    assert len({placement.job_id for placement in chosen}) == 7


def test_a_limit_holds_back_its_own_jobs_only() -> None:
    running = Holder("r", Needs(1), "birds", "ada")
    limits = {("project", "birds"): Limit(running=2), ("user", "*"): Limit(gpus=2)}
    queue = [
        job("b1", project="birds", user="ada"),
        job("b2", project="birds", user="ada"),
        job("g1", 1, project="fish", user="ada"),
        job("g2", 1, project="fish", user="ada"),
        job("g3", 1, project="fish", user="bob"),
    ]

    chosen = choose(queue, [worker("w", 9, gpus=9)], Allowances(limits, [running]))

    assert [placement.job_id for placement in chosen] == ["b1", "g1", "g3"]


def test_own_row_of_a_project_counts_instead_of_the_one_for_all() -> None:
    limits = {("project", "*"): Limit(running=0), ("project", "birds"): Limit(running=1)}
    queue = [job("a", project="fish"), job("b", project="birds"), job("c", project="birds")]

    chosen = choose(queue, [worker("w", 9)], Allowances(limits))

    assert [placement.job_id for placement in chosen] == ["b"]
