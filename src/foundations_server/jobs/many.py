"""Stops and deletes many jobs, chosen by their ids, by a project or by a filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from sqlalchemy import Connection

from foundations_server.jobs import dependencies, repository
from foundations_server.jobs.deleting import Deleter
from foundations_server.jobs.dependencies import Changed
from foundations_server.jobs.queue import stop_waiting
from foundations_server.jobs.reasons import is_waiting
from foundations_server.jobs.service import stop
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import HintBus
from foundations_wire.errors import AtlasError, InvalidRequest, UnknownJob, WrongStatus
from foundations_wire.jobs import JobSource, JobStatus
from foundations_wire.many import JobsChanged, JobSelection

MAX_IDS = 100_000
_AT_ONCE = 500  # jobs in one transaction: others have their turn in between

# The keys of the jobs of a project (or of all) that a filter chooses.
FindJobs = Callable[[Connection, str | None, str], Sequence[int]]


class ManyJobs:
    """`find_jobs` is how the feature that knows filters chooses jobs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        hints: HintBus,
        deleter: Deleter,
        find_jobs: FindJobs,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._deleter = deleter
        self._find_jobs = find_jobs

    def stop(self, selection: JobSelection) -> JobsChanged:
        """Stop jobs as `stop` does each of them; those that a filter chooses if they can be.

        Local jobs are stopped by their ids only: where they run nobody here reaches them,
        and to declare them ended takes somebody who knows that they are.
        """
        return self.stop_ids(self._choose(selection, self._is_stoppable))

    def stop_ids(self, job_ids: Sequence[str]) -> JobsChanged:
        touched: set[str] = set()
        refused: dict[str, str] = {}

        def change_some(some: Sequence[str], connection: Connection) -> list[Changed]:
            rows = [row for row in repository.list_by_ids(connection, some) if is_waiting(row)]
            changed = stop_waiting(connection, rows, self._clock.now())
            stopped = {item.job_id for item in changed}
            for job_id in some:
                if job_id in stopped:
                    continue
                try:
                    changed += stop(connection, job_id, self._clock.now())
                except (InvalidRequest, UnknownJob, WrongStatus) as error:
                    refused[job_id] = error.message
            return changed

        for some in _slice(job_ids):
            changed = self._database.write(partial(change_some, some))
            touched.update(item.job_id for item in changed)
            if changed:
                self._hints.publish(*dependencies.hint(changed))
        return _report(job_ids, {key: text for key, text in refused.items() if key not in touched})

    def delete(self, selection: JobSelection) -> JobsChanged:
        """Delete the chosen jobs that are final; the others are named in the answer."""
        job_ids = self._choose(selection, lambda _status, _source: True)
        refused: dict[str, AtlasError] = {}
        for some in _slice(job_ids):
            refused |= self._deleter.delete(some)
        return _report(job_ids, {key: error.message for key, error in refused.items()})

    def _choose(
        self, selection: JobSelection, is_meant: Callable[[JobStatus, JobSource], bool]
    ) -> list[str]:
        ids, is_by_ids = selection.ids, selection.ids is not None
        if is_by_ids == bool(selection.project is not None or selection.filter.strip()):
            raise InvalidRequest("Say which jobs are meant: 'ids', or else 'project' or 'filter'.")
        if ids is not None:
            if len(ids) > MAX_IDS:
                raise InvalidRequest(f"'ids' names {len(ids)} jobs; {MAX_IDS} are the most.")
            return list(dict.fromkeys(ids))
        with self._database.read() as connection:
            keys = self._find_jobs(connection, selection.project, selection.filter)
            rows = repository.list_states(connection, keys)
        return [row.id for row in rows if is_meant(JobStatus(row.status), JobSource(row.source))]

    @staticmethod
    def _is_stoppable(status: JobStatus, source: JobSource) -> bool:
        return not status.is_final and source is JobSource.SUBMITTED


def _slice(job_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(job_ids), _AT_ONCE):
        yield job_ids[first : first + _AT_ONCE]


def _report(job_ids: Sequence[str], refused: dict[str, str]) -> JobsChanged:
    done = [job_id for job_id in job_ids if job_id not in refused]
    return JobsChanged(len(done), done, refused)
