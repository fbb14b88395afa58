"""What the queue would start now: the policy over the rows of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs import queue_repository
from foundations_server.jobs.limits import read_limits
from foundations_server.scheduling.allowances import Allowances, Spent
from foundations_server.scheduling.needs import Needs, Waiting, WorkerCapacity
from foundations_server.scheduling.policy import Plan, Refusal

_PAGE = 64  # jobs that are read at a time


def plan(
    connection: Connection,
    capacity: Sequence[WorkerCapacity],
    now: float,
    *,
    most: int | None = None,
) -> Plan:
    """Offer the queue to the workers, in its order, until nothing more can be placed.

    With `most`, only about so many jobs are looked at: enough to explain, not to place.
    """
    made = begin(connection, capacity)
    after: Row[Any] | None = None
    looked = 0
    while not made.is_full() and (most is None or looked < most):
        without: list[Refusal | Spent] = [*made.refusals, *made.spent]
        page = queue_repository.read_ready(connection, now, after, without, _PAGE)
        for row in page:
            made.offer(as_waiting(row))
            if made.is_full():
                break
        if len(page) < _PAGE:
            break
        after, looked = page[-1], looked + len(page)
    return made


def begin(connection: Connection, capacity: Sequence[WorkerCapacity]) -> Plan:
    """Return a plan to which nothing was offered yet."""
    holders = (holder for worker in capacity for holder in worker.holders)
    return Plan(capacity, Allowances(read_limits(connection), holders))


def as_waiting(row: Row[Any]) -> Waiting:
    """Return a waiting job as the policy sees it."""
    return Waiting(
        row.id,
        row.name,
        Needs(row.num_gpus, row.cpus, row.ram_gb),
        row.project,
        row.user,
        row.time_limit,
    )
