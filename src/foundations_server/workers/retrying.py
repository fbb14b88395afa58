"""Whether an attempt that ended is the job's last. Pure: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from foundations_wire import codec
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import AttemptFinished, Cause

MOST_DELAY = 60.0  # seconds
FREE_TRIES = 3  # new attempts when the job's code certainly never ran


@dataclass(frozen=True)
class Last:
    """The job ends with its attempt."""

    status: JobStatus
    reason: str | None


@dataclass(frozen=True)
class Again:
    """The job waits for another attempt, at least `delay` seconds.

    `is_loss` says that the infrastructure was to blame and not the job's code.
    """

    reason: str
    delay: float
    is_loss: bool


def decide(attempt: Row[Any], job: Row[Any], report: AttemptFinished) -> Last | Again:
    """Return what follows from the end of an attempt. A wish to stop always wins."""
    status = JobStatus(report.status)
    ended = report.reason or f"status {status.value}"
    if status is not JobStatus.FAILED or report.cause not in (Cause.CODE, Cause.INFRASTRUCTURE):
        return Last(status, report.reason)
    is_loss = report.cause is Cause.INFRASTRUCTURE
    if job.is_stop_wanted and is_loss:
        return Last(JobStatus.STOPPED, f"stopped; its last attempt ended with: {ended}")
    allowed = _count_allowed(job, report)
    used = job.losses if is_loss else job.failures
    if job.is_stop_wanted or used >= allowed:
        return Last(status, report.reason)
    return Again(
        reason=_explain(attempt.number, used, allowed, ended, is_loss=is_loss),
        delay=min(2.0 ** min(job.failures + job.losses, 10), MOST_DELAY),
        is_loss=is_loss,
    )


def _count_allowed(job: Row[Any], report: AttemptFinished) -> int:
    spec = codec.decode(job.spec)
    if report.cause is Cause.CODE:
        return int(spec.get("max_retries", 0))
    allowed = int(spec.get("max_infra_retries", 0))
    # The worker knows better than its earlier report of a start, which came before the proof.
    return allowed if report.has_begun else max(allowed, FREE_TRIES)


def _explain(number: int, used: int, allowed: int, ended: str, *, is_loss: bool) -> str:
    most = number + allowed - used
    if is_loss:
        return f"attempt {number} of {most} was lost: {ended}"
    return f"attempt {number} of {most} ended with {ended}"
