"""Runs attempts as processes of this machine, each behind a guard in a session of its own."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from foundations_wire.workers import Cause
from foundations_worker import guard
from foundations_worker.executors.base import VANISHED, Condition, Exit, Handle, Launch
from foundations_worker.paths import AttemptPaths

_LOG = logging.getLogger(__name__)
_POLL_S = 0.05


class ProcessExecutor:
    """See Executor. Everything it knows lies in the attempts' folders."""

    name = "process"

    def __init__(self, attempts: Path) -> None:
        """Take the folder that holds one folder for each attempt."""
        self._attempts = attempts
        self._guards: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def trouble(self) -> str | None:
        return None  # a machine on which no process can be started runs no worker either

    def start(self, launch: Launch) -> Handle:
        paths = self._paths(launch.attempt_id)
        handle = self._handle(launch.attempt_id)
        if _look(paths) is not Condition.NEVER_STARTED or self._is_guard_alive(launch.attempt_id):
            return handle
        paths.folder.mkdir(parents=True, exist_ok=True)
        guard.write_json(str(paths.handle), vars(handle))
        guard.write_json(str(paths.launch), _spell(launch, paths))
        paths.launch.chmod(0o600)  # the environment may hold secrets
        command = [sys.executable, "-I", "-S", guard.__file__, str(paths.launch)]
        with paths.guard_log.open("ab") as log, self._lock:
            self._guards[launch.attempt_id] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
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
            ended = self._find_exit(handle.attempt_id, paths)
            left = deadline - time.monotonic()
            if ended is not None or left <= 0:
                return ended
            time.sleep(min(_POLL_S, left))

    def stop(self, handle: Handle, grace_s: float) -> bool:
        paths = self._paths(handle.attempt_id)
        if not self._await_process(handle.attempt_id, paths):
            return False
        _signal_group(paths, signal.SIGTERM)
        if self.wait(handle, grace_s) is None:
            _signal_group(paths, signal.SIGKILL)
        return True

    def read_logs(self, handle: Handle, since: int) -> bytes:
        try:
            with self._paths(handle.attempt_id).output.open("rb") as file:
                file.seek(since)
                return file.read()
        except FileNotFoundError:
            return b""

    def remove(self, handle: Handle) -> None:
        with self._lock:
            started = self._guards.pop(handle.attempt_id, None)
        if started is not None:
            started.wait()
        folder = self._paths(handle.attempt_id).folder
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():
            _LOG.warning("%s could not be removed entirely", folder)

    def _paths(self, attempt_id: str) -> AttemptPaths:
        return AttemptPaths(self._attempts / attempt_id)

    def _handle(self, attempt_id: str) -> Handle:
        return Handle(self.name, attempt_id, str(self._paths(attempt_id).folder))

    def _find_exit(self, attempt_id: str, paths: AttemptPaths) -> Exit | None:
        """Return how the attempt ended; None while it runs or is about to."""
        # Asked before the look: a guard that is gone by now has left everything it will.
        guard_code = self._poll_guard(attempt_id)
        condition = _look(paths)
        if condition is Condition.ENDED:
            return _read_exit(paths)
        if condition is Condition.VANISHED:
            return VANISHED
        if condition is Condition.NEVER_STARTED and guard_code is not None:
            return Exit(
                problem=f"the guard could not start the command: {_last_line(paths)}",
                cause=Cause.INFRASTRUCTURE,
                has_begun=False,
            )
        return None

    def _poll_guard(self, attempt_id: str) -> int | None:
        with self._lock:
            started = self._guards.get(attempt_id)
            return None if started is None else started.poll()

    def _await_process(self, attempt_id: str, paths: AttemptPaths) -> bool:
        """Wait until a guard that was just started has its process; return whether it runs."""
        while True:
            condition = _look(paths)
            if condition is Condition.RUNNING and paths.process.exists():
                return True
            is_coming = condition is Condition.RUNNING or self._is_guard_alive(attempt_id)
            if condition in (Condition.ENDED, Condition.VANISHED) or not is_coming:
                return False
            time.sleep(_POLL_S)

    def _is_guard_alive(self, attempt_id: str) -> bool:
        with self._lock:
            started = self._guards.get(attempt_id)
            return started is not None and started.poll() is None


def _spell(launch: Launch, paths: AttemptPaths) -> dict[str, Any]:
    return {
        "argv": launch.argv,
        "cwd": str(launch.folder),
        "environment": launch.environment,
        "lock": str(paths.guard_lock),
        "started": str(paths.started),
        "process": str(paths.process),
        "output": str(paths.output),
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


def _read_exit(paths: AttemptPaths) -> Exit:
    record = _read_json(paths.exit) or {}
    return Exit(record.get("code"), record.get("signal"), record.get("problem"), record.get("at"))


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
