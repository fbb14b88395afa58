"""Which attempts a worker gets, and which it no longer has."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs import repository as jobs
from foundations_server.jobs.viewing import list_queue
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.scheduling.policy import Waiting, choose
from foundations_server.workers import repository
from foundations_server.workers.fleet import measure
from foundations_server.workers.holding import is_same, make_lease, require_held, require_worker
from foundations_server.workers.presence import Presence
from foundations_wire.errors import UnknownWorker
from foundations_wire.ids import new_id
from foundations_wire.workers import (
    Heartbeat,
    HeartbeatAnswer,
    Lease,
    LeaseAnswer,
    LeaseRequest,
)


class LeaseService:
    def __init__(
        self, database: Database, clock: Clock, hints: HintBus, presence: Presence
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self.presence = presence

    def require(self, worker_id: str) -> None:
        """Raise UnknownWorker before anything is remembered of a worker that nobody knows.

        One that said goodbye or was declared lost says hello before it gets anything.
        """
        with self._database.read() as connection:
            if require_worker(connection, worker_id).is_gone:
                raise UnknownWorker(f"Worker `{worker_id}` is gone; it says hello first.")

    def take(self, worker_id: str, request: LeaseRequest) -> LeaseAnswer:
        """Return what a worker should do now: attempts to start, attempts to stop."""
        with self._database.read() as connection:
            worker = require_worker(connection, worker_id)
            held = repository.list_open(connection, worker_id)
            chosen = _choose(list_queue(connection), worker, held, request.free_slots)
        stops = [a.id for a in held if a.is_stop_wanted and a.id not in request.stopping]
        leases = [make_lease(a) for a in held if self._is_unaware(worker_id, a)]
        if chosen:
            leases += self._lease_more(worker_id, request.free_slots, chosen)
        return LeaseAnswer(leases, stops)

    def heartbeat(self, worker_id: str, beat: Heartbeat) -> HeartbeatAnswer:
        """Note that a worker lives; return the attempts that are not its own."""
        with self._database.read() as connection:
            require_worker(connection, worker_id)
            own = {a.id: a.token for a in repository.list_open(connection, worker_id)}
        self.presence.hear(worker_id)
        self.presence.note_held(worker_id, beat.tokens)
        return HeartbeatAnswer(
            [
                attempt_id
                for attempt_id, token in beat.tokens.items()
                if not is_same(own.get(attempt_id, ""), token)
            ]
        )

    def _lease_more(
        self, worker_id: str, free_slots: int, chosen: Sequence[Waiting]
    ) -> list[Lease]:
        """Lease those of the chosen jobs that still wait and fit.

        They were chosen by a look from outside: the writing thread has no time for a queue
        of thousands. When another worker was faster, the next of the queue take their place.
        """

        def change(connection: Connection) -> list[Row[Any]]:
            worker = require_worker(connection, worker_id)
            held = repository.list_open(connection, worker_id)
            ids = [job.job_id for job in chosen]
            waiting = list_queue(connection, ids)
            if len(waiting) < len(ids):
                waiting = list_queue(connection)
            placed = _choose(waiting, worker, held, free_slots)
            return [self._reserve(connection, worker, job) for job in placed]

        attempts = self._database.write(change)
        for attempt in attempts:
            self._publish_job(attempt)
        return [make_lease(attempt) for attempt in attempts]

    def _reserve(self, connection: Connection, worker: Row[Any], job: Waiting) -> Row[Any]:
        attempt_id, job_id = new_id(), job.job_id
        row = {
            "id": attempt_id,
            "job_id": job_id,
            "number": repository.count_attempts(connection, job_id) + 1,
            "worker_id": worker.id,
            "token": secrets.token_urlsafe(24),
            "num_gpus": job.num_gpus,
            "leased_at": self._clock.now(),
        }
        repository.add_attempt(connection, row)
        jobs.change(connection, job_id, {"attempt_id": attempt_id, "worker": worker.name})
        return require_held(connection, attempt_id, str(row["token"]))

    def _is_unaware(self, worker_id: str, attempt: Row[Any]) -> bool:
        is_begun = attempt.started_at is not None
        return not is_begun and self.presence.is_unaware(worker_id, attempt.id, attempt.leased_at)

    def _publish_job(self, attempt: Row[Any]) -> None:
        with self._database.read() as connection:
            row = jobs.find(connection, attempt.job_id)
        project = row.project if row is not None else None
        hints = [Hint("job", attempt.job_id, "status", project), Hint("queue", "", "status")]
        if project is not None:
            hints.append(Hint("project", project, "status", project))
        self._hints.publish(*hints)


def _choose(
    queue: Sequence[Waiting], worker: Row[Any], held: Sequence[Row[Any]], free_slots: int
) -> list[Waiting]:
    """Return the jobs that a worker can start now."""
    placements = choose(queue, [measure(worker, held, free_slots)])
    chosen = {placement.job_id for placement in placements}
    return [job for job in queue if job.job_id in chosen]
