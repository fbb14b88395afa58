"""The rows of schedules, and what they need of the jobs that they submitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from foundations_server.jobs.tables import jobs
from foundations_server.platform.database import find_present, slices
from foundations_server.projects.tables import projects
from foundations_server.schedules.tables import schedules
from foundations_wire.jobs import JobStatus

_UNFINISHED = [status.value for status in JobStatus if not status.is_final]
_IS_ACTIVE = (schedules.c.is_paused.is_(False), schedules.c.next_at.is_not(None))


def find(connection: Connection, schedule_id: str) -> Row[Any] | None:
    return connection.execute(select(schedules).where(schedules.c.id == schedule_id)).first()


def add(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(schedules).values(row))


def change(connection: Connection, schedule_id: str, values: dict[str, Any]) -> None:
    connection.execute(update(schedules).where(schedules.c.id == schedule_id).values(values))


def remove(connection: Connection, schedule_id: str) -> None:
    connection.execute(delete(schedules).where(schedules.c.id == schedule_id))


def count(connection: Connection, project: str | None = None) -> int:
    query = select(func.count()).select_from(schedules)
    if project is not None:
        query = query.where(schedules.c.project == project)
    return int(connection.execute(query).scalar_one())


def list_some(
    connection: Connection, project: str | None, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Return schedules, newest first."""
    query = select(schedules).order_by(schedules.c.created_at.desc(), schedules.c.id)
    if project is not None:
        query = query.where(schedules.c.project == project)
    return connection.execute(query.limit(limit).offset(offset)).all()


def list_active(connection: Connection, until: float | None = None) -> Sequence[Row[Any]]:
    """Return the schedules that have a tick to come, or one until a moment, the first first."""
    query = select(schedules).where(*_IS_ACTIVE).order_by(schedules.c.next_at)
    if until is not None:
        query = query.where(schedules.c.next_at <= until)
    return connection.execute(query).all()


def find_next_at(connection: Connection) -> float | None:
    """Return when the first tick of all is."""
    return connection.execute(select(func.min(schedules.c.next_at)).where(*_IS_ACTIVE)).scalar()


def list_unfinished(connection: Connection, schedule_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of the jobs that have not ended, by schedule."""
    rows: list[Row[Any]] = []
    for some in slices(schedule_ids):
        # Sorted here: to have them in order the database would look at all runs there ever were.
        query = select(jobs.c.schedule_id, jobs.c.id, jobs.c.created_at, jobs.c.key).where(
            jobs.c.schedule_id.in_(some), jobs.c.status.in_(_UNFINISHED)
        )
        rows.extend(connection.execute(query))
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: (row.created_at, row.key)):
        found.setdefault(row.schedule_id, []).append(row.id)
    return found


def list_runs(connection: Connection, schedule_id: str, limit: int, offset: int) -> list[int]:
    """Return the keys of the jobs of a schedule, newest first."""
    query = select(jobs.c.key).where(jobs.c.schedule_id == schedule_id)
    ordered = query.order_by(jobs.c.created_at.desc(), jobs.c.key.desc())
    return list(connection.execute(ordered.limit(limit).offset(offset)).scalars())


def count_runs(connection: Connection, schedule_id: str) -> int:
    query = select(func.count()).where(jobs.c.schedule_id == schedule_id)
    return int(connection.execute(query).scalar_one())


def find_used_bundles(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Return those of the bundles that some schedule needs."""
    return find_present(connection, schedules.c.bundle, hashes)


def find_projects(connection: Connection, project_ids: Sequence[int]) -> set[int]:
    """Return those of the projects that have schedules."""
    query = select(projects.c.id).join(schedules, schedules.c.project == projects.c.name)
    return set(connection.execute(query.distinct()).scalars()) & set(project_ids)
