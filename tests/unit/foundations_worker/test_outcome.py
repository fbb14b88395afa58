from __future__ import annotations

import pytest

from foundations_wire.jobs import JobStatus
from foundations_worker.executors.base import VANISHED, Exit
from foundations_worker.watching.outcome import judge


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
    verdict = judge(end, was_stopped=False)

    assert (verdict.status, verdict.reason, verdict.exit_code) == (status, reason, code)


@pytest.mark.parametrize("end", [Exit(0), Exit(1), Exit(signal=15), Exit(signal=9), VANISHED])
def test_stopped_job_is_stopped_however_it_took_it(end: Exit) -> None:
    verdict = judge(end, was_stopped=True)

    assert verdict.status is JobStatus.STOPPED
    assert verdict.reason == "stopped by a user"


def test_moment_of_the_end_is_kept() -> None:
    assert judge(Exit(0, at=12.5), was_stopped=False).at == 12.5
