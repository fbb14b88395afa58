"""What is made of the guard's record and the engine's word."""

from __future__ import annotations

from typing import Any

import pytest

from foundations_wire.workers import Cause
from foundations_worker.executors.docker import ending
from foundations_worker.executors.docker.ending import Evidence, judge
from foundations_worker.executors.docker.engine import Seen

EXITED = Seen("a", "exited", exit_code=0, started_at=100.0)


def seen(**facts: Any) -> Seen:
    return Seen("a", "exited", **{"started_at": 100.0, **facts})


def evidence(**facts: Any) -> Evidence:
    known: dict[str, Any] = {
        "record": None, "seen": EXITED, "has_begun": True, "told": frozenset(),
        "engine_started_at": 50.0,
    }  # fmt: skip
    return Evidence(**{**known, **facts})


def test_the_guards_record_is_believed_first() -> None:
    end = judge(evidence(record={"code": 3, "signal": None, "problem": None, "at": 7.0}))

    assert (end.code, end.signal, end.at, end.cause) == (3, None, 7.0, None)


def test_job_killed_for_its_memory_is_out_of_memory() -> None:
    record = {"code": None, "signal": 9, "problem": None, "at": 7.0}

    end = judge(evidence(record=record, seen=seen(exit_code=137, is_oom=True)))

    assert (end.problem, end.cause) == (ending.OUT_OF_MEMORY, Cause.LIMIT)


def test_job_that_outlived_a_child_without_memory_completes_with_a_warning() -> None:
    end = judge(evidence(record={"code": 0}, seen=seen(is_oom=True)))

    assert (end.code, end.problem) == (0, None)
    assert end.warning is not None


def test_code_of_137_by_the_job_itself_is_its_own() -> None:
    end = judge(evidence(record={"code": 137}, seen=seen(exit_code=0)))

    assert (end.code, end.problem, end.cause) == (137, None, None)


def test_kill_by_somebody_else_is_a_signal() -> None:
    assert judge(evidence(seen=seen(exit_code=137))).signal == 9


@pytest.mark.parametrize("record", [None, {"code": None, "signal": 15, "told": [15]}])
def test_container_ended_by_a_restarted_engine_is_not_the_jobs_fault(record: Any) -> None:
    end = judge(evidence(record=record, seen=seen(exit_code=137), engine_started_at=200.0))

    assert (end.problem, end.cause) == (ending.ENGINE_RESTARTED, Cause.INFRASTRUCTURE)


def test_job_that_ended_while_the_engine_was_away_keeps_its_code() -> None:
    end = judge(evidence(record={"code": 4, "told": []}, engine_started_at=200.0))

    assert (end.code, end.problem) == (4, None)


def test_stop_of_ours_is_not_taken_for_the_engines() -> None:
    facts = {"seen": seen(exit_code=137), "engine_started_at": 200.0}

    end = judge(evidence(told=frozenset({15, 9}), **facts))

    assert (end.signal, end.problem) == (9, None)


def test_container_that_is_gone_without_a_record_has_vanished() -> None:
    end = judge(evidence(seen=None))

    assert (end.problem, end.cause) == (ending.CONTAINER_VANISHED, Cause.INFRASTRUCTURE)


def test_image_whose_python_cannot_run_the_guard_is_the_requests_fault() -> None:
    end = judge(evidence(has_begun=False, seen=seen(exit_code=1), last_words="SyntaxError: x"))

    assert end.problem is not None
    assert "Python 3.9" in end.problem
    assert "SyntaxError: x" in end.problem
    assert (end.cause, end.has_begun) == (Cause.REQUEST, False)


@pytest.mark.parametrize("record", [{"code": "x", "at": "y"}, {"signal": [], "problem": None}, {}])
def test_record_that_a_job_has_forged_is_no_more_than_a_record(record: dict[str, Any]) -> None:
    end = judge(evidence(record=record))

    assert (end.code, end.signal, end.at) == (None, None, None)
