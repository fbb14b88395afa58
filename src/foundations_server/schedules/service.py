from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.archive.shelf import Shelf
from foundations_server.jobs.inventory import Inventory, check_fits
from foundations_server.jobs.repository import list_by_keys
from foundations_server.jobs.service import JobService
from foundations_server.jobs.submitting import check_spec
from foundations_server.jobs.viewing import Viewer
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.projects import service as projects
from foundations_server.schedules import repository, runs
from foundations_server.schedules.crontab import expand
from foundations_server.schedules.stored import read_timing, read_trigger, view
from foundations_server.schedules.triggers import find_local_zone, is_empty, prepare
from foundations_wire import codec
from foundations_wire.errors import (
    Conflict,
    InvalidRequest,
    UnknownJob,
    UnknownSchedule,
    WrongStatus,
)
from foundations_wire.ids import check_job_id
from foundations_wire.jobs import JobSpec
from foundations_wire.schedules import (
    RunPage,
    ScheduledRun,
    SchedulePage,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleView,
    Trigger,
)

# The ids of its jobs are longer: `_20310502_030000-now-2`.
_MAX_ID = 100


class ScheduleService:
    """`limit` is how many schedules there may be, None for any number."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        hints: HintBus,
        bundles: Shelf,
        viewer: Viewer,
        jobs: JobService,
        inventory: Inventory,
        limit: int | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._bundles = bundles
        self._viewer = viewer
        self._jobs = jobs
        self._inventory = inventory
        self._limit = limit

    def create(self, schedule_id: str, spec: ScheduleSpec) -> tuple[ScheduleView, bool]:
        """Make a schedule durable; return it and whether it is new.

        The same spec again is the same schedule; another one under its id is a Conflict.
        """
        _check_id(schedule_id)
        now = self._clock.now()
        _check_job(spec.job)
        trigger = _settle(spec.trigger)
        is_paused = spec.paused or is_empty(trigger)
        row = {
            "id": schedule_id,
            "project": spec.job.project,
            "spec": codec.encode(spec.job).decode(),
            "bundle": spec.job.bundle,
            "trigger": codec.encode(trigger).decode(),
            "is_paused": is_paused,
            "next_at": None,
            "runs": 0,
            "skipped": 0,
            "created_at": now,
        }

        def change(connection: Connection) -> bool:
            present = repository.find(connection, schedule_id)
            if present is None:
                next_at = _find_first(trigger, now)
                self._add(connection, spec.job, {**row, "next_at": None if is_paused else next_at})
            elif (present.spec, present.trigger) != (row["spec"], row["trigger"]):
                raise Conflict(f"Schedule `{schedule_id}` exists already and is another one.")
            return present is None

        is_new = self._database.write(change)
        self._jobs.release_bundle(spec.job)
        self._publish(schedule_id, spec.job.project, "created" if is_new else "status")
        return self.get(schedule_id), is_new

    def get(self, schedule_id: str) -> ScheduleView:
        with self._database.read() as connection:
            row = require(connection, schedule_id)
            unfinished = repository.list_unfinished(connection, [row.id])
        return view(row, unfinished.get(row.id, []))

    def list_page(self, project: str | None, limit: int, offset: int) -> SchedulePage:
        """Return schedules, newest first; a project without any has an empty page."""
        with self._database.read() as connection:
            rows = repository.list_some(connection, project, limit, offset)
            total = repository.count(connection, project)
            unfinished = repository.list_unfinished(connection, [row.id for row in rows])
        return SchedulePage([view(row, unfinished.get(row.id, [])) for row in rows], total)

    def list_runs(self, schedule_id: str, limit: int, offset: int) -> RunPage:
        with self._database.read() as connection:
            require(connection, schedule_id)
            keys = repository.list_runs(connection, schedule_id, limit, offset)
            rows = list_by_keys(connection, keys)
            items = self._viewer.view(connection, rows, is_short=True)
            return RunPage(items, repository.count_runs(connection, schedule_id))

    def update(self, schedule_id: str, update: ScheduleUpdate) -> ScheduleView:
        """Give a schedule another trigger, another job, or both; the last update wins.

        A new trigger makes a paused schedule active. Runs that have begun go on.
        """
        values = self._read_update(update)
        old: list[str] = []

        def change(connection: Connection) -> Row[Any]:
            row = require(connection, schedule_id)
            if update.job is not None:
                self._require(connection, update.job)
                projects.ensure(connection, update.job.project, self._clock.now())
                old.extend([row.bundle] if row.bundle else [])
            if update.trigger is not None:
                trigger = read_trigger(values["trigger"])
                values["next_at"] = _find_first(trigger, self._clock.now(), row.created_at)
            repository.change(connection, schedule_id, values)
            return row

        row = self._database.write(change)
        if update.job is not None:
            self._jobs.release_bundle(update.job)
        self._bundles.collect(old)
        self._publish(schedule_id, row.project, "status")
        return self.get(schedule_id)

    def pause(self, schedule_id: str) -> ScheduleView:
        """Let no tick submit a job until it is resumed; runs that have begun go on."""

        def change(connection: Connection) -> Row[Any]:
            row = require(connection, schedule_id)
            repository.change(connection, schedule_id, {"is_paused": True, "next_at": None})
            return row

        row = self._database.write(change)
        self._publish(schedule_id, row.project, "status")
        return self.get(schedule_id)

    def resume(self, schedule_id: str) -> ScheduleView:
        """Go on with the next tick from now; an active schedule stays as it is."""

        def change(connection: Connection) -> Row[Any]:
            row = require(connection, schedule_id)
            if row.is_paused or row.next_at is None:
                next_at = self._find_next(row)
                repository.change(
                    connection, schedule_id, {"is_paused": False, "next_at": next_at}
                )
            return row

        row = self._database.write(change)
        self._publish(schedule_id, row.project, "status")
        return self.get(schedule_id)

    def run_now(self, schedule_id: str) -> ScheduledRun:
        """Submit a job of the schedule out of turn, also of a paused one."""

        def change(connection: Connection) -> tuple[str, str]:
            row = require(connection, schedule_id)
            trigger = read_trigger(row.trigger)
            if runs.is_blocked(connection, schedule_id, may_overlap=trigger.overlap):
                raise WrongStatus(
                    f"Schedule `{schedule_id}` has a run that has not ended, and its runs may "
                    f"not overlap"
                )
            now = self._clock.now()
            stem = f"{schedule_id}_{read_timing(row).label(now)}-now"
            job_id, number = stem, 1
            while runs.exists(connection, job_id):
                number += 1
                job_id = f"{stem}-{number}"
            runs.add(connection, row, job_id, now)
            repository.change(connection, schedule_id, {"runs": row.runs + 1})
            return job_id, row.project

        job_id, project = self._database.write(change)
        self._hints.publish(*runs.list_hints(schedule_id, project, [job_id]))
        return ScheduledRun(job_id)

    def delete(self, schedule_id: str, *, is_stop_wanted: bool = False) -> None:
        """Remove a schedule; its jobs stay, and those that have not ended go on unless told."""

        def change(connection: Connection) -> tuple[Row[Any], list[str]]:
            row = require(connection, schedule_id)
            unfinished = repository.list_unfinished(connection, [schedule_id])
            repository.remove(connection, schedule_id)
            return row, unfinished.get(schedule_id, [])

        row, unfinished = self._database.write(change)
        for job_id in unfinished if is_stop_wanted else []:
            with suppress(WrongStatus, UnknownJob):  # it ended meanwhile
                self._jobs.stop(job_id)
        self._bundles.collect([row.bundle] if row.bundle else [])
        self._publish(schedule_id, row.project, "deleted")

    def _add(self, connection: Connection, job: JobSpec, row: dict[str, Any]) -> None:
        present = repository.count(connection)
        if self._limit is not None and present >= self._limit:
            raise Conflict(
                f"There are {present} schedules, and this server takes {self._limit}. Delete one, "
                f"or start it with a larger --max-schedules."
            )
        self._require(connection, job)
        projects.ensure(connection, row["project"], self._clock.now())
        repository.add(connection, row)

    def _read_update(self, update: ScheduleUpdate) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if update.trigger is None and update.job is None:
            raise InvalidRequest("An update names a trigger, a job, or both.")
        if update.trigger is not None:
            if is_empty(update.trigger):
                raise InvalidRequest("Bad job schedule: the new trigger says no times.")
            values["trigger"] = codec.encode(_settle(update.trigger)).decode()
            values["is_paused"] = False
        if update.job is not None:
            _check_job(update.job)
            values["spec"] = codec.encode(update.job).decode()
            values["bundle"] = update.job.bundle
            values["project"] = update.job.project
        return values

    def _find_next(self, row: Row[Any]) -> float:
        if is_empty(read_trigger(row.trigger)):
            raise InvalidRequest(
                f"Schedule `{row.id}` has no times yet; give it some with an update."
            )
        next_at = read_timing(row).after(self._clock.now())
        if next_at is None:
            raise InvalidRequest(
                f"Schedule `{row.id}` cannot be resumed: its last time has passed. It is kept; "
                f"update or delete it."
            )
        return next_at

    def _require(self, connection: Connection, job: JobSpec) -> None:
        """Raise what a submit of the job would raise now."""
        self._jobs.require_bundle(job)
        check_fits(job, self._inventory.list_machines(connection))

    def _publish(self, schedule_id: str, project: str, kind: str) -> None:
        hints = [Hint("schedule", schedule_id, kind, project)]
        if kind != "status":
            hints.append(Hint("project", project, kind, project))
        self._hints.publish(*hints)


def require(connection: Connection, schedule_id: str) -> Row[Any]:
    """Return the row of a schedule, or raise UnknownSchedule."""
    row = repository.find(connection, schedule_id)
    if row is None:
        raise UnknownSchedule(f"Scheduled job {schedule_id[:200]} not found")
    return row


def _check_id(schedule_id: str) -> None:
    check_job_id(schedule_id)
    if len(schedule_id) > _MAX_ID:
        raise InvalidRequest(
            f"{schedule_id[:60]!r}… cannot be the id of a schedule: it has more than {_MAX_ID} "
            f"characters, and the ids of its jobs are longer still."
        )


def _check_job(job: JobSpec) -> None:
    check_spec(job)
    if job.after:
        raise InvalidRequest("The jobs of a schedule cannot wait for other jobs; drop 'after'.")


def _settle(trigger: Trigger) -> Trigger:
    """Return the trigger with its zone named and the fields of cron as texts."""
    cron = trigger.cron
    if isinstance(cron, dict):
        cron = {name: str(value) for name, value in cron.items() if value is not None}
    elif cron is not None:
        cron = expand(cron)
    settled = replace(trigger, cron=cron, timezone=trigger.timezone or find_local_zone())
    prepare(trigger, 0.0)  # raises for what cannot be
    return settled


def _find_first(trigger: Trigger, now: float, anchor: float | None = None) -> float | None:
    """Return the first tick from now on, None for a trigger without times."""
    if is_empty(trigger):
        return None
    first = prepare(trigger, now if anchor is None else anchor).after(now)
    if first is None:
        raise InvalidRequest("The trigger has no time to come: check its fields and its end.")
    return first
