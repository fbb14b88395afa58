from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from foundations_server.jobs.tables import jobs
from foundations_server.projects.tables import projects
from foundations_server.workers.tables import attempts, gpus, workers
from foundations_wire.workers import Device

_LONG = 1_000  # characters of a sentence that is kept

# Attempts with what is needed of their job.
_ATTEMPTS = (
    select(
        attempts,
        jobs.c.spec,
        jobs.c.name.label("job_name"),
        jobs.c.is_stop_wanted,
        projects.c.name.label("project"),
    )
    .join(jobs, attempts.c.job_id == jobs.c.id)
    .join(projects, jobs.c.project_id == projects.c.id)
)
# Those asked most often, made once.
_HOLDING = (
    select(
        attempts.c.worker_id,
        attempts.c.num_gpus,
        attempts.c.cpus,
        attempts.c.ram_gb,
        attempts.c.started_at,
        jobs.c.name.label("job_name"),
        jobs.c.user,
        jobs.c.time_limit,
        projects.c.name.label("project"),
    )
    .join(jobs, attempts.c.job_id == jobs.c.id)
    .join(projects, jobs.c.project_id == projects.c.id)
    .where(attempts.c.ended_at.is_(None))
    .order_by(attempts.c.leased_at)
)
_COUNT_GPUS = (
    select(gpus.c.worker_id, func.count(), func.count().filter(gpus.c.attempt_id.is_(None)))
    .where(gpus.c.is_present, gpus.c.problem.is_(None))
    .group_by(gpus.c.worker_id)
)
_WORKERS = (
    select(workers).where(workers.c.is_removed.is_(False)).order_by(workers.c.name, workers.c.id)
)

_COUNT_ATTEMPTS = select(func.count()).where(attempts.c.job_id == bindparam("job"))
_ADD_ATTEMPT = insert(attempts)
_TAKE_JOB = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"), jobs.c.status == "queued", jobs.c.attempt_id.is_(None))
    .values(
        attempt_id=bindparam("attempt"), worker=bindparam("taker"), reason=None, not_before=None
    )
)
_OPEN = _ATTEMPTS.where(attempts.c.ended_at.is_(None)).order_by(attempts.c.leased_at)
_OPEN_OF_ONE = _OPEN.where(attempts.c.worker_id == bindparam("worker"))


def find_worker(connection: Connection, worker_id: str) -> Row[Any] | None:
    query = select(workers).where(workers.c.id == worker_id, workers.c.is_removed.is_(False))
    return connection.execute(query).first()


def put_worker(connection: Connection, row: dict[str, Any]) -> None:
    result = connection.execute(update(workers).where(workers.c.id == row["id"]).values(row))
    if result.rowcount == 0:
        connection.execute(insert(workers).values(row))


def change_worker(connection: Connection, worker_id: str, values: dict[str, Any]) -> None:
    connection.execute(update(workers).where(workers.c.id == worker_id).values(values))


def list_workers(connection: Connection) -> Sequence[Row[Any]]:
    return connection.execute(_WORKERS).all()


def put_gpus(connection: Connection, worker_id: str, devices: Sequence[Device]) -> None:
    """Bring the rows of a worker's GPUs up to date; those that it lacks now stay, absent."""
    own = gpus.c.worker_id == worker_id
    connection.execute(update(gpus).where(own).values(is_present=False))
    for position, device in enumerate(devices):
        values = {
            "position": position, "name": device.name, "memory_bytes": device.memory_bytes,
            "is_present": True,
        }  # fmt: skip
        known = update(gpus).where(own, gpus.c.id == device.id).values(values)
        if connection.execute(known).rowcount == 0:
            row = {"worker_id": worker_id, "id": device.id, **values}
            connection.execute(insert(gpus).values(row))


def list_gpus(connection: Connection, worker_id: str | None = None) -> Sequence[Row[Any]]:
    """Return the GPUs of one worker or of all, with the job that holds each, in order.

    One that the worker lacks now is among them for as long as an attempt holds it.
    """
    query = (
        select(gpus, attempts.c.job_id)
        .outerjoin(attempts, gpus.c.attempt_id == attempts.c.id)
        .where(or_(gpus.c.is_present, gpus.c.attempt_id.is_not(None)))
        .order_by(gpus.c.worker_id, gpus.c.position)
    )
    if worker_id is not None:
        query = query.where(gpus.c.worker_id == worker_id)
    return connection.execute(query).all()


def remove_worker(connection: Connection, worker_id: str) -> None:
    """Forget a worker that holds nothing, until it says hello again."""
    connection.execute(delete(gpus).where(gpus.c.worker_id == worker_id))
    change_worker(connection, worker_id, {"is_removed": True, "is_gone": True})


def count_gpus(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return how many GPUs may be used, and how many of them are free, by worker."""
    return {row[0]: (row[1], row[2]) for row in connection.execute(_COUNT_GPUS)}


def find_free_gpus(connection: Connection, worker_id: str, number: int) -> list[str]:
    """Return the ids of at most so many free GPUs, those in front first."""
    query = (
        select(gpus.c.id)
        .where(
            gpus.c.worker_id == worker_id,
            gpus.c.attempt_id.is_(None),
            gpus.c.problem.is_(None),
            gpus.c.is_present,
        )
        .order_by(gpus.c.position, gpus.c.id)
        .limit(number)
    )
    return list(connection.execute(query).scalars())


def take_gpus(
    connection: Connection, attempt_id: str, worker_id: str, gpu_ids: Sequence[str]
) -> bool:
    """Give free GPUs to an attempt; False when one of them is not free."""
    query = update(gpus).where(
        gpus.c.worker_id == worker_id, gpus.c.id.in_(gpu_ids), gpus.c.attempt_id.is_(None)
    )
    return connection.execute(query.values(attempt_id=attempt_id)).rowcount == len(gpu_ids)


def mark_gpus(
    connection: Connection, worker_id: str, sick: Mapping[str, str], well: Iterable[str]
) -> None:
    """Quarantine GPUs of a worker, free or held, for a reason; clear those that are well."""
    own = update(gpus).where(gpus.c.worker_id == worker_id)
    for gpu_id in well:
        connection.execute(own.where(gpus.c.id == gpu_id).values(problem=None))
    for gpu_id, problem in sick.items():
        known = own.where(gpus.c.id == gpu_id)
        connection.execute(known.values(problem=problem[:_LONG] or "its probe failed"))


def free_gpus(
    connection: Connection, attempt_id: str, worker_id: str, sick: Mapping[str, str]
) -> None:
    """Free what an attempt held; the sick ones among a worker's GPUs are quarantined."""
    held = update(gpus).where(gpus.c.attempt_id == attempt_id)
    connection.execute(held.values(attempt_id=None))
    mark_gpus(connection, worker_id, sick, ())


def list_open(connection: Connection, worker_id: str | None = None) -> Sequence[Row[Any]]:
    """Return the attempts that have not ended, of one worker or of all, oldest first."""
    if worker_id is None:
        return connection.execute(_OPEN).all()
    return connection.execute(_OPEN_OF_ONE, {"worker": worker_id}).all()


def list_holding(connection: Connection) -> Sequence[Row[Any]]:
    """Return what the open attempts of all workers hold, oldest first."""
    return list(connection.execute(_HOLDING))


def list_attempts(connection: Connection, attempt_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Return id, number, GPUs and end of some attempts."""
    columns = (attempts.c.id, attempts.c.number, attempts.c.gpus, attempts.c.ended_at)
    query = select(*columns).where(attempts.c.id.in_(list(attempt_ids)))
    return list(connection.execute(query))


def find_attempt(connection: Connection, attempt_id: str) -> Row[Any] | None:
    return connection.execute(_ATTEMPTS.where(attempts.c.id == attempt_id)).first()


def find_workers_of(connection: Connection, attempt_ids: Iterable[str]) -> Sequence[Row[Any]]:
    """Return attempt id, worker id, its name and seen_at for some attempts."""
    query = (
        select(attempts.c.id, attempts.c.worker_id, workers.c.name, workers.c.seen_at)
        .join(workers)
        .where(attempts.c.id.in_(list(attempt_ids)))
    )
    return list(connection.execute(query))


def count_attempts(connection: Connection, job_id: str) -> int:
    return connection.execute(_COUNT_ATTEMPTS, {"job": job_id}).scalar_one()


def take_job(connection: Connection, job_id: str, attempt_id: str, worker: str) -> bool:
    """Note that a waiting job has an attempt; False when it does not wait any more."""
    values = {"job": job_id, "attempt": attempt_id, "taker": worker}
    return connection.execute(_TAKE_JOB, values).rowcount == 1


def add_attempt(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(_ADD_ATTEMPT, row)


def change_attempt(connection: Connection, attempt_id: str, values: dict[str, Any]) -> None:
    connection.execute(update(attempts).where(attempts.c.id == attempt_id).values(values))
