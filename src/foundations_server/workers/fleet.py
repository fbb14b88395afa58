"""The workers as jobs and the policy see them (see jobs/fleet.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.platform.database import slices
from foundations_server.scheduling.policy import WorkerCapacity
from foundations_server.workers import repository
from foundations_server.workers.presence import Presence
from foundations_wire.times import to_iso


class PresentFleet:
    """The workers that this process has heard from."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence

    def list_capacity(self, connection: Connection) -> list[WorkerCapacity]:
        """See Fleet."""
        held: dict[str, list[Row[Any]]] = {}
        for attempt in repository.list_open(connection):
            held.setdefault(attempt.worker_id, []).append(attempt)
        return [
            measure(worker, held.get(worker.id, []))
            for worker in repository.list_workers(connection)
            if not worker.is_gone and self._presence.is_connected(worker.id)
        ]

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


def measure(
    worker: Row[Any], held: Sequence[Row[Any]], free_slots: int | None = None
) -> WorkerCapacity:
    """Return what a worker has left beside the attempts it holds.

    `free_slots` is what the worker itself says; the smaller number counts.
    """
    slots = max(worker.slots - len(held), 0)
    return WorkerCapacity(
        worker_id=worker.id,
        name=worker.name,
        slots=worker.slots,
        free_slots=slots if free_slots is None else min(slots, free_slots),
        gpus=worker.gpus,
        free_gpus=max(worker.gpus - sum(attempt.num_gpus for attempt in held), 0),
        holders=tuple(attempt.job_name for attempt in held),
        gpu_holders=tuple(attempt.job_name for attempt in held if attempt.num_gpus),
    )
