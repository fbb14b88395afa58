"""Ends an attempt once, for whatever reason comes first: TERM at once, KILL after the grace."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from foundations_worker import moments
from foundations_worker.commands import Cancelled
from foundations_worker.executors.base import Executor, Handle, Launch
from foundations_worker.paths import AttemptPaths
from foundations_worker.watching.outcome import Why

_LOG = logging.getLogger(__name__)
_RETRY_S = 1.0  # after an engine that did not answer
_LOOK_S = 5.0  # a machine that slept counts its sleep this late at most


@dataclass(frozen=True)
class Limits:
    """In seconds: from TERM to KILL, and of running, if there is a limit."""

    grace_s: float
    time_s: float | None = None


class Stopping:
    """Decides whether a stop finds a process or keeps one from starting.

    **Thread safety**: any thread may call any method, any number of times.
    """

    def __init__(self, executor: Executor, paths: AttemptPaths, limits: Limits) -> None:
        """Take what to stop with; nothing happens yet."""
        self._executor = executor
        self._paths = paths
        self._limits = limits
        self._lock = threading.Lock()
        self._handle: Handle | None = None
        self._thread: threading.Thread | None = None
        self._has_found_it_running = False
        self._is_over = threading.Event()
        self._killed_at: float | None = None
        self._why: Why | None = None
        self.is_wanted = threading.Event()

    @property
    def handle(self) -> Handle | None:
        """What was started; None before."""
        return self._handle

    @property
    def killed_for(self) -> float:
        """Seconds since the last thing that could be done was done; 0 before."""
        return 0.0 if self._killed_at is None else time.monotonic() - self._killed_at

    def want(self, why: Why) -> None:
        """Stop; returns at once."""
        with self._lock:
            self._why = self._why or why
            self.is_wanted.set()
            self._begin()

    def start(self, launch: Launch) -> Handle:
        """Start the command, unless it is unwanted.

        Raises:
            Cancelled: it is; nothing was started.
            OSError: nothing could be started.
        """
        with self._lock:
            if self.is_wanted.is_set():
                raise Cancelled
            if self._limits.time_s is not None:
                moments.write(self._paths.began)
            self._handle = self._executor.start(launch)
        self._watch_time()
        return self._handle

    def adopt(self, handle: Handle) -> None:
        """Take what an earlier worker started; what it began to stop is stopped further."""
        with self._lock:
            self._handle = handle
            self._why = self._why or self._recall()
            if self._why is not None:
                self.is_wanted.set()
                self._begin()
        self._watch_time()

    def settle(self, *, is_stop_wanted: bool) -> Why | None:
        """Return why the command, which has ended, did; None when it ended by itself.

        A worker that sent TERM may not have lived to see the end, hence `is_stop_wanted`: of
        a stop that the server does not know of, nobody shall hear.
        """
        self._is_over.set()
        if self._thread is not None:
            self._thread.join()
        if self._has_found_it_running:
            return self._why
        before = self._recall()
        return None if before is Why.STOP and not is_stop_wanted else before

    def _begin(self) -> None:
        """Stop in a thread of its own, so that TERM waits for nothing. The lock is held."""
        if self._handle is None or self._thread is not None or self._why is None:
            return
        arguments = (self._handle, self._why)
        self._thread = threading.Thread(
            target=self._stop, args=arguments, name=f"stop {self._handle.attempt_id}", daemon=True
        )
        self._thread.start()

    def _stop(self, handle: Handle, why: Why) -> None:
        grace_s = self._limits.grace_s
        asked_before = moments.read_age(self._paths.stop_sent)
        if asked_before is None:
            self._note(why)
        else:  # TERM is sent once: only what is left of the grace is waited for
            self._repeat(lambda: self._executor.wait(handle, max(0.0, grace_s - asked_before)))
            grace_s = 0.0

        def stop() -> None:
            self._has_found_it_running |= self._executor.stop(handle, grace_s)

        self._repeat(stop)
        self._killed_at = time.monotonic()

    def _repeat(self, call: Callable[[], object]) -> None:
        """Call until the engine answers or there is nothing to stop any more."""
        while True:
            try:
                call()
            except OSError as error:
                _LOG.warning("Stopping is tried again: %s", error)
                if not self._is_over.wait(_RETRY_S):
                    continue
            return

    def _watch_time(self) -> None:
        if self._limits.time_s is not None:
            arguments = (self._limits.time_s,)
            threading.Thread(target=self._count, args=arguments, name="limit", daemon=True).start()

    def _count(self, limit_s: float) -> None:
        """Wait for the end of the time, which runs on while the worker is not there."""
        while (age := moments.read_age(self._paths.began)) is not None and age < limit_s:
            if self._is_over.wait(min(limit_s - age, _LOOK_S)):
                return
        if age is not None:
            self.want(Why.LIMIT)

    def _note(self, why: Why) -> None:
        try:
            moments.write(self._paths.stop_sent, why=why.value)
        except OSError as error:  # a full disk keeps nobody from stopping
            _LOG.warning("The stop of %s is not noted: %s", self._paths.folder, error)

    def _recall(self) -> Why | None:
        try:
            return Why(json.loads(self._paths.stop_sent.read_text("ascii"))["why"])
        except (OSError, ValueError, KeyError):
            return None
