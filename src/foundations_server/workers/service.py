"""Leases: who may carry out which attempt, and what they report.

A report counts only with the token of the lease, and the first report of an end is final.
Silence is never evidence: nothing here takes an attempt away because of time.
"""

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
from foundations_server.workers.presence import Presence
from foundations_server.workers.reports import check_finished, check_hello, check_moment
from foundations_wire import codec
from foundations_wire.errors import LeaseLost, UnknownWorker
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec, JobStatus
from foundations_wire.times import to_iso
from foundations_wire.workers import (
    AttemptFinished,
    AttemptStarted,
    GpuView,
    Heartbeat,
    HeartbeatAnswer,
    Lease,
    LeaseAnswer,
    LeaseRequest,
    WorkerHello,
    WorkerList,
    WorkerView,
    WorkerWelcome,
)


class WorkerService:
    def __init__(
        self, database: Database, clock: Clock, hints: HintBus, presence: Presence
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self.presence = presence

    def hello(self, worker_id: str, hello: WorkerHello) -> WorkerWelcome:
        """Note that a worker is there; return the attempts it holds."""
        check_hello(worker_id, hello)
        row = {
            "id": worker_id, **codec.spell(hello), "gpus": len(hello.gpus), "is_gone": False,
            "seen_at": self._clock.now(),
        }  # fmt: skip

        def change(connection: Connection) -> list[Lease]:
            repository.put_worker(connection, row)
            repository.put_gpus(connection, worker_id, hello.gpus)
            return [_lease(attempt) for attempt in repository.list_open(connection, worker_id)]

        leases = self._database.write(change)
        self.presence.hear(worker_id)
        self._publish(worker_id)
        return WorkerWelcome(leases)

    def goodbye(self, worker_id: str) -> None:
        """Note that a worker ends; its attempts stay its own."""
        values = {"is_gone": True, "seen_at": self._clock.now()}

        def change(connection: Connection) -> None:
            _require(connection, worker_id)
            repository.change_worker(connection, worker_id, values)

        self._database.write(change)
        self._publish(worker_id)

    def list_all(self) -> WorkerList:
        with self._database.read() as connection:
            running: dict[str, list[str]] = {}
            for attempt in repository.list_open(connection):
                running.setdefault(attempt.worker_id, []).append(attempt.job_id)
            gpus: dict[str, list[Row[Any]]] = {}
            for gpu in repository.list_gpus(connection):
                gpus.setdefault(gpu.worker_id, []).append(gpu)
            return WorkerList(
                [
                    self._view(row, running.get(row.id, []), gpus.get(row.id, []))
                    for row in repository.list_workers(connection)
                ]
            )

    def require(self, worker_id: str) -> None:
        """Raise UnknownWorker before anything is remembered of a worker that nobody knows."""
        with self._database.read() as connection:
            _require(connection, worker_id)

    def take(self, worker_id: str, request: LeaseRequest) -> LeaseAnswer:
        """Return what a worker should do now: attempts to start, attempts to stop."""
        with self._database.read() as connection:
            worker = _require(connection, worker_id)
            held = repository.list_open(connection, worker_id)
            chosen = _choose(list_queue(connection), worker, held, request.free_slots)
        stops = [a.id for a in held if a.is_stop_wanted and a.id not in request.stopping]
        leases = [_lease(a) for a in held if self._is_unaware(worker_id, a)]
        if chosen:
            leases += self._lease_more(worker_id, request.free_slots, chosen)
        return LeaseAnswer(leases, stops)

    def heartbeat(self, worker_id: str, beat: Heartbeat) -> HeartbeatAnswer:
        """Note that a worker lives; return the attempts that are not its own."""
        with self._database.read() as connection:
            _require(connection, worker_id)
            own = {a.id: a.token for a in repository.list_open(connection, worker_id)}
        self.presence.hear(worker_id)
        self.presence.note_held(worker_id, beat.tokens)
        return HeartbeatAnswer(
            [
                attempt_id
                for attempt_id, token in beat.tokens.items()
                if not _is_same(own.get(attempt_id, ""), token)
            ]
        )

    def start(self, attempt_id: str, report: AttemptStarted) -> None:
        """Note that user code runs."""
        check_moment(report.at)

        def change(connection: Connection) -> Row[Any]:
            attempt = _require_held(connection, attempt_id, report.token)
            if attempt.ended_at is not None:
                raise _lost(attempt_id)
            if attempt.started_at is None:
                repository.change_attempt(connection, attempt_id, {"started_at": report.at})
                values = {"started_at": report.at}
                jobs.change_status(connection, attempt.job_id, JobStatus.RUNNING, values)
            return attempt

        self._publish_job(self._database.write(change))

    def finish(self, attempt_id: str, report: AttemptFinished) -> None:
        """End an attempt and its job. The same report again changes nothing."""
        check_finished(report)
        body = codec.encode(report).decode()

        def change(connection: Connection) -> Row[Any]:
            attempt = _require_held(connection, attempt_id, report.token)
            if attempt.ended_at is None:
                _end(connection, attempt, report, body)
            elif attempt.report != body:
                raise _lost(attempt_id)
            return attempt

        self._publish_job(self._database.write(change))

    def _lease_more(
        self, worker_id: str, free_slots: int, chosen: Sequence[Waiting]
    ) -> list[Lease]:
        """Lease those of the chosen jobs that still wait and fit.

        They were chosen by a look from outside: the writing thread has no time for a queue
        of thousands. When another worker was faster, the next of the queue take their place.
        """

        def change(connection: Connection) -> list[Row[Any]]:
            worker = _require(connection, worker_id)
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
        return [_lease(attempt) for attempt in attempts]

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
        return _require_held(connection, attempt_id, str(row["token"]))

    def _is_unaware(self, worker_id: str, attempt: Row[Any]) -> bool:
        is_begun = attempt.started_at is not None
        return not is_begun and self.presence.is_unaware(worker_id, attempt.id, attempt.leased_at)

    def _view(self, row: Row[Any], running: list[str], gpus: Sequence[Row[Any]]) -> WorkerView:
        if row.is_gone:
            status = "gone"
        else:
            status = "connected" if self.presence.is_connected(row.id) else "silent"
        return WorkerView(
            id=row.id, name=row.name, host=row.host, executor=row.executor, slots=row.slots,
            gpus=[_view_gpu(gpu) for gpu in gpus], version=row.version, status=status,
            running=running, seen_at=to_iso(self.presence.seen_at(row.id, row.seen_at)),
            cpus=row.cpus, ram_gb=row.ram_gb, is_draining=row.is_draining, trouble=row.trouble,
        )  # fmt: skip

    def _publish(self, worker_id: str) -> None:
        self._hints.publish(Hint("worker", worker_id, "status"), Hint("queue", "", "status"))

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


def _end(connection: Connection, attempt: Row[Any], report: AttemptFinished, body: str) -> None:
    repository.change_attempt(connection, attempt.id, {"ended_at": report.at, "report": body})
    status = JobStatus(report.status)
    # A job that was over before its start was reported still ran.
    if attempt.started_at is None and status is JobStatus.COMPLETED:
        started = {"started_at": report.at}
        jobs.change_status(connection, attempt.job_id, JobStatus.RUNNING, started)
    values: dict[str, Any] = {
        "reason": report.reason, "exit_code": report.exit_code, "ended_at": report.at,
    }  # fmt: skip
    jobs.change_status(connection, attempt.job_id, status, values)


def _view_gpu(row: Row[Any]) -> GpuView:
    status = "quarantined" if row.problem else "busy" if row.attempt_id else "free"
    return GpuView(row.id, row.name, row.memory_bytes, status, row.job_id, row.problem)


def _lease(attempt: Row[Any]) -> Lease:
    return Lease(
        attempt_id=attempt.id,
        token=attempt.token,
        job_id=attempt.job_id,
        attempt=attempt.number,
        spec=codec.build(JobSpec, codec.decode(attempt.spec)),
        is_started=attempt.started_at is not None,
        is_stop_wanted=attempt.is_stop_wanted,
        gpus=codec.decode(attempt.gpus),
        log_start=attempt.log_start,
    )


def _require(connection: Connection, worker_id: str) -> Row[Any]:
    row = repository.find_worker(connection, worker_id)
    if row is None:
        raise UnknownWorker(f"Worker `{worker_id[:100]}` is not known; it says hello first.")
    return row


def _require_held(connection: Connection, attempt_id: str, token: str) -> Row[Any]:
    attempt = repository.find_attempt(connection, attempt_id)
    if attempt is None or not _is_same(attempt.token, token):
        raise _lost(attempt_id)
    return attempt


def _is_same(token: str, other: str) -> bool:
    return bool(token) and secrets.compare_digest(token.encode(), other.encode())


def _lost(attempt_id: str) -> LeaseLost:
    return LeaseLost(
        f"The lease of attempt `{attempt_id[:100]}` is not yours or is over; stop the attempt."
    )
