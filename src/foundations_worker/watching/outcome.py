"""From how a command ended to what the job's record says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from foundations_wire.jobs import JobStatus
from foundations_worker.executors.base import Exit

STOPPED_BY_USER = "stopped by a user"
# What a shell reports for a program that a signal ended: 128 and its number.
_SIGNAL_BASE = 128


@dataclass(frozen=True)
class Verdict:
    status: JobStatus
    reason: str | None = None
    exit_code: int | None = None
    at: float | None = None  # seconds since 1970, when it is known


def judge(end: Exit, *, was_stopped: bool) -> Verdict:
    """Return the job's end. Whoever was running when the stop came is stopped, exit 0 or not."""
    code = _SIGNAL_BASE + end.signal if end.signal else end.code
    if was_stopped:
        return Verdict(JobStatus.STOPPED, STOPPED_BY_USER, code, end.at)
    if end.problem:
        return Verdict(JobStatus.FAILED, end.problem, code, end.at)
    if end.signal:
        return Verdict(JobStatus.FAILED, f"killed by signal {end.signal}", code, end.at)
    if end.code:
        return Verdict(JobStatus.FAILED, f"exit code {end.code}", code, end.at)
    return Verdict(JobStatus.COMPLETED, None, code, end.at)


def mention_kept(verdict: Verdict, folder: Path) -> Verdict:
    """Return the end with a word on where the results lie that the server does not have."""
    what = verdict.reason or "exit code 0"
    reason = f"{what}; part of its results could not be stored and is kept in {folder}"
    return replace(verdict, reason=reason)


def fail(reason: str) -> Verdict:
    return Verdict(JobStatus.FAILED, reason)


def stop_early() -> Verdict:
    """Return the end of a job that was stopped before its command was started."""
    return Verdict(JobStatus.STOPPED, STOPPED_BY_USER)
