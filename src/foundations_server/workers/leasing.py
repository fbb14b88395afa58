"""Which attempts a worker gets, and which it no longer has.

What may start is chosen by a look from outside of the writing thread, which has no time for
a queue of thousands. Then one transaction makes the attempt, takes exact GPUs for it and
gives the job to it; what stopped fitting meanwhile is left out and chosen anew.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from foundations_server.archive.logs import JobLogs
from foundations_server.jobs import dependencies, planning, queue_repository
from foundations_server.jobs.adding import read_spec
from foundations_server.jobs.dependencies import Changed
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.workers import repository
from foundations_server.workers.fleet import list_capacity
from foundations_server.workers.holding import is_same, make_lease, require_worker
from foundations_server.workers.presence import Presence
from foundations_wire import codec
from foundations_wire.errors import Conflict, UnknownWorker
from foundations_wire.failpoints import reach
from foundations_wire.ids import new_id
from foundations_wire.workers import (
    Heartbeat,
    HeartbeatAnswer,
    Lease,
    LeaseAnswer,
    LeaseRequest,
)

_TRIES = 20  # looks at the queue while other workers are faster
_LONG = 1_000  # characters of a worker's trouble that are kept


class Reserved(NamedTuple):
    """A new lease, and the project of its job."""

    lease: Lease
    project: str


class LeaseService:
    def __init__(
        self, database: Database, clock: Clock, hints: HintBus, presence: Presence, logs: JobLogs
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._logs = logs
        self._planning = threading.Lock()
        self._planned: tuple[Any, dict[str, str]] = (None, {})
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
            held = repository.list_open(connection, worker_id)
        stops = [a.id for a in held if a.is_stop_wanted and a.id not in request.stopping]
        leases = [make_lease(a) for a in held if self._is_unaware(worker_id, a)]
        if request.free_slots > len(leases):
            leases += self._lease_more(worker_id, request.free_slots - len(leases))
        return LeaseAnswer(leases, stops)

    def heartbeat(self, worker_id: str, beat: Heartbeat) -> HeartbeatAnswer:
        """Note that a worker lives, and how; return the attempts that are not its own."""
        trouble = beat.trouble[:_LONG] if beat.trouble else None
        with self._database.read() as connection:
            worker = require_worker(connection, worker_id)
            own = {a.id: a.token for a in repository.list_open(connection, worker_id)}
        self.presence.hear(worker_id)
        self.presence.note_held(worker_id, beat.tokens)
        if trouble != worker.trouble or beat.sick_gpus or beat.well_gpus:
            self._note_condition(worker_id, trouble, beat)
        return HeartbeatAnswer(
            [
                attempt_id
                for attempt_id, token in beat.tokens.items()
                if not is_same(own.get(attempt_id, ""), token)
            ]
        )

    def _note_condition(self, worker_id: str, trouble: str | None, beat: Heartbeat) -> None:
        def change(connection: Connection) -> None:
            repository.change_worker(connection, worker_id, {"trouble": trouble})
            repository.mark_gpus(connection, worker_id, beat.sick_gpus, beat.well_gpus)

        self._database.write(change)
        self._hints.publish(Hint("worker", worker_id, "status"), Hint("queue", "", "status"))

    def _lease_more(self, worker_id: str, free_slots: int) -> list[Lease]:
        """Lease what the queue has for a worker.

        What it has for other workers that wait as well is left to them.
        """
        made: list[Reserved] = []
        for _ in range(_TRIES):
            reach("dispatch.before_1_choose")
            chosen = self._choose(worker_id, free_slots - len(made))
            reach("dispatch.after_1_choose")
            if not chosen:
                break
            reserve = partial(self._reserve_all, worker_id, free_slots - len(made), chosen)
            reach("dispatch.before_2_reserve")
            # Noted before it is true: who plans in between must not count on these slots.
            self.presence.use_slots(worker_id, len(chosen))
            more = self._database.write(reserve)
            self.presence.use_slots(worker_id, len(more) - len(chosen))
            reach("dispatch.after_2_reserve")
            made += more
            if len(more) == len(chosen):
                break
        if made:
            begun = [Changed(item.lease.job_id, item.project) for item in made]
            self._hints.publish(*dependencies.hint(begun, queue="started"))
        return [item.lease for item in made]

    def _choose(self, worker_id: str, free_slots: int) -> list[str]:
        """Return the ids of jobs that should start on a worker now.

        One hint wakes all workers that wait; the first one plans for all of them.
        """
        with self._planning:
            said = {**self.presence.list_open(), worker_id: free_slots}
            state = (self._database.version, said)
            known, placed = self._planned
            if known != state:
                placed = self._plan(said)
                self._planned = (state, placed)
        return [job_id for job_id, place in placed.items() if place == worker_id]

    def _plan(self, said: dict[str, int]) -> dict[str, str]:
        now = self._clock.now()
        with self._database.read() as connection:
            capacity = list_capacity(connection, self.presence, now, said)
            return planning.plan(connection, capacity, now).placements

    def _reserve_all(
        self, worker_id: str, free_slots: int, job_ids: Sequence[str], connection: Connection
    ) -> list[Reserved]:
        """Make attempts of those of the chosen jobs that may start still, and fit."""
        now = self._clock.now()
        capacity = list_capacity(connection, self.presence, now, {worker_id: free_slots})
        plan = planning.begin(connection, capacity)
        names = {worker.worker_id: worker.name for worker in capacity}
        made = []
        for row in queue_repository.list_ready(connection, now, job_ids):
            if plan.offer(planning.as_waiting(row)) == worker_id:
                lease = self._reserve(connection, worker_id, names[worker_id], row)
                made.append(Reserved(lease, row.project))
        return made

    def _reserve(
        self, connection: Connection, worker_id: str, worker: str, job: Row[Any]
    ) -> Lease:
        number = repository.count_attempts(connection, job.id) + 1
        devices = (
            repository.find_free_gpus(connection, worker_id, job.num_gpus) if job.num_gpus else []
        )
        lease = Lease(
            attempt_id=new_id(),
            token=secrets.token_urlsafe(24),
            job_id=job.id,
            attempt=number,
            spec=read_spec(job.spec),
            gpus=devices,
            log_start=self._logs.size(job.id) if number > 1 else 0,
        )
        row = {
            "id": lease.attempt_id,
            "job_id": job.id,
            "number": number,
            "worker_id": worker_id,
            "token": lease.token,
            "num_gpus": job.num_gpus,
            "leased_at": self._clock.now(),
            "gpus": codec.encode(devices).decode(),
            "cpus": job.cpus,
            "ram_gb": job.ram_gb,
            "log_start": lease.log_start,
        }
        repository.add_attempt(connection, row)
        is_taken = repository.take_job(connection, job.id, lease.attempt_id, worker)
        if not is_taken or len(devices) != job.num_gpus:
            raise Conflict(f"Job `{job.id}` cannot start on worker `{worker}` any more.")
        if devices and not repository.take_gpus(connection, lease.attempt_id, worker_id, devices):
            raise Conflict(f"The GPUs for job `{job.id}` are held already.")
        return lease

    def _is_unaware(self, worker_id: str, attempt: Row[Any]) -> bool:
        is_begun = attempt.started_at is not None
        return not is_begun and self.presence.is_unaware(worker_id, attempt.id, attempt.leased_at)
