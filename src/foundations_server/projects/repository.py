from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from foundations_server.projects.tables import projects

# Made once: to make a statement takes longer than to run it.
_FIND = select(projects).where(projects.c.name == bindparam("of"))
_COUNT_UP = (
    update(projects)
    .where(projects.c.id == bindparam("of"))
    .values(last_number=bindparam("last"), updated_at=bindparam("at"))
)


def find(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(_FIND, {"of": name}).first()


def among(project_id: int | None) -> Select[tuple[int]]:
    """Return the query of the id of a project that exists, or of all projects."""
    query = select(projects.c.id)
    return query if project_id is None else query.where(projects.c.id == project_id)


def list_all(connection: Connection) -> Sequence[Row[Any]]:
    """Return all projects, the last changed first."""
    query = select(projects).order_by(projects.c.updated_at.desc(), projects.c.id.desc())
    return connection.execute(query).all()


def take_numbers(connection: Connection, name: str, count: int, now: float) -> tuple[int, int]:
    """Return the id of a project, made if need be, and the first number of its next jobs."""
    row = find(connection, name)
    if row is None:
        values = {"name": name, "created_at": now, "updated_at": now, "last_number": count}
        key = connection.execute(insert(projects).values(values)).inserted_primary_key
        return (int(key[0]) if key else 0), 1
    changes = {"last": row.last_number + count, "at": max(now, row.updated_at), "of": row.id}
    connection.execute(_COUNT_UP, changes)
    return row.id, row.last_number + 1


def ensure(connection: Connection, name: str, now: float) -> None:
    """Make a project that has no job yet; one that is there stays as it is."""
    if find(connection, name) is None:
        values = {"name": name, "created_at": now, "updated_at": now, "last_number": 0}
        connection.execute(insert(projects).values(values))


def touch(connection: Connection, project_id: int, now: float) -> None:
    """Note that something in the project changed."""
    where = (projects.c.id == project_id, projects.c.updated_at < now)
    connection.execute(update(projects).where(*where).values(updated_at=now))
