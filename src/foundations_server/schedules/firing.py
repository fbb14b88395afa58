"""Submits the jobs of schedules when their ticks come.

The moment of the next tick is in the row of the schedule. The job of a tick is stored in the
transaction that moves that moment on, so that no death of the server loses a tick or runs
one twice. The wall clock is looked at each second at least: it may jump.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import DBAPIError

from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import HintBus
from foundations_server.schedules import repository, runs
from foundations_server.schedules.planning import Plan, plan
from foundations_server.schedules.stored import read_timing, read_trigger
from foundations_server.schedules.triggers import Timing
from foundations_wire.errors import AtlasError, InvalidRequest, Unavailable
from foundations_wire.failpoints import reach

LOOK_SECONDS = 1.0
LATE_SECONDS = 60.0  # a tick that comes later than this was missed
_JUMP_SECONDS = 1.0
_LOG = logging.getLogger(__name__)


class Firing:
    """**Thread safety**: any thread may call."""

    def __init__(self, database: Database, clock: Clock, hints: HintBus) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._since = 0.0  # from when on nothing was missed
        self._seen = (0.0, 0.0)  # both clocks at the last look

    def start(self) -> None:
        """Watch in a thread of its own."""
        self._stop.clear()
        self._seen = (self._clock.now(), self._clock.monotonic())
        self._begin_anew(self._seen[0])
        self._thread = threading.Thread(target=self._work, name="schedules", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def check(self) -> float:
        """Submit what is due; return for how many seconds nothing will be."""
        with self._lock:
            now = self._look()
            since = max(self._since, now - LATE_SECONDS)
            with self._database.read() as connection:
                rows = repository.list_active(connection, now)
            asked = [(row, self._ask(row, now, since)) for row in rows]
            for row, future in asked:  # they are committed together
                job_ids = future.result() if future else []
                reach("schedule.after_fire")
                self._hints.publish(*runs.list_hints(row.id, row.project, job_ids))
            with self._database.read() as connection:
                next_at = repository.find_next_at(connection)
        left = LOOK_SECONDS if next_at is None else next_at - self._clock.now()
        return min(max(left, 0.0), LOOK_SECONDS)

    def _work(self) -> None:
        while not self._stop.is_set():
            pause = LOOK_SECONDS
            try:
                pause = self.check()
            except Unavailable:
                pass  # the server stops, or its disk is full: the ticks stay due
            except (AtlasError, DBAPIError):
                _LOG.exception("The schedules could not be looked at; the next try is soon.")
            self._stop.wait(pause)

    def _look(self) -> float:
        """Return the time, and note when the wall clock jumped since the last look."""
        now, passing = self._clock.now(), self._clock.monotonic()
        elapsed = passing - self._seen[1]
        jump = now - self._seen[0] - elapsed
        self._seen = (now, passing)
        if abs(jump) > _JUMP_SECONDS:
            self._begin_anew(now - elapsed)
        return now

    def _begin_anew(self, since: float) -> None:
        """Count what was due before a moment as missed; find ticks before the planned ones."""
        self._since = since
        with self._database.read() as connection:
            rows = repository.list_active(connection)
        for row in rows:
            timing = self._read_timing(row)
            first = timing.after(since) if timing else None
            if first is not None and first < row.next_at:
                self._database.write(partial(_advance, row, {"next_at": first}))

    def _read_timing(self, row: Row[Any]) -> Timing | None:
        """Return a timing; a schedule whose trigger cannot be used any more is paused."""
        try:
            return read_timing(row)
        except InvalidRequest as error:
            _LOG.error("Schedule %s is paused now: %s", row.id, error.message)
            values = {"is_paused": True, "next_at": None}
            self._database.write(partial(_advance, row, values))
            return None

    def _ask(self, row: Row[Any], now: float, since: float) -> Future[list[str]] | None:
        """Ask for the jobs of a schedule that are due; None when it cannot be used any more."""
        timing = self._read_timing(row)
        if timing is None:
            return None
        catch_up = read_trigger(row.trigger).catch_up
        planned = plan(timing, row.next_at, now, since=since, catch_up=catch_up)
        reach("schedule.before_fire")
        return self._database.ask(partial(_submit, row, planned, now))


def _is_as_seen(present: Row[Any] | None, seen: Row[Any]) -> bool:
    """Whether nobody changed the schedule since it was read."""
    return present is not None and (present.is_paused, present.next_at, present.trigger) == (
        seen.is_paused,
        seen.next_at,
        seen.trigger,
    )


def _advance(seen: Row[Any], values: dict[str, Any], connection: Connection) -> None:
    if _is_as_seen(repository.find(connection, seen.id), seen):
        repository.change(connection, seen.id, values)


def _submit(seen: Row[Any], planned: Plan, now: float, connection: Connection) -> list[str]:
    """Store the jobs of a plan and return their ids; nothing when the schedule was changed."""
    row = repository.find(connection, seen.id)
    if row is None or not _is_as_seen(row, seen):
        return []
    timing, may_overlap = read_timing(row), read_trigger(row.trigger).overlap
    added, skipped, last_at = [], planned.skipped, row.last_at
    for moment in planned.due:
        job_id = f"{row.id}_{timing.label(moment)}"
        if runs.exists(connection, job_id):
            continue  # it ran before the clock was set back
        if runs.is_blocked(connection, row.id, may_overlap=may_overlap):
            skipped += 1
            continue
        runs.add(connection, row, job_id, now)
        added.append(job_id)
        last_at = moment
    values = {"runs": row.runs + len(added), "skipped": row.skipped + skipped}
    repository.change(
        connection, row.id, {**values, "last_at": last_at, "next_at": planned.next_at}
    )
    return added
