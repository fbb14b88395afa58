"""Why jobs that are not over stand where they stand, and their places in the queue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs import planning, queue_repository
from foundations_server.jobs.fleet import Fleet
from foundations_server.platform.clock import Clock
from foundations_server.scheduling.explaining import Explainer
from foundations_server.scheduling.wording import join_words
from foundations_wire.jobs import JobStatus, Until

# Jobs at the head of the queue that are looked at to tell whether another one's turn is near.
_LOOK = 64
_SHOWN = 5  # jobs that are named in one sentence


class Reasons:
    """**Cost**: grows with the jobs that are asked for and those on workers, not the queue."""

    def __init__(self, clock: Clock, fleet: Fleet) -> None:
        self._clock = clock
        self._fleet = fleet

    def find(
        self, connection: Connection, rows: Sequence[Row[Any]]
    ) -> tuple[dict[str, int], dict[str, str]]:
        """Return places in the queue, and sentences, of those of some jobs that have any."""
        waiting = [row for row in rows if is_waiting(row)]
        positions = queue_repository.find_positions(connection, waiting) if waiting else {}
        reasons = self._explain_waiting(connection, waiting, positions) if waiting else {}
        held = [row for row in rows if _is_on_worker(row)]
        silent = self._fleet.explain_silence(connection, [row.attempt_id for row in held])
        for row in held:
            reason = _explain_on_worker(row, silent.get(row.attempt_id))
            if reason is not None:
                reasons[row.id] = reason
        return positions, reasons

    def _explain_waiting(
        self, connection: Connection, rows: Sequence[Row[Any]], positions: dict[str, int]
    ) -> dict[str, str]:
        now = self._clock.now()
        explainer: Explainer | None = None
        reasons = {}
        for row in rows:
            reason = _explain_unready(connection, row, now)
            if reason is None:
                explainer = explainer or self._look(connection, now)
                reason = explainer.explain(planning.as_waiting(row))
            reasons[row.id] = f"position {positions.get(row.id, 1)}: {reason}"
        return reasons

    def _look(self, connection: Connection, now: float) -> Explainer:
        capacity = self._fleet.list_capacity(connection)
        return Explainer(capacity, planning.plan(connection, capacity, now, most=_LOOK))


def is_waiting(row: Row[Any]) -> bool:
    """Whether a job is in the queue, with no worker yet."""
    return row.status == JobStatus.QUEUED.value and row.attempt_id is None


def _is_on_worker(row: Row[Any]) -> bool:
    return row.attempt_id is not None and not JobStatus(row.status).is_final


def _explain_unready(connection: Connection, row: Row[Any], now: float) -> str | None:
    """Explain why a job may not start even if everything is free; None when it may."""
    if row.is_held:
        return "held; it waits until it is released"
    if row.blockers > 0:
        return _explain_blockers(connection, row)
    if row.not_before is not None and row.not_before > now:
        seconds = math.ceil(row.not_before - now)
        return f"{row.reason or 'tried again'}; the next starts in {seconds} s"
    return None


def _explain_blockers(connection: Connection, row: Row[Any]) -> str:
    some = queue_repository.list_blocking(connection, row.id, _SHOWN)
    said = [
        f"{name} to {'complete' if until == Until.SUCCESS.value else 'end'}"
        for name, until in some
    ]
    rest = row.blockers - len(said)
    if rest > 0:
        said.append(f"{rest} more")
    return f"waits for {join_words(said or ['other jobs'])}"


def _explain_on_worker(row: Row[Any], silence: str | None) -> str | None:
    if row.is_stop_wanted:
        return f"stopping; {silence}" if silence else "stopping"
    if silence:
        return silence
    if row.status == JobStatus.QUEUED.value:
        return f"starting on {row.worker}"
    return None
