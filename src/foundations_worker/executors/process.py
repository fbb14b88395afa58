"""Runs attempts as processes of this machine, each behind a guard in a session of its own."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from foundations_wire.failpoints import reach
from foundations_wire.workers import Cause
from foundations_worker import guard
from foundations_worker.executors import leftovers, memory
from foundations_worker.executors.base import VANISHED, Condition, Exit, Handle, Launch
from foundations_worker.executors.guards import Guards, Line
from foundations_worker.joblog import JobLog
from foundations_worker.paths import AttemptPaths

_POLL_S = 0.05
_SOON_S = 0.01
_GUARD_END_S = 1.0


class ProcessExecutor:
    """See Executor. Everything it knows lies in the attempts' folders."""

    name = "process"

    def __init__(self, attempts: Path) -> None:
        """Take the folder that holds one folder for each attempt."""
        self._attempts = attempts
        self._guards = Guards()
        self._lines: dict[str, Line] = {}
        self._kills: dict[str, int | None] = {}

    def trouble(self) -> str | None:
        return None  # a machine on which no process can be started runs no worker either

    def start(self, launch: Launch) -> Handle:
        paths = self._paths(launch.attempt_id)
        handle = self._handle(launch.attempt_id)
        line = self._lines.get(launch.attempt_id)
        if _look(paths) is not Condition.NEVER_STARTED or (line and not line.is_over):
            return handle
        reach("dispatch.before_4_secrets")
        paths.folder.mkdir(parents=True, exist_ok=True)
        guard.write_json(str(paths.handle), vars(handle), is_lasting=False)
        with open(paths.launch, "w", encoding="utf-8", opener=_open_privately) as file:
            json.dump(_spell(launch, paths), file)
        reach("dispatch.after_4_secrets")
        self._kills[launch.attempt_id] = memory.count_kills()
        reach("dispatch.before_8_start")
        self._lines[launch.attempt_id] = self._guards.start(paths.launch)
        reach("dispatch.after_8_start")
        return handle

    def recover(self, attempt_id: str) -> tuple[Handle, Condition]:
        return self._handle(attempt_id), _look(self._paths(attempt_id))

    def observe(self) -> list[Handle]:
        if not self._attempts.exists():
            return []
        folders = [path for path in self._attempts.iterdir() if path.is_dir()]
        return [self._handle(path.name) for path in sorted(folders)]

    def wait(self, handle: Handle, timeout_s: float) -> Exit | None:
        deadline = time.monotonic() + timeout_s
        paths = self._paths(handle.attempt_id)
        while True:
            line = self._lines.get(handle.attempt_id)
            if line is not None:
                line.wait(max(0.0, deadline - time.monotonic()))
            ended = self._find_exit(handle.attempt_id, paths, line)
            left = deadline - time.monotonic()
            if ended is not None or left <= 0:
                return ended
            time.sleep(min(_POLL_S, left))  # an earlier worker's, or its guard was killed

    def stop(self, handle: Handle, grace_s: float) -> bool:
        paths = self._paths(handle.attempt_id)
        if not self._await_process(handle.attempt_id, paths):
            return False
        _signal_group(paths, signal.SIGTERM)
        if self.wait(handle, grace_s) is None:
            _signal_group(paths, signal.SIGKILL)
        return True

    def read_logs(self, handle: Handle, since: int) -> bytes:
        return JobLog(self._paths(handle.attempt_id).output).read(since)

    def remove(self, handle: Handle) -> None:
        line = self._lines.pop(handle.attempt_id, None)
        if line is not None:  # it may be writing the exit record
            line.wait(_GUARD_END_S, for_end=True)
        self._kills.pop(handle.attempt_id, None)
        leftovers.remove_folder(self._paths(handle.attempt_id).folder)

    def _paths(self, attempt_id: str) -> AttemptPaths:
        return AttemptPaths(self._attempts / attempt_id)

    def _handle(self, attempt_id: str) -> Handle:
        return Handle(self.name, attempt_id, str(self._paths(attempt_id).folder))

    def _find_exit(self, attempt_id: str, paths: AttemptPaths, line: Line | None) -> Exit | None:
        """Return how the attempt ended; None while it runs or is about to."""
        # Asked before the look: a guard that is gone by now has left everything it will.
        is_guard_gone = line is not None and line.is_over
        if line is not None and line.record is not None:
            return self._judge(attempt_id, line.record)
        condition = _look(paths)
        if condition is Condition.ENDED:
            return self._judge(attempt_id, _read_json(paths.exit) or {})
        if condition is Condition.VANISHED:
            return None if leftovers.end(attempt_id) else VANISHED
        if condition is Condition.NEVER_STARTED and is_guard_gone:
            return Exit(
                problem=f"the guard could not start the command: {_last_line(paths)}",
                cause=Cause.INFRASTRUCTURE,
                has_begun=False,
            )
        return None

    def _judge(self, attempt_id: str, record: dict[str, Any]) -> Exit:
        ended = Exit(
            record.get("code"), record.get("signal"), record.get("problem"), record.get("at")
        )
        before = self._kills.get(attempt_id)
        if ended.signal == signal.SIGKILL and before is not None:
            now = memory.count_kills()
            if now is not None and now > before:
                return replace(ended, problem="out of memory", cause=Cause.LIMIT)
        return ended

    def _await_process(self, attempt_id: str, paths: AttemptPaths) -> bool:
        """Wait until a guard that was just started has its process; return whether it runs."""
        while True:
            line = self._lines.get(attempt_id)
            condition = _look(paths)
            if condition is Condition.RUNNING and paths.process.exists():
                return True
            is_coming = condition is Condition.RUNNING or (line and not line.is_over)
            if condition in (Condition.ENDED, Condition.VANISHED) or not is_coming:
                return False
            if line is not None:
                line.wait(_SOON_S)
            else:
                time.sleep(_SOON_S)


def _open_privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # the environment may hold secrets


def _spell(launch: Launch, paths: AttemptPaths) -> dict[str, Any]:
    return {
        "argv": launch.argv,
        "cwd": str(launch.folder),
        "environment": launch.environment,
        "lock": str(paths.guard_lock),
        "started": str(paths.started),
        "process": str(paths.process),
        "output": str(paths.output),
        "complaints": str(paths.guard_log),
        "exit": str(paths.exit),
    }


def _look(paths: AttemptPaths) -> Condition:
    # Lock first, record second: the guard writes the record before it lets go of the lock.
    is_guarded = _is_locked(paths.guard_lock)
    if paths.exit.exists():
        return Condition.ENDED
    if is_guarded or _is_process_alive(paths.process):
        return Condition.RUNNING
    return Condition.VANISHED if paths.started.exists() else Condition.NEVER_STARTED


def _is_locked(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(lock)


def _is_process_alive(path: Path) -> bool:
    """Whether the user's program runs, even if its guard was killed."""
    identity = _read_json(path)
    return identity is not None and guard.identify(identity["pid"]) == identity


def _signal_group(paths: AttemptPaths, number: int) -> None:
    identity = _read_json(paths.process)
    # Until the guard has read its end, the leader's number is its own.
    if identity is None or _look(paths) is not Condition.RUNNING:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(identity["pid"], number)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return data


def _last_line(paths: AttemptPaths) -> str:
    try:
        lines = paths.guard_log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return str(error)
    return lines[-1] if lines else "it said nothing"
