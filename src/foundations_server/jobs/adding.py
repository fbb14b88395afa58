"""Makes the rows of jobs, one or ten thousand of them in the same few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from foundations_server.jobs import dependencies, labels, repository
from foundations_server.jobs.naming import name_job
from foundations_server.jobs.ordering import GAP, take_order
from foundations_server.projects import service as projects
from foundations_wire import codec
from foundations_wire.flattening import flatten
from foundations_wire.jobs import JobSource, JobSpec, JobStatus


@dataclass(frozen=True)
class NewJob:
    """A job that is to be queued, with all made ready that needs no database."""

    id: str
    spec: JobSpec  # for an array without the job's own parameters
    body: str  # its own spec as JSON
    params: dict[str, dict[str, Any]]  # columns of its parameters by name


def make_ready(job_id: str, spec: JobSpec) -> NewJob:
    return make_all_ready([job_id], spec, [{}])[0]


def make_all_ready(
    job_ids: Sequence[str], spec: JobSpec, params: Sequence[Mapping[str, Any]]
) -> list[NewJob]:
    """Return jobs of one spec, each with parameters that come on top of those of the spec."""
    spelled = codec.spell(spec)
    described: dict[str, dict[str, Any]] = {}  # many jobs have the same values

    def describe(value: Any) -> dict[str, Any]:
        text = codec.encode(value).decode()
        if text not in described:
            described[text] = labels.describe(text)
        return described[text]

    def make(job_id: str, own: Mapping[str, Any]) -> NewJob:
        merged = {**spec.params, **own}
        body = codec.encode({**spelled, "params": merged}).decode()
        given = {name: describe(value) for name, value in flatten(merged)}
        return NewJob(job_id, spec, body, given)

    return [make(job_id, own) for job_id, own in zip(job_ids, params, strict=True)]


def read_spec(body: str) -> JobSpec:
    """Return the spec that a job was stored with."""
    return codec.build(JobSpec, codec.decode(body))


def add_queued(connection: Connection, new: Sequence[NewJob], now: float, **more: Any) -> None:
    """Insert jobs of one project that wait for the same jobs.

    `more` are columns of all of them; with an `array_id` they are numbered. The parameters
    that they are given show at once. A job that can never start, because of how one that it
    waits for ended, is stopped at once.

    Raises:
        InvalidRequest: a job that they wait for is not known.
    """
    spec = new[0].spec
    rows = [_make_row(item) | more for item in new]
    if "array_id" in more:
        rows = [row | {"array_index": index} for index, row in enumerate(rows, 1)]
    project_id, keys = insert_jobs(connection, spec.project, now, rows)
    labels.add_params(connection, project_id, {keys[item.id]: item.params for item in new})
    dependencies.add(connection, [item.id for item in new], spec.after, now)


def insert_jobs(
    connection: Connection, project: str, now: float, rows: Sequence[dict[str, Any]]
) -> tuple[int, dict[str, int]]:
    """Add jobs with the next numbers of their project, names and places at the queue's end.

    Return the key of the project, and those of the jobs by id.
    """
    project_id, first = projects.take_numbers(connection, project, len(rows), now)
    order = take_order(connection)
    filled = [
        {
            "project_id": project_id,
            "number": first + place,
            "name": name_job(row["id"], first + place),
            "queue_order": order + place * GAP,
            "created_at": now,
            "is_stop_wanted": False,
            "priority": 0,
            "num_gpus": 0,
            **row,
        }
        for place, row in enumerate(rows)
    ]
    return project_id, repository.add_all(connection, filled)


def _make_row(item: NewJob) -> dict[str, Any]:
    spec = item.spec
    return {
        "id": item.id,
        "status": JobStatus.QUEUED.value,
        "source": JobSource.SUBMITTED.value,
        "user": spec.user,
        "command": codec.encode(spec.command).decode(),
        "spec": item.body,
        "bundle": spec.bundle,
        "priority": spec.priority,
        "num_gpus": spec.num_gpus,
        "is_held": spec.held,
        "cpus": spec.cpus,
        "ram_gb": spec.ram_gb,
        "time_limit": spec.time_limit,
    }
