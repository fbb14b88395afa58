"""Why a queued job waits, in one sentence each."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from foundations_server.scheduling.policy import Waiting, WorkerCapacity, choose

_SHOWN = 5  # names in one sentence


def explain(
    queue: Sequence[Waiting],
    capacity: Sequence[WorkerCapacity],
    wanted: Collection[str] | None = None,
) -> dict[str, str]:
    """Return the sentence of each waiting job, or of those `wanted`, by job id."""
    startable = {placement.job_id for placement in choose(queue, capacity)}
    return {
        job.job_id: _explain_one(job, position, job.job_id in startable, capacity)
        for position, job in enumerate(queue, 1)
        if wanted is None or job.job_id in wanted
    }


def _explain_one(
    job: Waiting,
    position: int,
    is_startable: bool,  # noqa: FBT001
    capacity: Sequence[WorkerCapacity],
) -> str:
    if not capacity:
        return f"position {position}: no worker is connected"
    most_gpus = max(worker.gpus for worker in capacity)
    if job.num_gpus > most_gpus:
        return (
            f"position {position}: needs {_count(job.num_gpus, 'GPU')}; "
            f"the connected workers have {'at most ' if most_gpus else ''}{most_gpus}"
        )
    if is_startable:
        return f"position {position}: about to start"
    able = [worker for worker in capacity if worker.gpus >= job.num_gpus]
    if job.num_gpus and not any(worker.free_gpus >= job.num_gpus for worker in able):
        return _wait_for_gpus(job, position, able)
    return _wait_for_slot(position, able)


def _wait_for_gpus(job: Waiting, position: int, able: Sequence[WorkerCapacity]) -> str:
    total = sum(worker.gpus for worker in able)
    taken = total - sum(worker.free_gpus for worker in able)
    names = [name for worker in able for name in worker.gpu_holders]
    return (
        f"position {position}: waits for {_count(job.num_gpus, 'GPU')}; "
        f"{taken} of {_count(total, 'GPU')} {_taken(taken)} by {_list(names)}"
    )


def _wait_for_slot(position: int, able: Sequence[WorkerCapacity]) -> str:
    total = sum(worker.slots for worker in able)
    taken = total - sum(worker.free_slots for worker in able)
    if taken < total:
        return f"position {position}: waits behind jobs that start first"
    names = [name for worker in able for name in worker.holders]
    return (
        f"position {position}: waits for 1 slot; "
        f"{taken} of {_count(total, 'slot')} {_taken(taken)} by {_list(names)}"
    )


def _taken(count: int) -> str:
    return "is taken" if count == 1 else "are taken"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _list(names: Sequence[str]) -> str:
    if not names:
        return "jobs that are ending"
    rest = len(names) - _SHOWN
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {rest} more" if rest > 0 else shown
