"""The rows of jobs. Their params and tags are in labels.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from foundations_server.jobs.tables import jobs, producers
from foundations_server.platform.database import find_present, slices
from foundations_server.platform.likelihood import often
from foundations_server.projects.tables import projects
from foundations_wire.errors import UnknownJob, WrongStatus
from foundations_wire.ids import check_job_id
from foundations_wire.jobs import TRANSITIONS, JobStatus

JOBS = select(jobs, projects.c.name.label("project")).join(projects)
# As literals: only so do databases see that a partial index answers it.
IS_WAITING = (often(jobs.c.status == literal_column("'queued'")), jobs.c.attempt_id.is_(None))
# Made once: to make a statement takes longer than to run it.
_FIND = JOBS.where(jobs.c.id == bindparam("job"))
_STATUS = select(jobs.c.status).where(jobs.c.id == bindparam("job"))
_INSERT = insert(jobs)
_LAST_ORDER = select(func.max(jobs.c.queue_order))
_REPORTING: Select[Any] = (
    select(
        jobs.c.id,
        jobs.c.key,
        jobs.c.project_id,
        jobs.c.status,
        jobs.c.source,
        projects.c.name.label("project"),
        producers.c.next,
    )
    .join(projects)
    .outerjoin(
        producers,
        (producers.c.job_id == jobs.c.id) & (producers.c.producer == bindparam("producer")),
    )
    .where(jobs.c.id == bindparam("job"))
)
_ADVANCE = (
    update(producers)
    .where(producers.c.job_id == bindparam("job"), producers.c.producer == bindparam("of"))
    .values(next=bindparam("number"))
)


def find(connection: Connection, job_id: str) -> Row[Any] | None:
    return connection.execute(_FIND, {"job": job_id}).first()


def require(connection: Connection, job_id: str) -> Row[Any]:
    """Return the row of a job, or raise UnknownJob."""
    row = find(connection, check_job_id(job_id))
    if row is None:
        raise UnknownJob(f"Job `{job_id}` does not exist")
    return row


def add_all(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert rows with the same columns; return the keys of the jobs by id."""
    if len(rows) > 1:
        connection.execute(_INSERT, rows)
        return find_keys(connection, [row["id"] for row in rows])
    key = connection.execute(_INSERT, rows[0]).inserted_primary_key
    return {rows[0]["id"]: int(key[0]) if key else 0}


def change(connection: Connection, job_id: str, values: dict[str, Any]) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(values))


def change_status(
    connection: Connection, job_id: str, status: JobStatus, values: dict[str, Any]
) -> None:
    """Give a job a status that may follow its present one, and other values with it.

    Raises:
        WrongStatus: it may not.
    """
    present = connection.execute(_STATUS, {"job": job_id}).scalar_one()
    if status not in TRANSITIONS[JobStatus(present)]:
        raise WrongStatus(
            f"Job `{job_id}` has status `{present}`, from which it cannot become `{status.value}`"
        )
    change(connection, job_id, {"status": status.value, **values})


def remove(connection: Connection, job_id: str) -> None:
    """Remove a job; all rows that belong to it go with it."""
    connection.execute(delete(jobs).where(jobs.c.id == job_id))


def list_by_keys(connection: Connection, keys: Sequence[int]) -> list[Row[Any]]:
    """Return the rows of jobs in the order of the keys."""
    rows: dict[int, Row[Any]] = {}
    for some in slices(keys):
        rows.update({row.key: row for row in connection.execute(JOBS.where(jobs.c.key.in_(some)))})
    return [rows[key] for key in keys]


def list_by_ids(connection: Connection, job_ids: Sequence[str]) -> list[Row[Any]]:
    """Return the rows of those of the jobs that exist, in no order."""
    rows: list[Row[Any]] = []
    for some in slices(job_ids):
        rows += connection.execute(JOBS.where(jobs.c.id.in_(some)))
    return rows


def list_states(connection: Connection, keys: Sequence[int]) -> list[Row[Any]]:
    """Return id, status and source of jobs in the order of the keys."""
    columns = (jobs.c.key, jobs.c.id, jobs.c.status, jobs.c.source)
    rows: dict[int, Row[Any]] = {}
    for some in slices(keys):
        query = select(*columns).where(jobs.c.key.in_(some))
        rows.update({row.key: row for row in connection.execute(query)})
    return [rows[key] for key in keys]


def find_next_attempt(connection: Connection) -> float | None:
    """Return the earliest moment that a waiting job waits for."""
    return connection.execute(select(func.min(jobs.c.not_before)).where(*IS_WAITING)).scalar()


def release_attempts(connection: Connection, until: float) -> None:
    """Let the jobs that were to wait until some moment, or an earlier one, wait no more."""
    query = update(jobs).where(*IS_WAITING, jobs.c.not_before <= until)
    connection.execute(query.values(not_before=None))


def find_last_order(connection: Connection) -> int:
    """Return the order of the job that is last in the queue; it only grows."""
    return int(connection.execute(_LAST_ORDER).scalar() or 0)


def count_by_status(
    connection: Connection, project_ids: Sequence[int]
) -> dict[int, dict[str, int]]:
    """Return how many jobs of each status the projects have; projects without are absent."""
    query = select(jobs.c.project_id, jobs.c.status, func.count()).group_by(
        jobs.c.project_id, jobs.c.status
    )
    if len(project_ids) == 1:
        query = query.where(jobs.c.project_id == project_ids[0])
    counts: dict[int, dict[str, int]] = {}
    for project_id, status, number in connection.execute(query):
        counts.setdefault(project_id, {})[status] = number
    return counts


def find_reporting(connection: Connection, job_id: str, producer: str) -> Row[Any] | None:
    """Return what storing events needs of a job, and `next`: the event that is to come.

    `next` is None before the first one.
    """
    return connection.execute(_REPORTING, {"job": job_id, "producer": producer}).first()


def set_next(connection: Connection, job_id: str, producer: str, number: int) -> None:
    values = {"job": job_id, "of": producer, "number": number}
    if connection.execute(_ADVANCE, values).rowcount == 0:
        row = {"job_id": job_id, "producer": producer, "next": number}
        connection.execute(insert(producers), row)


def find_keys(connection: Connection, job_ids: Sequence[str]) -> dict[str, int]:
    """Return the keys of those of the jobs that exist, by id."""
    found: dict[str, int] = {}
    for some in slices(job_ids):
        for row in connection.execute(select(jobs.c.id, jobs.c.key).where(jobs.c.id.in_(some))):
            found[row.id] = row.key
    return found


def find_used_bundles(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Return those of the bundles that some job needs."""
    return find_present(connection, jobs.c.bundle, hashes)
