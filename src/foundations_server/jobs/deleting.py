"""Deletes jobs with all that is theirs, in the database and on the disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.archive.logs import JobLogs
from foundations_server.archive.service import ArchiveService, list_hashes
from foundations_server.archive.shelf import Shelf
from foundations_server.jobs import repository
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.projects import service as projects
from foundations_wire.errors import AtlasError, WrongStatus
from foundations_wire.jobs import JobStatus


class Deleter:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        hints: HintBus,
        archive: ArchiveService,
        bundles: Shelf,
        logs: JobLogs,
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._archive = archive
        self._bundles = bundles
        self._logs = logs

    def delete(self, job_ids: Sequence[str]) -> dict[str, AtlasError]:
        """Remove final jobs and everything that only they refer to, in one transaction.

        Return those that cannot be removed, with the reason.
        """

        def change(connection: Connection) -> tuple[list[Row[Any]], set[str]]:
            rows: list[Row[Any]] = []
            hashes: set[str] = set()
            for job_id in dict.fromkeys(job_ids):
                try:
                    row = _require_final(connection, job_id)
                except AtlasError as error:
                    refused[job_id] = error
                    continue
                hashes |= list_hashes(connection, job_id)
                repository.remove(connection, job_id)
                projects.touch(connection, row.project_id, self._clock.now())
                rows.append(row)
            return rows, hashes

        refused: dict[str, AtlasError] = {}
        rows, hashes = self._database.write(change)
        for row in rows:
            self._logs.delete(row.id)
        self._archive.collect(hashes)
        self._bundles.collect({row.bundle for row in rows if row.bundle})
        self._publish(rows)
        return refused

    def _publish(self, rows: Sequence[Row[Any]]) -> None:
        names = dict.fromkeys(row.project for row in rows)
        self._hints.publish(
            *(Hint("job", row.id, "deleted", row.project) for row in rows),
            *(Hint("project", name, "deleted", name) for name in names),
        )


def _require_final(connection: Connection, job_id: str) -> Row[Any]:
    row = repository.require(connection, job_id)
    if not JobStatus(row.status).is_final:
        raise WrongStatus(f"Job `{job_id}` has status `{row.status}` and cannot be deleted")
    return row
