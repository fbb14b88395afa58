"""Submits the jobs of schedules, within the transaction that moves the schedule on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs import repository as jobs
from foundations_server.jobs.adding import add_queued, make_ready, read_spec
from foundations_server.jobs.dependencies import Changed, hint
from foundations_server.platform.hints import Hint
from foundations_server.schedules import repository


def exists(connection: Connection, job_id: str) -> bool:
    return jobs.find(connection, job_id) is not None


def is_blocked(connection: Connection, schedule_id: str, *, may_overlap: bool) -> bool:
    """Whether a run that has not ended keeps the next one from beginning."""
    return not may_overlap and bool(repository.list_unfinished(connection, [schedule_id]))


def add(connection: Connection, row: Row[Any], job_id: str, now: float) -> None:
    """Queue a job as if a person had submitted it."""
    add_queued(connection, [make_ready(job_id, read_spec(row.spec))], now, schedule_id=row.id)


def list_hints(schedule_id: str, project: str, job_ids: list[str]) -> list[Hint]:
    """Return what is to be told once the jobs are committed."""
    made = [Changed(job_id, project) for job_id in job_ids]
    told = hint(made, "created") if made else []
    return [*told, Hint("schedule", schedule_id, "status", project)]
