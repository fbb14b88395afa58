from __future__ import annotations

import pytest

from foundations_server.scheduling.policy import Placement, Waiting, WorkerCapacity, choose


def job(name: str, num_gpus: int = 0) -> Waiting:
    return Waiting(name, name, num_gpus)


def worker(
    name: str, free_slots: int, gpus: int = 0, free_gpus: int | None = None
) -> WorkerCapacity:
    free = gpus if free_gpus is None else free_gpus
    return WorkerCapacity(name, name, free_slots + 1, free_slots, gpus, free)


@pytest.mark.parametrize(
    ("queue", "capacity", "placed"),
    [
        pytest.param([], [worker("w", 1)], [], id="empty queue"),
        pytest.param([job("a")], [], [], id="no worker"),
        pytest.param([job("a"), job("b")], [worker("w", 1)], ["a@w"], id="first come first"),
        pytest.param(
            [job("big", 2), job("a")], [worker("w", 1, gpus=0)], ["a@w"],
            id="a job that no worker can take blocks nobody",
        ),
        pytest.param(
            [job("big", 2), job("a")], [worker("w", 2, gpus=2, free_gpus=1)], ["a@w"],
            id="a job that waits for GPUs lets others pass",
        ),
        pytest.param(
            [job("big", 2), job("small", 1)], [worker("w", 2, gpus=2, free_gpus=1)], [],
            id="free GPUs are kept for the job that waits for more",
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
    ],
)  # fmt: skip
def test_policy_places_what_fits(
    queue: list[Waiting], capacity: list[WorkerCapacity], placed: list[str]
) -> None:
    chosen = choose(queue, capacity)

    assert [f"{p.job_id}@{p.worker_id}" for p in chosen] == placed


def test_no_slot_is_given_twice_when_many_jobs_wait() -> None:
    queue = [job(str(number)) for number in range(100)]

    chosen = choose(queue, [worker("v", 3), worker("w", 4)])

    assert len(chosen) == 7
    assert chosen[0] == Placement("0", "w")
    assert len({placement.job_id for placement in chosen}) == 7
