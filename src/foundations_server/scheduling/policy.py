from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A queued job. `name` is for people."""

    job_id: str
    name: str
    num_gpus: int = 0


@dataclass(frozen=True)
class WorkerCapacity:
    """A connected worker.

    `holders` are the names of the jobs in its taken slots, `gpu_holders` of those with GPUs.
    """

    worker_id: str
    name: str
    slots: int
    free_slots: int
    gpus: int = 0
    free_gpus: int = 0
    holders: tuple[str, ...] = ()
    gpu_holders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placement:
    job_id: str
    worker_id: str


@dataclass
class _Room:
    worker: WorkerCapacity
    slots: int
    gpus: int


def choose(queue: Sequence[Waiting], capacity: Sequence[WorkerCapacity]) -> list[Placement]:
    """Return what can start now, in the order of the queue.

    A job that does not fit never blocks those behind it, with one limit: free GPUs are kept
    for the first job that waits for more of them, or it would starve behind smaller ones.
    """
    rooms = [_Room(worker, worker.free_slots, worker.free_gpus) for worker in capacity]
    placements: list[Placement] = []
    for job in queue:
        if all(room.slots <= 0 for room in rooms):
            break
        room = _find_room(job, rooms)
        if room is not None:
            room.slots -= 1
            room.gpus -= job.num_gpus
            placements.append(Placement(job.job_id, room.worker.worker_id))
        elif job.num_gpus > 0:
            _keep_gpus(job, rooms)
    return placements


def _find_room(job: Waiting, rooms: Sequence[_Room]) -> _Room | None:
    """Return the emptiest worker that can take the job; for GPUs the one it fills best."""
    fitting = [room for room in rooms if room.slots > 0 and room.gpus >= job.num_gpus]
    if job.num_gpus > 0:
        return min(fitting, key=lambda room: room.gpus, default=None)
    return max(fitting, key=lambda room: (room.worker.gpus == 0, room.slots), default=None)


def _keep_gpus(job: Waiting, rooms: Sequence[_Room]) -> None:
    able = [room for room in rooms if room.worker.gpus >= job.num_gpus]
    if able:
        max(able, key=lambda room: room.gpus).gpus = 0
