"""Jobs that wait for jobs: what the end of one means for those behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from foundations_server.jobs import repository
from foundations_server.jobs.tables import dependencies, jobs
from foundations_server.platform.database import slices
from foundations_server.platform.hints import Hint
from foundations_server.projects.tables import projects
from foundations_wire.errors import InvalidRequest
from foundations_wire.jobs import Dependency, JobStatus, Until

# Made once: to make a statement takes longer than to run it.
_WAITING = (
    select(dependencies.c.job_id, dependencies.c.until)
    .join(jobs, dependencies.c.job_id == jobs.c.id)
    .where(
        dependencies.c.after_id == bindparam("ended"),
        dependencies.c.is_met.is_(False),
        jobs.c.status == JobStatus.QUEUED.value,
    )
)
_AFTER = (
    select(dependencies.c.job_id, dependencies.c.after_id, dependencies.c.until)
    .where(dependencies.c.job_id.in_(bindparam("ids", expanding=True)))
    .order_by(dependencies.c.job_id, dependencies.c.after_id)
)


class Changed(NamedTuple):
    """A job whose status changed, for those who are told of it."""

    job_id: str
    project: str
    is_due_later: bool = False  # another attempt waits for its moment


def hint(changed: Sequence[Changed], kind: str = "status", queue: str = "status") -> list[Hint]:
    """Return the hints that tell of jobs, their projects and the queue."""
    names = dict.fromkeys(item.project for item in changed)
    return [
        *(Hint("job", item.job_id, kind, item.project) for item in changed),
        *(Hint("project", name, kind, name) for name in names),
        Hint("queue", "", queue),
    ]


def conclude(
    connection: Connection, job_id: str, status: JobStatus, values: dict[str, Any]
) -> list[Changed]:
    """Give a job its final status, and those that wait for it what follows from that.

    Return the jobs whose end or whose chance to start that is: itself and some others.

    Raises:
        WrongStatus: the job has ended already.
    """
    repository.change_status(connection, job_id, status, {**values, "not_before": None})
    changed = [job_id]
    ended = [job_id]
    for other in ended:  # grows while it is walked
        met, stopped = _settle(connection, other, values["ended_at"])
        ended += stopped
        changed += met + stopped
    return _describe(connection, changed)


def add(
    connection: Connection, job_ids: Sequence[str], after: Sequence[Dependency], now: float
) -> None:
    """Let new jobs wait for others, those that ended already included.

    Raises:
        InvalidRequest: one of the others is not known.
    """
    if not after:
        return
    known = _find_statuses(connection, [item.job for item in after])
    for item in after:
        if item.job not in known:
            raise InvalidRequest(
                f"'after' names job `{item.job}`, which does not exist; submit that one first."
            )
    rows = [
        {"job_id": job_id, "after_id": item.job, "until": item.until.value, "is_met": False}
        for job_id in job_ids
        for item in after
    ]
    connection.execute(insert(dependencies), rows)
    for some in slices(job_ids):
        query = update(jobs).where(jobs.c.id.in_(some))
        connection.execute(query.values(blockers=len(after)))
    for item in after:
        if known[item.job].is_final:
            _settle(connection, item.job, now)


def list_after(connection: Connection, job_ids: Sequence[str]) -> dict[str, list[Dependency]]:
    """Return what some jobs wait or waited for, as far as it still exists, by job id."""
    found: dict[str, list[Dependency]] = {}
    for some in slices(job_ids):
        for waiting, other, until in connection.execute(_AFTER, {"ids": list(some)}):
            found.setdefault(waiting, []).append(Dependency(other, Until(until)))
    return found


def _settle(connection: Connection, ended_id: str, now: float) -> tuple[list[str], list[str]]:
    """Let an end count for those that wait for it.

    Return those that wait for one job less now, and those that are stopped.
    """
    waiting = connection.execute(_WAITING, {"ended": ended_id}).all()
    if not waiting:
        return [], []
    ended = connection.execute(
        select(jobs.c.name, jobs.c.status).where(jobs.c.id == ended_id)
    ).one()
    has_succeeded = ended.status == JobStatus.COMPLETED.value
    met = [row.job_id for row in waiting if has_succeeded or row.until == Until.END.value]
    _meet(connection, met, ended_id)
    is_met = set(met)
    stopped = [row.job_id for row in waiting if row.job_id not in is_met]
    reason = f"not started: job {ended.name} {_tell(JobStatus(ended.status))}"
    values = {"status": JobStatus.STOPPED.value, "reason": reason, "ended_at": now}
    for some in slices(stopped):
        connection.execute(update(jobs).where(jobs.c.id.in_(some)).values(values))
    return met, stopped


def _meet(connection: Connection, job_ids: Sequence[str], ended_id: str) -> None:
    for some in slices(job_ids):
        where = (dependencies.c.job_id.in_(some), dependencies.c.after_id == ended_id)
        connection.execute(update(dependencies).where(*where).values(is_met=True))
        fewer = {"blockers": jobs.c.blockers - 1}
        connection.execute(update(jobs).where(jobs.c.id.in_(some)).values(fewer))


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
