from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.archive.blobs import unknown
from foundations_server.archive.shelf import Shelf
from foundations_server.jobs import dependencies, labels, repository
from foundations_server.jobs.adding import add_queued, make_ready
from foundations_server.jobs.deleting import Deleter
from foundations_server.jobs.dependencies import Changed
from foundations_server.jobs.inventory import Inventory, check_fits
from foundations_server.jobs.submitting import check_own_ids, check_spec
from foundations_server.jobs.viewing import Viewer
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.projects import service as projects
from foundations_wire.errors import Conflict, WrongStatus
from foundations_wire.ids import check_job_id, check_key
from foundations_wire.jobs import JobSource, JobSpec, JobStatus, JobView

STOPPED_WAITING = "stopped while queued"


class JobService:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        hints: HintBus,
        viewer: Viewer,
        bundles: Shelf,
        deleter: Deleter,
        inventory: Inventory,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._viewer = viewer
        self._bundles = bundles
        self._deleter = deleter
        self._inventory = inventory

    def submit(self, job_id: str, spec: JobSpec) -> tuple[JobView, bool]:
        """Make a job durable and queued; return it and whether it is new.

        The same spec again is the same job; another spec under its id is a Conflict.
        """
        check_job_id(job_id)
        check_spec(spec)
        check_own_ids([job_id], spec)
        new = make_ready(job_id, spec)

        def change(connection: Connection) -> bool:
            row = repository.find(connection, job_id)
            if row is not None and row.spec != new.body:
                raise Conflict(f"Job `{job_id}` exists already and is another one.")
            if row is None:
                self.require_bundle(spec)
                check_fits(spec, self._inventory.list_machines(connection))
                add_queued(connection, [new], self._clock.now())
            return row is None

        is_new = self._database.write(change)
        self.release_bundle(spec)
        view = self.get(job_id)
        if is_new:
            self._hints.publish(*dependencies.hint([Changed(job_id, view.project)], "created"))
        return view, is_new

    def require_bundle(self, spec: JobSpec) -> None:
        if spec.bundle is not None and self._bundles.store.find_size(spec.bundle) is None:
            raise unknown(spec.bundle)

    def release_bundle(self, spec: JobSpec) -> None:
        """A job refers to it now."""
        if spec.bundle is not None:
            self._bundles.release([spec.bundle])

    def get(self, job_id: str) -> JobView:
        with self._database.read() as connection:
            return self._view(connection, job_id)

    def stop(self, job_id: str) -> JobView:
        """Stop a queued job at once; tell the worker of a running one to stop it.

        A local job runs where nobody here reaches it: what ends is its record. That is for
        jobs whose process and journal are gone, which nothing else would ever end.
        """
        changed = self._database.write(lambda c: stop(c, job_id, self._clock.now()))
        self._hints.publish(*dependencies.hint(changed))
        return self.get(job_id)

    def delete(self, job_id: str) -> None:
        """Remove a final job and everything that only it refers to."""
        for error in self._deleter.delete([job_id]).values():
            raise error

    def set_tag(self, job_id: str, key: str, value: str) -> None:
        check_key("tag", key)
        self._label(job_id, lambda c, row: labels.put_tags(c, row, {key: value}))

    def remove_tag(self, job_id: str, key: str) -> None:
        self._label(job_id, lambda c, row: labels.remove_tag(c, row, key))

    def _label(self, job_id: str, label: Any) -> None:
        def change(connection: Connection) -> Row[Any]:
            row = require(connection, job_id)
            label(connection, row)
            projects.touch(connection, row.project_id, self._clock.now())
            return row

        row = self._database.write(change)
        self._hints.publish(Hint("job", job_id, "tags", row.project))

    def _view(self, connection: Connection, job_id: str) -> JobView:
        return self._viewer.view(connection, [require(connection, job_id)])[0]


require = repository.require


def stop(connection: Connection, job_id: str, now: float) -> list[Changed]:
    """Stop a job or have its worker stop it; return the jobs of which that changes something.

    Raises:
        WrongStatus: it has ended.
    """
    row = require(connection, job_id)
    _check_stoppable(row)
    if row.source == JobSource.LOCAL.value:
        return _stop(connection, job_id, "declared ended by a user", now)
    if row.attempt_id is None:
        return _stop(connection, job_id, STOPPED_WAITING, now)
    repository.change(connection, job_id, {"is_stop_wanted": True})
    return [Changed(job_id, row.project)]


def _stop(connection: Connection, job_id: str, reason: str, now: float) -> list[Changed]:
    values = {"reason": reason, "ended_at": now}
    return dependencies.conclude(connection, job_id, JobStatus.STOPPED, values)


def _check_stoppable(row: Row[Any]) -> None:
    if JobStatus(row.status).is_final:
        raise WrongStatus(f"Job `{row.id}` has status `{row.status}` and cannot be stopped")
