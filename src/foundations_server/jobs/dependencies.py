"""Jobs that wait for jobs: what the end of one means for those behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from foundations_server.jobs import repository
from foundations_server.jobs.tables import dependencies, jobs
from foundations_server.platform.database import slices
from foundations_server.platform.hints import Hint
from foundations_server.projects.tables import projects
from foundations_wire.errors import InvalidRequest
from foundations_wire.jobs import Dependency, JobStatus, Until


class Changed(NamedTuple):
    """A job whose status changed, for those who are told of it."""

    job_id: str
    project: str
    is_due_later: bool = False  # another attempt waits for its moment


def hint(changed: Sequence[Changed], kind: str = "status") -> list[Hint]:
    """Return the hints that tell of jobs, their projects and the queue."""
    names = dict.fromkeys(item.project for item in changed)
    return [
        *(Hint("job", item.job_id, kind, item.project) for item in changed),
        *(Hint("project", name, kind, name) for name in names),
        Hint("queue", "", "status"),
    ]


def conclude(
    connection: Connection, job_id: str, status: JobStatus, values: dict[str, Any]
) -> list[Changed]:
    """Give a job its final status, and those that wait for it what follows from that.

    Return the jobs that ended by it: itself, and those that now can never start.

    Raises:
        WrongStatus: the job has ended already.
    """
    repository.change_status(connection, job_id, status, {**values, "not_before": None})
    ended = [job_id]
    at = values["ended_at"]
    for other in ended:  # grows while it is walked
        ended += _settle(connection, other, at)
    return _describe(connection, ended)


def add(
    connection: Connection, job_id: str, after: Sequence[Dependency], now: float
) -> list[Changed]:
    """Let a new job wait for others, those that ended already included.

    Return the job itself when one of them ended so that it can never start.

    Raises:
        InvalidRequest: one of them is not known.
    """
    known = _find_statuses(connection, [item.job for item in after])
    for item in after:
        if item.job not in known:
            raise InvalidRequest(
                f"'after' names job `{item.job[:130]}`, which does not exist; "
                f"submit that one first."
            )
    rows = [
        {"job_id": job_id, "after_id": item.job, "until": item.until.value, "is_met": False}
        for item in after
    ]
    if not rows:
        return []
    connection.execute(insert(dependencies), rows)
    repository.change(connection, job_id, {"blockers": len(rows)})
    stopped = [
        stopped_id
        for item in after
        if known[item.job].is_final
        for stopped_id in _settle(connection, item.job, now, job_id)
    ]
    return _describe(connection, stopped)


def list_after(connection: Connection, job_ids: Sequence[str]) -> dict[str, list[Dependency]]:
    """Return what some jobs wait or waited for, as far as it still exists, by job id."""
    found: dict[str, list[Dependency]] = {}
    columns = (dependencies.c.job_id, dependencies.c.after_id, dependencies.c.until)
    for some in slices(job_ids):
        query = select(*columns).where(dependencies.c.job_id.in_(some)).order_by(*columns[:2])
        for waiting, other, until in connection.execute(query):
            found.setdefault(waiting, []).append(Dependency(other, Until(until)))
    return found


def _settle(
    connection: Connection, ended_id: str, now: float, only: str | None = None
) -> list[str]:
    """Let an end count for those that wait for it; return the jobs that it stops."""
    ended = connection.execute(
        select(jobs.c.name, jobs.c.status).where(jobs.c.id == ended_id)
    ).one()
    stopped: list[str] = []
    for row in _list_waiting(connection, ended_id, only):
        if row.until == Until.END.value or ended.status == JobStatus.COMPLETED.value:
            _meet(connection, row.job_id, ended_id)
        else:
            reason = f"not started: job {ended.name} {_tell(JobStatus(ended.status))}"
            values = {"reason": reason, "ended_at": now, "not_before": None}
            repository.change_status(connection, row.job_id, JobStatus.STOPPED, values)
            stopped.append(row.job_id)
    return stopped


def _list_waiting(connection: Connection, ended_id: str, only: str | None) -> Sequence[Any]:
    query = (
        select(dependencies.c.job_id, dependencies.c.until)
        .join(jobs, dependencies.c.job_id == jobs.c.id)
        .where(
            dependencies.c.after_id == ended_id,
            dependencies.c.is_met.is_(False),
            jobs.c.status == JobStatus.QUEUED.value,
        )
    )
    if only is not None:
        query = query.where(dependencies.c.job_id == only)
    return connection.execute(query).all()


def _meet(connection: Connection, job_id: str, ended_id: str) -> None:
    where = (dependencies.c.job_id == job_id, dependencies.c.after_id == ended_id)
    connection.execute(update(dependencies).where(*where).values(is_met=True))
    fewer = {"blockers": jobs.c.blockers - 1}
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(fewer))


def _find_statuses(connection: Connection, job_ids: Sequence[str]) -> dict[str, JobStatus]:
    found: dict[str, JobStatus] = {}
    for some in slices(job_ids):
        query = select(jobs.c.id, jobs.c.status).where(jobs.c.id.in_(some))
        found.update({row.id: JobStatus(row.status) for row in connection.execute(query)})
    return found


def _describe(connection: Connection, job_ids: Sequence[str]) -> list[Changed]:
    found: dict[str, str] = {}
    for some in slices(job_ids):
        query = select(jobs.c.id, projects.c.name).join(projects).where(jobs.c.id.in_(some))
        found.update({row[0]: row[1] for row in connection.execute(query)})
    return [Changed(job_id, found[job_id]) for job_id in job_ids]


def _tell(status: JobStatus) -> str:
    return "was stopped" if status is JobStatus.STOPPED else status.value
