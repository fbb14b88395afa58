"""The queue as people see and order it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs import repository
from foundations_server.jobs.service import finish_waiting, require
from foundations_server.jobs.viewing import Viewer
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_wire.errors import InvalidRequest, WrongStatus
from foundations_wire.jobs import Cleared, Queue, QueueMove


class QueueService:
    def __init__(self, database: Database, clock: Clock, hints: HintBus, viewer: Viewer) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._viewer = viewer

    def get(self) -> Queue:
        with self._database.read() as connection:
            return self._view(connection)

    def clear(self) -> Cleared:
        """Stop every waiting job."""

        def change(connection: Connection) -> Sequence[Row[Any]]:
            rows = repository.list_waiting(connection)
            for row in rows:
                finish_waiting(connection, row.id, self._clock.now())
            return rows

        rows = self._database.write(change)
        self._publish(rows)
        return Cleared(len(rows))

    def move(self, move: QueueMove) -> Queue:
        """Put a waiting job at a position among those of its priority."""

        def change(connection: Connection) -> bool:
            return _reorder(connection, _list_peers(connection, move.job_id), move)

        if self._database.write(change):
            self._hints.publish(Hint("queue", "", "status"))
        return self.get()

    def _view(self, connection: Connection) -> Queue:
        return Queue(
            running=self._viewer.view(connection, repository.list_on_workers(connection)),
            waiting=self._viewer.view(connection, repository.list_waiting(connection)),
        )

    def _publish(self, rows: Sequence[Row[Any]]) -> None:
        hints = [Hint("job", row.id, "status", row.project) for row in rows]
        names = {row.project for row in rows}
        of_projects = [Hint("project", name, "status", name) for name in names]
        self._hints.publish(*hints, *of_projects, Hint("queue", "", "status"))


def _list_peers(connection: Connection, job_id: str) -> list[tuple[str, int]]:
    """Return id and order of the waiting jobs of the same priority, in order."""
    job = require(connection, job_id)
    peers = repository.list_orders(connection, job.priority)
    if all(peer != job_id for peer, _order in peers):
        raise WrongStatus(
            f"Job `{job_id}` does not wait in the queue, so it has no place to move from"
        )
    return peers


def _reorder(connection: Connection, peers: list[tuple[str, int]], move: QueueMove) -> bool:
    """Give the orders of the jobs between the two places to others; False without a change."""
    if not 1 <= move.position <= len(peers):
        raise InvalidRequest(
            f"Position {move.position} is outside 1 … {len(peers)}, the waiting jobs of its "
            f"priority."
        )
    present = [job_id for job_id, _order in peers]
    wanted = [job_id for job_id in present if job_id != move.job_id]
    wanted.insert(move.position - 1, move.job_id)
    orders = {
        job_id: order
        for job_id, (holder, order) in zip(wanted, peers, strict=True)
        if job_id != holder
    }
    repository.change_orders(connection, orders)
    return bool(orders)
