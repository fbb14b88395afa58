"""Tries out what would become of a job, and stores nothing."""

from __future__ import annotations

from sqlalchemy import Connection

from foundations_server.jobs import planning, repository
from foundations_server.jobs.adding import add_queued, make_ready
from foundations_server.jobs.fleet import Fleet
from foundations_server.jobs.inventory import Inventory, check_fits
from foundations_server.jobs.submitting import check_spec
from foundations_server.jobs.viewing import Viewer
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec
from foundations_wire.many import DryRun


class _Seen(Exception):
    """No error: it takes back what was stored."""

    def __init__(self, dry_run: DryRun) -> None:
        super().__init__()
        self.dry_run = dry_run


class DryRunner:
    """Queues the job, looks at it, and takes it back, all in one transaction.

    So it says what `submit` would, whatever that checks and the policy weighs.
    """

    def __init__(
        self, database: Database, clock: Clock, viewer: Viewer, fleet: Fleet, inventory: Inventory
    ) -> None:
        self._database = database
        self._clock = clock
        self._viewer = viewer
        self._fleet = fleet
        self._inventory = inventory

    def try_out(self, spec: JobSpec) -> DryRun:
        """Return where a job would start or why it would wait; its bundle need not be stored.

        Raises:
            InvalidRequest: it would be refused.
        """
        check_spec(spec)
        new = make_ready(new_id(), spec)

        def change(connection: Connection) -> None:
            check_fits(spec, self._inventory.list_machines(connection))
            add_queued(connection, [new], self._clock.now())
            raise _Seen(self._look(connection, new.id))

        try:
            self._database.write(change)
        except _Seen as seen:
            return seen.dry_run
        raise AssertionError("a change that always raises did not")

    def _look(self, connection: Connection, job_id: str) -> DryRun:
        capacity = self._fleet.list_capacity(connection)
        placed = planning.plan(connection, capacity, self._clock.now()).placements
        names = {worker.worker_id: worker.name for worker in capacity}
        if job_id in placed:
            return DryRun(can_start=True, worker=names[placed[job_id]], position=None, reason=None)
        row = repository.require(connection, job_id)
        view = self._viewer.view(connection, [row])[0]
        return DryRun(
            can_start=False, worker=None, position=view.queue_position, reason=view.reason
        )
