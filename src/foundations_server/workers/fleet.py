"""The workers as jobs and the policy see them (see jobs/fleet.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs.fleet import HeldAttempt
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import slices
from foundations_server.scheduling.needs import (
    Amounts,
    Holder,
    Needs,
    WorkerCapacity,
    add,
)
from foundations_server.workers import repository
from foundations_server.workers.presence import Presence
from foundations_wire import codec
from foundations_wire.times import to_iso


class PresentFleet:
    """The workers that this process has heard from."""

    def __init__(self, presence: Presence, clock: Clock) -> None:
        self._presence = presence
        self._clock = clock

    def list_capacity(self, connection: Connection) -> list[WorkerCapacity]:
        """See Fleet."""
        return list_capacity(connection, self._presence, self._clock.now())

    def explain_silence(
        self, connection: Connection, attempt_ids: Sequence[str]
    ) -> dict[str, str]:
        """See Fleet."""
        reasons: dict[str, str] = {}
        for some in slices(attempt_ids):
            for row in repository.find_workers_of(connection, some):
                if self._presence.is_silent(row.worker_id):
                    seen_at = to_iso(self._presence.seen_at(row.worker_id, row.seen_at))
                    reasons[row.id] = (
                        f"worker {row.name} has not been heard from since {seen_at[:19]}Z"
                    )
        return reasons

    def describe_attempts(
        self, connection: Connection, attempt_ids: Sequence[str]
    ) -> dict[str, HeldAttempt]:
        """See Fleet."""
        return {
            row.id: HeldAttempt(row.number, codec.decode(row.gpus), row.ended_at is not None)
            for some in slices(attempt_ids)
            for row in repository.list_attempts(connection, some)
        }


def list_capacity(
    connection: Connection,
    presence: Presence,
    now: float,
    free_slots: Mapping[str, int] | None = None,
) -> list[WorkerCapacity]:
    """Return the workers that are connected or hold attempts, with what those leave.

    `free_slots` is what workers say themselves, by id: those without an entry take nothing
    now. Without it, each takes what its attempts leave.
    """
    held: dict[str, list[Row[Any]]] = {}
    for attempt in repository.list_holding(connection):
        held.setdefault(attempt.worker_id, []).append(attempt)
    workers = repository.list_workers(connection)
    has_gpus = any(worker.gpus for worker in workers)
    gpus = repository.count_gpus(connection) if has_gpus else {}
    found = []
    for worker in workers:
        own, counted = held.get(worker.id, []), gpus.get(worker.id, (0, 0))
        is_connected = not worker.is_gone and presence.is_connected(worker.id)
        if not is_connected and not own:
            continue
        left = max(worker.slots - len(own), 0)
        said = left if free_slots is None else free_slots.get(worker.id, 0)
        measured = _measure(worker, own, min(left, said), counted, now)
        found.append(measured if is_connected else replace(measured, is_connected=False))
    return found


def _measure(
    worker: Row[Any],
    held: Sequence[Row[Any]],
    free_slots: int,
    gpus: tuple[int, int],
    now: float,
) -> WorkerCapacity:
    """Return what a worker has; `gpus` are how many may be used, and how many are free."""
    holders = tuple(_hold(attempt, now) for attempt in held)
    taken: Amounts = (0.0, 0.0, 0.0)
    for holder in holders:
        taken = add(taken, holder.needs.wanted)
    cpus = None if worker.cpus is None else worker.cpus - taken[1]
    ram_gb = None if worker.ram_gb is None else worker.ram_gb - taken[2]
    return WorkerCapacity(
        worker_id=worker.id,
        name=worker.name,
        slots=worker.slots,
        free_slots=free_slots,
        total=Needs(gpus[0], worker.cpus, worker.ram_gb),
        free=Needs(gpus[1], cpus, ram_gb),
        holders=holders,
        is_draining=worker.is_draining,
        trouble=worker.trouble,
    )


def _hold(attempt: Row[Any], now: float) -> Holder:
    ends_in = attempt.time_limit
    if ends_in is not None and attempt.started_at is not None:
        ends_in = max(ends_in - (now - attempt.started_at), 0.0)
    return Holder(
        attempt.job_name,
        Needs(attempt.num_gpus, attempt.cpus, attempt.ram_gb),
        attempt.project,
        attempt.user,
        ends_in,
    )
