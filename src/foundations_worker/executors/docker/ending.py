"""From what the guard wrote and the engine tells to how an attempt ended."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from typing import Any

from foundations_wire.workers import Cause
from foundations_worker.executors.base import Exit
from foundations_worker.executors.docker.engine import Seen

OUT_OF_MEMORY = "out of memory"
ENGINE_RESTARTED = "the container engine was restarted"
CONTAINER_VANISHED = "the container vanished"
_CHILD_KILLED = "a process of the job was killed because memory ran out; the job went on"
_NEEDED = "jobs need an image with Python 3.9 or newer"
_SIGNAL_BASE = 128
_GUARD_FOUND_MARKER = 125


@dataclass(frozen=True)
class Evidence:
    """Everything that is known of a container that no longer runs.

    `record` is the guard's exit record, `seen` the engine's, None where there is none.
    `told` are the signals that we sent to it.
    """

    record: dict[str, Any] | None
    seen: Seen | None
    has_begun: bool
    told: frozenset[int]
    engine_started_at: float
    last_words: str = ""

    @property
    def is_engine_younger(self) -> bool:
        began = self.seen.started_at if self.seen else None
        return began is not None and self.engine_started_at > began


def judge(evidence: Evidence) -> Exit:
    """Return how the attempt ended; the guard is believed first, then the engine."""
    if evidence.record is not None:
        return _judge_record(evidence.record, evidence)
    if evidence.seen is None:
        end = _judge_absence(evidence)
    elif evidence.seen.is_oom:
        end = Exit(signal=signal.SIGKILL, problem=OUT_OF_MEMORY, cause=Cause.LIMIT)
    elif evidence.told:
        end = Exit(signal=_strongest(evidence.told))
    elif evidence.is_engine_younger:
        end = Exit(problem=ENGINE_RESTARTED, cause=Cause.INFRASTRUCTURE)
    else:
        end = _judge_code(evidence.seen.exit_code, evidence)
    return replace(end, has_begun=evidence.has_begun)


def _judge_code(code: int, evidence: Evidence) -> Exit:
    """Judge a container whose guard was not there at its end, or never came to begin."""
    if code > _SIGNAL_BASE:
        return Exit(signal=code - _SIGNAL_BASE)
    if not evidence.has_begun:
        said = f" ({evidence.last_words.splitlines()[-1]})" if evidence.last_words else ""
        return Exit(problem=f"the job could not begin: {_NEEDED}{said}", cause=Cause.REQUEST)
    if code == _GUARD_FOUND_MARKER:
        problem = "the attempt had been started before"
        return Exit(problem=problem, cause=Cause.INFRASTRUCTURE)
    return Exit(code=code, problem="the guard ended early", cause=Cause.INFRASTRUCTURE)


def _judge_record(record: dict[str, Any], evidence: Evidence) -> Exit:
    code, number = _whole(record.get("code")), _whole(record.get("signal"))
    at = record.get("at")
    problem = str(record["problem"])[:1000] if record.get("problem") else None
    moment = float(at) if isinstance(at, (int, float)) else None
    is_oom = evidence.seen is not None and evidence.seen.is_oom
    if is_oom and (code or number):
        return Exit(code, number, OUT_OF_MEMORY, moment, Cause.LIMIT)
    if record.get("told") and not evidence.told and evidence.is_engine_younger:
        return Exit(code, number, ENGINE_RESTARTED, moment, Cause.INFRASTRUCTURE)
    cause = Cause.REQUEST if problem else None
    return Exit(code, number, problem, moment, cause, _CHILD_KILLED if is_oom else None)


def _judge_absence(evidence: Evidence) -> Exit:
    if evidence.told and not evidence.has_begun:
        return Exit(signal=_strongest(evidence.told))
    return Exit(problem=CONTAINER_VANISHED, cause=Cause.INFRASTRUCTURE)


def _strongest(told: frozenset[int]) -> int:
    return int(signal.SIGKILL if signal.SIGKILL in told else signal.SIGTERM)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
