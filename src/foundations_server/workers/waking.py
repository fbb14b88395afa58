"""Wakes the workers' open requests when the next attempt of a job is due."""

from __future__ import annotations

import logging
import threading

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from foundations_server.jobs import repository as jobs
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.workers.retrying import MOST_DELAY
from foundations_wire.errors import AtlasError, Unavailable

_LOG = logging.getLogger(__name__)


class Waker:
    """Sleeps in a thread of its own until the earliest attempt is due; without one, for good.

    It measures by the clock that never jumps: a day that is set back delays nothing.
    **Thread safety**: any thread may nudge.
    """

    def __init__(self, database: Database, clock: Clock, hints: HintBus) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._nudged = threading.Event()
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._is_closing = False
        self._nudged.set()
        self._thread = threading.Thread(target=self._work, name="waker", daemon=True)
        self._thread.start()

    def nudge(self) -> None:
        """Look again: a job may be due earlier than the earliest so far."""
        self._nudged.set()

    def close(self) -> None:
        self._is_closing = True
        self._nudged.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        due: tuple[float, float] | None = None  # not_before, and when that is by our clock
        while True:
            left = None if due is None else max(due[1] - self._clock.monotonic(), 0.0)
            self._nudged.wait(left)
            is_nudged = self._nudged.is_set()
            self._nudged.clear()
            if self._is_closing:
                return
            try:
                if due is not None and due[1] <= self._clock.monotonic():
                    self._release(due[0])
                    due = None
                if is_nudged or due is None:
                    due = self._find_next(due)
            except Unavailable:
                return
            except (AtlasError, DBAPIError, OSError):
                _LOG.exception("The next attempts could not be looked up.")
                due = (0.0, self._clock.monotonic() + MOST_DELAY)

    def _find_next(self, present: tuple[float, float] | None) -> tuple[float, float] | None:
        with self._database.read() as connection:
            earliest = jobs.find_next_attempt(connection)
        if earliest is None or (present is not None and present[0] == earliest):
            return None if earliest is None else present
        delay = min(max(earliest - self._clock.now(), 0.0), MOST_DELAY)
        return earliest, self._clock.monotonic() + delay

    def _release(self, until: float) -> None:
        """Let jobs start that were to wait until then, whatever the time of day is now."""

        def change(connection: Connection) -> None:
            jobs.release_attempts(connection, until)

        self._database.write(change)
        self._hints.publish(Hint("queue", "", "status"))
