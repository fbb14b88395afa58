"""Queries over the queue: the waiting jobs, by priority and then by order.

All of them walk the index of the waiting jobs, which holds no other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)

from foundations_server.jobs.repository import IS_WAITING, JOBS
from foundations_server.jobs.tables import dependencies, jobs
from foundations_server.platform.database import slices
from foundations_server.platform.likelihood import often
from foundations_server.projects.tables import projects
from foundations_server.scheduling.allowances import Spent
from foundations_server.scheduling.policy import Refusal

_ORDER = (jobs.c.priority.desc(), jobs.c.queue_order)
_BELOW_ALL = -1_000_000
_FEW = 8  # positions that are counted one by one
_MOST_CLAUSES = 20  # in one statement; what it leaves in is sorted out by the plan

_READY = (
    select(
        jobs.c.id,
        jobs.c.name,
        jobs.c.priority,
        jobs.c.queue_order,
        jobs.c.num_gpus,
        jobs.c.cpus,
        jobs.c.ram_gb,
        jobs.c.time_limit,
        jobs.c.user,
        projects.c.name.label("project"),
    )
    .join(projects, jobs.c.project_id == projects.c.id)
    .where(
        *IS_WAITING,
        jobs.c.is_held.is_(False),
        jobs.c.blockers == 0,
        or_(jobs.c.not_before.is_(None), jobs.c.not_before <= bindparam("now")),
    )
)
_FIRST_PAGE = _READY.order_by(*_ORDER).limit(bindparam("limit"))
_STILL_READY = (
    _READY.add_columns(jobs.c.spec)
    .where(jobs.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(*_ORDER)
)
_WAITING = select(func.count()).where(*IS_WAITING)
_SAME = jobs.c.priority == bindparam("priority")
_COUNT_BEFORE = select(
    _WAITING.where(jobs.c.priority > bindparam("priority")).scalar_subquery()
    + _WAITING.where(_SAME, jobs.c.queue_order < bindparam("order")).scalar_subquery()
)


def read_ready(
    connection: Connection,
    now: float,
    after: Row[Any] | None,
    without: Sequence[Refusal | Spent],
    limit: int,
) -> Sequence[Row[Any]]:
    """Return the next jobs that may start, behind one of them, without those of some kinds."""
    query = _FIRST_PAGE
    if after is not None:
        query = query.where(
            jobs.c.priority <= after.priority,
            or_(jobs.c.priority < after.priority, jobs.c.queue_order > after.queue_order),
        )
    if without:
        query = query.where(*(not_(_match(kind)) for kind in without[:_MOST_CLAUSES]))
    return list(connection.execute(query, {"now": now, "limit": limit}))


def list_ready(connection: Connection, now: float, job_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Return those of some jobs that may start still, with their specs, in order."""
    return list(connection.execute(_STILL_READY, {"now": now, "ids": list(job_ids)}))


def _match(kind: Refusal | Spent) -> ColumnElement[bool]:
    """Return what is true of the jobs that a plan would refuse."""
    if isinstance(kind, Spent):
        owner = jobs.c.user == kind.name
        if kind.scope == "project":
            found = select(projects.c.id).where(projects.c.name == kind.name)
            owner = jobs.c.project_id == found.scalar_subquery()
        return and_(owner, jobs.c.num_gpus >= kind.wanted)
    clauses: list[ColumnElement[bool]] = []
    if kind.time_limit is None:
        clauses.append(jobs.c.time_limit.is_(None))
    elif kind.time_limit > 0:
        clauses.append(func.coalesce(jobs.c.time_limit, kind.time_limit) >= kind.time_limit)
    columns = (jobs.c.num_gpus, jobs.c.cpus, jobs.c.ram_gb)
    for column, amount in zip(columns, kind.wanted, strict=True):
        if amount > 0:
            clauses.append(func.coalesce(column, 0) >= amount)
    return and_(*clauses)


def list_waiting(connection: Connection, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return waiting jobs in the order of the queue."""
    keys = select(jobs.c.key).where(*IS_WAITING).order_by(*_ORDER).limit(limit).offset(offset)
    query = JOBS.where(jobs.c.key.in_(keys.scalar_subquery())).order_by(*_ORDER)
    return connection.execute(query).all()


def list_all_waiting(connection: Connection, project_id: int | None) -> Sequence[Row[Any]]:
    """Return id, project and name of the project of all waiting jobs, or of a project's."""
    query = select(jobs.c.id, projects.c.name.label("project")).join(projects).where(*IS_WAITING)
    if project_id is not None:
        query = query.where(jobs.c.project_id == project_id)
    return list(connection.execute(query.order_by(*_ORDER)))


def count_waiting(connection: Connection) -> int:
    # A bound on what the index begins with, or a count would read the table.
    query = _WAITING.where(jobs.c.priority > _BELOW_ALL)
    return connection.execute(query).scalar_one()


def _on_workers(query: Select[Any]) -> Select[Any]:
    return query.where(
        often(literal_column("jobs.status IN ('queued', 'running')")),
        jobs.c.attempt_id.is_not(None),
    )


def list_on_workers(connection: Connection, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return the submitted jobs that a worker holds, oldest first."""
    query = _on_workers(JOBS).order_by(jobs.c.started_at, jobs.c.created_at)
    return connection.execute(query.limit(limit).offset(offset)).all()


def count_on_workers(connection: Connection) -> int:
    query = _on_workers(select(func.count()).select_from(jobs))
    return int(connection.execute(query).scalar_one())


def find_positions(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, int]:
    """Return the places of waiting jobs in the queue, by id; the head's is 1."""
    if len(rows) <= _FEW:
        return {row.id: _count_before(connection, row) + 1 for row in rows}
    place = func.row_number().over(order_by=_ORDER).label("place")
    numbered = select(jobs.c.key, place).where(*IS_WAITING).subquery()
    places: dict[int, int] = {}
    for some in slices([row.key for row in rows]):
        query = select(numbered).where(numbered.c.key.in_(some))
        places.update({row.key: row.place for row in connection.execute(query)})
    return {row.id: places[row.key] for row in rows if row.key in places}


def _count_before(connection: Connection, row: Row[Any]) -> int:
    place = {"priority": row.priority, "order": row.queue_order}
    return int(connection.execute(_COUNT_BEFORE, place).scalar_one())


def list_blocking(connection: Connection, job_id: str, limit: int) -> list[tuple[str, str]]:
    """Return name and `until` of jobs for which a job waits."""
    query = (
        select(jobs.c.name, dependencies.c.until)
        .join(jobs, dependencies.c.after_id == jobs.c.id)
        .where(dependencies.c.job_id == job_id, dependencies.c.is_met.is_(False))
        .order_by(jobs.c.key)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def find_awaited(connection: Connection) -> set[str]:
    """Return the ids of all jobs for which others wait."""
    query = select(dependencies.c.after_id).where(dependencies.c.is_met.is_(False)).distinct()
    return set(connection.execute(query).scalars())


def change_all(connection: Connection, job_ids: Sequence[str], values: dict[str, Any]) -> None:
    """Give many jobs the same values."""
    for some in slices(job_ids):
        connection.execute(update(jobs).where(jobs.c.id.in_(some)).values(values))


def count_peers(connection: Connection, priority: int) -> int:
    query = select(func.count()).where(*IS_WAITING, jobs.c.priority == priority)
    return connection.execute(query).scalar_one()


def list_peers(
    connection: Connection, priority: int, without: str, limit: int | None, offset: int
) -> list[tuple[str, int]]:
    """Return id and order of waiting jobs of one priority, in order, all but one job."""
    query = (
        select(jobs.c.id, jobs.c.queue_order)
        .where(*IS_WAITING, jobs.c.priority == priority, jobs.c.id != without)
        .order_by(*_ORDER)
        .limit(limit)
        .offset(offset)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def change_orders(connection: Connection, orders: Mapping[str, int]) -> None:
    """Give jobs, by id, other places in the queue."""
    query = update(jobs).where(jobs.c.id == bindparam("job"))
    rows = [{"job": job_id, "queue_order": order} for job_id, order in orders.items()]
    if rows:
        connection.execute(query, rows)
