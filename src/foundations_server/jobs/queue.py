"""The queue as people see and order it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs import dependencies, queue_repository, repository
from foundations_server.jobs.dependencies import Changed
from foundations_server.jobs.ordering import move_to, take_order
from foundations_server.jobs.reasons import is_waiting
from foundations_server.jobs.service import STOPPED_WAITING, require
from foundations_server.jobs.submitting import check_priority
from foundations_server.jobs.viewing import Viewer
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.projects import service as projects
from foundations_wire.errors import WrongStatus
from foundations_wire.jobs import Cleared, JobStatus, JobView, Queue, QueueMove
from foundations_wire.queue import PriorityChange, QueueClear

PAGE = 100  # jobs in one answer when nobody says how many


class QueueService:
    def __init__(self, database: Database, clock: Clock, hints: HintBus, viewer: Viewer) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._viewer = viewer

    def get(self, limit: int = PAGE, offset: int = 0) -> Queue:
        """Return a page of what waits, and as much of what workers hold."""
        with self._database.read() as connection:
            running = queue_repository.list_on_workers(connection, limit, offset)
            waiting = queue_repository.list_waiting(connection, limit, offset)
            return Queue(
                running=self._viewer.view(connection, running, is_short=True),
                waiting=self._viewer.view(connection, waiting, is_short=True),
                running_total=queue_repository.count_on_workers(connection),
                waiting_total=queue_repository.count_waiting(connection),
            )

    def clear(self, wish: QueueClear) -> Cleared:
        """Stop every waiting job, or those of one project; return how many that were.

        Jobs of other projects that can never start without them are stopped, but not counted.
        """

        def change(connection: Connection) -> tuple[int, list[Changed]]:
            project_id = None
            if wish.project is not None:
                project_id = int(projects.require(connection, wish.project).id)
            rows = queue_repository.list_all_waiting(connection, project_id)
            return len(rows), stop_waiting(connection, rows, self._clock.now())

        count, changed = self._database.write(change)
        if changed:
            self._hints.publish(*dependencies.hint(changed))
        return Cleared(count)

    def move(self, move: QueueMove) -> Queue:
        """Put a waiting job at a position among those of its priority."""

        def change(connection: Connection) -> bool:
            row = _require_waiting(connection, move.job_id, "it has no place to move from")
            return move_to(connection, row, move.position)

        if self._database.write(change):
            self._hints.publish(Hint("queue", "", "status"))
        return self.get()

    def hold(self, job_id: str) -> JobView:
        """Keep a waiting job from starting, for as long as nobody releases it."""
        return self._change(job_id, {"is_held": True}, "it cannot be held")

    def release(self, job_id: str) -> JobView:
        """Let a held job start again; one that is not held stays as it is."""
        return self._change(job_id, {"is_held": False}, "it cannot be released")

    def set_priority(self, job_id: str, change: PriorityChange) -> JobView:
        """Give a waiting job another priority; it goes behind those that have that one."""
        check_priority(change.priority)
        values = {"priority": change.priority}
        return self._change(job_id, values, "its priority decides nothing")

    def _change(self, job_id: str, values: dict[str, Any], consequence: str) -> JobView:
        def change(connection: Connection) -> str:
            row = _require_waiting(connection, job_id, consequence)
            more = {}
            if values.get("priority", row.priority) != row.priority:
                more = {"queue_order": take_order(connection)}
            repository.change(connection, job_id, {**values, **more})
            return str(row.project)

        changed = Changed(job_id, self._database.write(change))
        self._hints.publish(*dependencies.hint([changed]))
        with self._database.read() as connection:
            return self._viewer.view(connection, [require(connection, job_id)])[0]


def stop_waiting(connection: Connection, rows: Sequence[Row[Any]], now: float) -> list[Changed]:
    """Stop waiting jobs; return them, and those for which that changes something."""
    values = {"reason": STOPPED_WAITING, "ended_at": now}
    awaited = queue_repository.find_awaited(connection)
    plain = [Changed(row.id, row.project) for row in rows if row.id not in awaited]
    stopped = {"status": JobStatus.STOPPED.value, "not_before": None, **values}
    queue_repository.change_all(connection, [job.job_id for job in plain], stopped)
    changed = plain
    for row in rows:
        if row.id in awaited and is_waiting(require(connection, row.id)):
            changed += dependencies.conclude(connection, row.id, JobStatus.STOPPED, values)
    return changed


def _require_waiting(connection: Connection, job_id: str, consequence: str) -> Row[Any]:
    row = require(connection, job_id)
    if not is_waiting(row):
        raise WrongStatus(f"Job `{job_id}` does not wait in the queue, so {consequence}")
    return row
