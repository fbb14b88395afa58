from __future__ import annotations

import pytest

from foundations_wire.jobs import JobStatus
from foundations_wire.workers import Cause
from foundations_worker.executors.base import VANISHED, Exit
from foundations_worker.watching.outcome import Why, judge


@pytest.mark.parametrize(
    ("end", "status", "reason", "code"),
    [
        (Exit(0), JobStatus.COMPLETED, None, 0),
        (Exit(3), JobStatus.FAILED, "exit code 3", 3),
        (Exit(signal=9), JobStatus.FAILED, "killed by signal 9", 137),
        (Exit(127, problem="command not found: x"), JobStatus.FAILED, "command not found: x", 127),
        (VANISHED, JobStatus.FAILED, "the process vanished", None),
    ],
)
def test_end_becomes_status_reason_and_exit_code(
    end: Exit, status: JobStatus, reason: str | None, code: int | None
) -> None:
    verdict = judge(end)

    assert (verdict.status, verdict.reason, verdict.exit_code) == (status, reason, code)


@pytest.mark.parametrize("end", [Exit(0), Exit(1), Exit(signal=15), Exit(signal=9), VANISHED])
def test_stopped_job_is_stopped_however_it_took_it(end: Exit) -> None:
    verdict = judge(end, Why.STOP)

    assert verdict.status is JobStatus.STOPPED
    assert verdict.reason == "stopped by a user"


def test_moment_of_the_end_is_kept() -> None:
    assert judge(Exit(0, at=12.5)).at == 12.5


@pytest.mark.parametrize(
    ("end", "why", "cause"),
    [
        (Exit(3), None, Cause.CODE),
        (Exit(signal=9), None, Cause.CODE),
        (Exit(137, cause=Cause.LIMIT, problem="out of memory"), None, Cause.LIMIT),
        (Exit(127, problem="command not found: x"), None, Cause.REQUEST),
        (VANISHED, None, Cause.INFRASTRUCTURE),
        (Exit(0), Why.STOP, Cause.STOP),
        (Exit(signal=15), Why.LIMIT, Cause.LIMIT),
    ],
)
def test_somebody_is_to_blame_for_each_end(end: Exit, why: Why | None, cause: Cause) -> None:
    assert judge(end, why).cause is cause


@pytest.mark.parametrize("end", [Exit(0), Exit(1), Exit(signal=15)])
def test_job_whose_time_was_up_has_failed_however_it_took_it(end: Exit) -> None:
    verdict = judge(end, Why.LIMIT, 60.0)

    assert (verdict.status, verdict.reason) == (JobStatus.FAILED, "time limit of 60 s")
