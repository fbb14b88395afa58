"""Reports on attempts: that user code runs, and how it ended.

A report counts only with the token of the lease, and the first report of an end is final.
Silence is never evidence: nothing here takes an attempt away because of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs import dependencies
from foundations_server.jobs import repository as jobs
from foundations_server.jobs.dependencies import Changed
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import HintBus
from foundations_server.workers import repository
from foundations_server.workers.holding import lost, require_held
from foundations_server.workers.reports import check_finished, check_moment
from foundations_server.workers.retrying import Again, decide
from foundations_server.workers.waking import Waker
from foundations_wire import codec
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import AttemptFinished, AttemptStarted


class Endings:
    def __init__(self, database: Database, clock: Clock, hints: HintBus, waker: Waker) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._waker = waker

    def start(self, attempt_id: str, report: AttemptStarted) -> None:
        """Note that user code runs."""
        check_moment(report.at)

        def change(connection: Connection) -> list[Changed]:
            attempt = require_held(connection, attempt_id, report.token)
            if attempt.ended_at is not None:
                raise lost(attempt_id)
            if attempt.started_at is not None:
                return []
            repository.change_attempt(connection, attempt_id, {"started_at": report.at})
            return _begin(connection, attempt, report.at)

        started = self._database.write(change)
        if started:  # nothing became free by it: no worker need look again
            self._hints.publish(*dependencies.hint(started, queue="started"))

    def finish(self, attempt_id: str, report: AttemptFinished) -> None:
        """End an attempt, and its job unless another attempt is due.

        The same report again changes nothing.
        """
        check_finished(report)

        def change(connection: Connection) -> list[Changed]:
            attempt = require_held(connection, attempt_id, report.token)
            if attempt.ended_at is None:
                return end(connection, attempt, report, self._clock.now())
            if attempt.report != codec.encode(report).decode():
                raise lost(attempt_id)
            return []

        self.tell(self._database.write(change))

    def tell(self, changed: Sequence[Changed]) -> None:
        """Wake who waits for these jobs, and for the moment of an attempt that is due."""
        if changed:
            self._hints.publish(*dependencies.hint(changed))
        if any(job.is_due_later for job in changed):
            self._waker.nudge()


def end(
    connection: Connection, attempt: Row[Any], report: AttemptFinished, now: float
) -> list[Changed]:
    """End an attempt: free its GPUs, then end its job or put it back into the queue.

    Return the jobs whose status changed.
    """
    values: dict[str, Any] = {"ended_at": report.at, "report": codec.encode(report).decode()}
    if is_news := attempt.started_at is None and report.started_at is not None:
        values["started_at"] = report.started_at
    repository.change_attempt(connection, attempt.id, values)
    repository.free_gpus(connection, attempt.id, attempt.worker_id, report.sick_gpus)
    job = jobs.find(connection, attempt.job_id)
    if job is None or JobStatus(job.status).is_final:
        return []
    verdict = decide(attempt, job, report)
    if isinstance(verdict, Again):
        return _queue_again(connection, job, verdict, now)
    # A job that was over before its start was reported still ran.
    if is_news or (attempt.started_at is None and verdict.status is JobStatus.COMPLETED):
        _begin(connection, attempt, report.started_at or report.at)
    values = {
        "reason": verdict.reason, "exit_code": report.exit_code, "ended_at": report.at,
    }  # fmt: skip
    return dependencies.conclude(connection, job.id, verdict.status, values)


def _begin(connection: Connection, attempt: Row[Any], at: float) -> list[Changed]:
    jobs.change_status(connection, attempt.job_id, JobStatus.RUNNING, {"started_at": at})
    return [Changed(attempt.job_id, attempt.project)]


def _queue_again(connection: Connection, job: Row[Any], again: Again, now: float) -> list[Changed]:
    """Give a job its old place in the queue; what the attempt left of itself is cleared."""
    values = {
        "status": JobStatus.QUEUED.value, "attempt_id": None, "worker": None, "started_at": None,
        "error": None, "reason": again.reason, "not_before": now + again.delay,
        "failures": job.failures + (not again.is_loss), "losses": job.losses + again.is_loss,
    }  # fmt: skip
    jobs.change(connection, job.id, values)
    return [Changed(job.id, job.project, is_due_later=True)]
