"""The policy over a whole queue at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from foundations_server.scheduling.allowances import Allowances
from foundations_server.scheduling.needs import Waiting, WorkerCapacity
from foundations_server.scheduling.policy import Plan


@dataclass(frozen=True)
class Placement:
    job_id: str
    worker_id: str


def choose(
    queue: Iterable[Waiting],
    capacity: Sequence[WorkerCapacity],
    allowances: Allowances | None = None,
) -> list[Placement]:
    """Return what can start now, in the order of the queue (see Plan)."""
    plan = Plan(capacity, allowances or Allowances({}))
    for job in queue:
        if plan.is_full():
            break
        plan.offer(job)
    return [Placement(*placement) for placement in plan.placements.items()]
