"""From how a command ended to what the job's record says."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from pathlib import Path

from foundations_wire.jobs import JobStatus
from foundations_wire.workers import Cause
from foundations_worker.executors.base import Exit

STOPPED_BY_USER = "stopped by a user"
# What a shell reports for a program that a signal ended: 128 and its number.
_SIGNAL_BASE = 128


class Why(enum.Enum):
    """Why the worker ends an attempt."""

    STOP = "stop"
    LIMIT = "limit"
    FENCED = "fenced"


@dataclass(frozen=True)
class Verdict:
    """`cause` and `has_begun` decide whether the server makes another attempt."""

    status: JobStatus
    reason: str | None = None
    exit_code: int | None = None
    at: float | None = None  # seconds since 1970, when it is known
    cause: Cause = Cause.CODE
    has_begun: bool = True
    sick_gpus: dict[str, str] = field(default_factory=dict)


def judge(end: Exit, why: Why | None = None, limit_s: float | None = None) -> Verdict:
    """Return the job's end. Whoever was running when the stop came is stopped, exit 0 or not."""
    code = _SIGNAL_BASE + end.signal if end.signal else end.code
    if why is Why.STOP:
        return Verdict(JobStatus.STOPPED, STOPPED_BY_USER, code, end.at, Cause.STOP)
    if why is Why.LIMIT:
        reason = f"time limit of {limit_s or 0:g} s"
        return Verdict(JobStatus.FAILED, reason, code, end.at, Cause.LIMIT)
    if end.problem:
        cause = end.cause or Cause.REQUEST
        return Verdict(JobStatus.FAILED, end.problem, code, end.at, cause, end.has_begun)
    cause = end.cause or Cause.CODE
    if end.signal:
        reason = f"killed by signal {end.signal}"
        return Verdict(JobStatus.FAILED, reason, code, end.at, cause)
    if end.code:
        return Verdict(JobStatus.FAILED, f"exit code {end.code}", code, end.at, cause)
    return Verdict(JobStatus.COMPLETED, None, code, end.at)


def mention_kept(verdict: Verdict, folder: Path) -> Verdict:
    """Return the end with a word on where the results lie that the server does not have."""
    what = verdict.reason or "exit code 0"
    reason = f"{what}; part of its results could not be stored and is kept in {folder}"
    return replace(verdict, reason=reason)


def refuse(reason: str, cause: Cause) -> Verdict:
    """Return the end of a job whose command was never started."""
    return Verdict(JobStatus.FAILED, reason, cause=cause, has_begun=False)


def break_off(reason: str, *, has_begun: bool) -> Verdict:
    """Return the end of a job that the worker could not carry out."""
    cause = Cause.INFRASTRUCTURE
    return Verdict(JobStatus.FAILED, reason, cause=cause, has_begun=has_begun)


def give_up_killing(patience_s: float) -> Verdict:
    """Return the end of a job of which a process is left that nothing ends."""
    reason = f"unkillable: it was not gone {patience_s:g} s after KILL"
    return break_off(reason, has_begun=True)


def stop_early() -> Verdict:
    """Return the end of a job that was stopped before its command was started."""
    return Verdict(JobStatus.STOPPED, STOPPED_BY_USER, cause=Cause.STOP, has_begun=False)
