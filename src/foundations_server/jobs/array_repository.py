from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from foundations_server.jobs.repository import JOBS
from foundations_server.jobs.tables import jobs
from foundations_wire.jobs import JobStatus


def list_page(
    connection: Connection, array_id: str, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Return a page of the jobs of an array, in order."""
    query = JOBS.where(jobs.c.array_id == array_id).order_by(jobs.c.array_index)
    return connection.execute(query.limit(limit).offset(offset)).all()


def list_specs(connection: Connection, array_id: str) -> list[tuple[str, str]]:
    """Return id and spec of all jobs of an array, in order."""
    query = select(jobs.c.id, jobs.c.spec).where(jobs.c.array_id == array_id)
    return [(row[0], row[1]) for row in connection.execute(query.order_by(jobs.c.array_index))]


def list_open(connection: Connection, array_id: str) -> list[str]:
    """Return the ids of those jobs of an array that have not ended, in order."""
    is_open = jobs.c.status.in_([JobStatus.QUEUED.value, JobStatus.RUNNING.value])
    query = select(jobs.c.id).where(jobs.c.array_id == array_id, is_open)
    return list(connection.execute(query.order_by(jobs.c.array_index)).scalars())


def count_by_status(connection: Connection, array_id: str) -> dict[str, int]:
    query = select(jobs.c.status, func.count()).where(jobs.c.array_id == array_id)
    return {row[0]: row[1] for row in connection.execute(query.group_by(jobs.c.status))}
