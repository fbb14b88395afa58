"""Queries over the params and tags of jobs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from foundations_server.jobs.tables import params, tags
from foundations_server.platform.database import slices
from foundations_server.platform.skipping import list_distinct
from foundations_server.projects.tables import projects
from foundations_wire import codec
from foundations_wire.errors import InvalidRequest

_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_PARAMS = (
    select(params.c.job_key, params.c.name, params.c.value)
    .where(params.c.job_key.in_(_KEYS))
    .order_by(params.c.name)
)
_TAGS = (
    select(tags.c.job_key, tags.c.key, tags.c.value)
    .where(tags.c.job_key.in_(_KEYS))
    .order_by(tags.c.key)
)
SHORT = 500  # characters of a text that filters compare; an index holds no more


def put_params(connection: Connection, job: Row[Any], values: Mapping[str, str]) -> None:
    """Store parameters (JSON texts by name), instead of those of the same names."""
    for names in slices(list(values)):
        connection.execute(
            delete(params).where(params.c.job_key == job.key, params.c.name.in_(names))
        )
    owner = {"job_key": job.key, "project_id": job.project_id}
    rows = [{**owner, "name": name, **describe(value)} for name, value in values.items()]
    if rows:
        connection.execute(insert(params), rows)


def add_params(
    connection: Connection, project_id: int, values: Mapping[int, Mapping[str, dict[str, Any]]]
) -> None:
    """Store the described parameters of new jobs by key of the job and name."""
    rows = [
        {"job_key": key, "project_id": project_id, "name": name, **columns}
        for key, named in values.items()
        for name, columns in named.items()
    ]
    if rows:
        connection.execute(insert(params), rows)


def describe(value: str) -> dict[str, Any]:
    """Return the columns of a parameter, given as JSON."""
    known = codec.decode(value)
    text = known if isinstance(known, str) else value
    short = None if known is None else text[:SHORT]
    return {"value": value, "number": _as_double(known), "text": short}


def _as_double(value: Any) -> float | None:
    """Return the number to compare; None for what is none, and for NaN, which SQLite lacks."""
    try:
        found = float("nan") if isinstance(value, bool) else float(codec.number(value))
    except InvalidRequest:
        return None
    return None if math.isnan(found) else found


def put_tags(connection: Connection, job: Row[Any], values: Mapping[str, str]) -> None:
    """Store tags, instead of those of the same keys."""
    for keys in slices(list(values)):
        connection.execute(delete(tags).where(tags.c.job_key == job.key, tags.c.key.in_(keys)))
    owner = {"job_key": job.key, "project_id": job.project_id}
    rows = [{**owner, "key": key, "value": value} for key, value in values.items()]
    if rows:
        connection.execute(insert(tags), rows)


def remove_tag(connection: Connection, job: Row[Any], key: str) -> None:
    connection.execute(delete(tags).where(tags.c.job_key == job.key, tags.c.key == key))


def move(connection: Connection, job_key: int, project_id: int) -> None:
    """Note that a job, and with it its labels, belongs to another project."""
    for table in (params, tags):
        query = update(table).where(table.c.job_key == job_key)
        connection.execute(query.values(project_id=project_id))


def list_params(connection: Connection, job_keys: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return the JSON texts of parameters by key of the job and name."""
    return _collect(connection, _PARAMS, job_keys)


def list_tags(connection: Connection, job_keys: Sequence[int]) -> dict[int, dict[str, str]]:
    return _collect(connection, _TAGS, job_keys)


def list_param_names(connection: Connection, project_id: int | None) -> list[str]:
    """Return the names of all parameters of the jobs of a project, or of all."""
    names = list_distinct(
        connection, params.c.project_id, params.c.name, projects.c.id, project_id
    )
    return sorted({name for _project, name in names})


def list_all_tag_keys(connection: Connection, project_id: int | None) -> list[str]:
    """Return the keys of all tags of the jobs of a project, or of all."""
    keys = list_distinct(connection, tags.c.project_id, tags.c.key, projects.c.id, project_id)
    return sorted({key for _project, key in keys})


def list_tag_keys(connection: Connection, project_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the keys of all tags of the projects' jobs, by project id."""
    only = project_ids[0] if len(project_ids) == 1 else None
    keys = list_distinct(connection, tags.c.project_id, tags.c.key, projects.c.id, only)
    found: dict[int, list[str]] = {}
    for project_id, key in keys:
        found.setdefault(project_id, []).append(key)
    return found


def _collect(
    connection: Connection, query: Select[Any], job_keys: Sequence[int]
) -> dict[int, dict[str, str]]:
    """Return the second and third column as dicts, by the first."""
    found: dict[int, dict[str, str]] = {}
    for some in slices(job_keys):
        rows = connection.execute(query, {"keys": list(some)})
        for key, label, value in rows.all():
            found.setdefault(key, {})[label] = value
    return found
