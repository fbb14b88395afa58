"""Queries over the params and tags of jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from foundations_server.jobs.tables import jobs, params, tags
from foundations_server.platform.database import slices


def put_params(connection: Connection, job_id: str, values: Mapping[str, str]) -> None:
    """Store parameters (JSON texts by name), instead of those of the same names."""
    for names in slices(list(values)):
        connection.execute(
            delete(params).where(params.c.job_id == job_id, params.c.name.in_(names))
        )
    rows = [{"job_id": job_id, "name": name, "value": values[name]} for name in values]
    if rows:
        connection.execute(insert(params), rows)


def put_tags(connection: Connection, job_id: str, values: Mapping[str, str]) -> None:
    """Store tags, instead of those of the same keys."""
    for keys in slices(list(values)):
        connection.execute(delete(tags).where(tags.c.job_id == job_id, tags.c.key.in_(keys)))
    rows = [{"job_id": job_id, "key": key, "value": values[key]} for key in values]
    if rows:
        connection.execute(insert(tags), rows)


def remove_tag(connection: Connection, job_id: str, key: str) -> None:
    connection.execute(delete(tags).where(tags.c.job_id == job_id, tags.c.key == key))


def list_params(connection: Connection, job_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the JSON texts of parameters by job id and name."""
    return _collect(connection, select(params.c.job_id, params.c.name, params.c.value), job_ids)


def list_tags(connection: Connection, job_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    return _collect(connection, select(tags.c.job_id, tags.c.key, tags.c.value), job_ids)


def list_param_names(connection: Connection, job_ids: Select[Any]) -> list[str]:
    """Return the names of all parameters of the jobs that a query selects."""
    query = select(params.c.name).distinct().where(params.c.job_id.in_(job_ids))
    return sorted(connection.execute(query).scalars())


def list_tag_keys(connection: Connection, project_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the keys of all tags of the projects' jobs, by project id."""
    query = select(jobs.c.project_id, tags.c.key).distinct().join(tags).order_by(tags.c.key)
    if len(project_ids) == 1:
        query = query.where(jobs.c.project_id == project_ids[0])
    found: dict[int, list[str]] = {}
    for project_id, key in connection.execute(query):
        found.setdefault(project_id, []).append(key)
    return found


def _collect(
    connection: Connection, query: Select[Any], job_ids: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Return the second and third column as dicts, by the first."""
    job_id, name = query.selected_columns[0], query.selected_columns[1]
    found: dict[str, dict[str, str]] = {}
    for some in slices(job_ids):
        for row in connection.execute(query.where(job_id.in_(some)).order_by(name)):
            found.setdefault(row[0], {})[row[1]] = row[2]
    return found
