"""Jobs made from the specs of others."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from foundations_server.jobs import repository
from foundations_server.jobs.service import JobService
from foundations_server.platform.database import Database
from foundations_wire import codec
from foundations_wire.errors import Conflict
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec, JobView
from foundations_wire.many import Rerun

_MERGED = ("params", "environment")
_NOT_REPEATED = ("after", "held")


class Repeater:
    def __init__(self, database: Database, jobs: JobService) -> None:
        self._database = database
        self._jobs = jobs

    def get_spec(self, job_id: str) -> JobSpec:
        """Return what a job was submitted with.

        Raises:
            Conflict: it ran outside of the workers and was never submitted.
        """
        with self._database.read() as connection:
            return codec.build(JobSpec, _read_spec(connection, job_id))

    def rerun(self, job_id: str, body: dict[str, Any]) -> tuple[JobView, bool]:
        """Queue a job like another one, but for what the body (see Rerun) says.

        Return it and whether it is new: the same body with an id is the same job again.
        """
        codec.build(Rerun, {key: value for key, value in body.items() if value is not None})
        with self._database.read() as connection:
            spec = _read_spec(connection, job_id)
        kept = {key: value for key, value in spec.items() if key not in _NOT_REPEATED}
        changes = {key: value for key, value in body.items() if key != "id"}
        for name in _MERGED:
            changes[name] = {**kept.get(name, {}), **(changes.get(name) or {})}
        wanted = {key: value for key, value in {**kept, **changes}.items() if value is not None}
        return self._jobs.submit(body.get("id") or new_id(), codec.build(JobSpec, wanted))


def _read_spec(connection: Connection, job_id: str) -> dict[str, Any]:
    row = repository.require(connection, job_id)
    if row.spec is None:
        raise Conflict(
            f"Job `{job_id}` ran where it was started and its code was not sent; use "
            f"`foundations submit` in its folder to have a worker run it."
        )
    spec: dict[str, Any] = codec.decode(row.spec)
    return spec
