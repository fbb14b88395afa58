"""The services behind the routes, on a real database, for tests that make thousands of calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from foundations_server.archive.blobs import DirectoryBlobs
from foundations_server.archive.logs import JobLogs
from foundations_server.archive.repository import keep_referenced
from foundations_server.archive.service import ArchiveService
from foundations_server.archive.shelf import Shelf
from foundations_server.jobs.deleting import Deleter
from foundations_server.jobs.queue import QueueService
from foundations_server.jobs.repository import find_used_bundles, require
from foundations_server.jobs.service import JobService
from foundations_server.jobs.viewing import Viewer
from foundations_server.migrations.runner import prepare
from foundations_server.platform.clock import FakeClock
from foundations_server.platform.database import Database, metadata
from foundations_server.platform.hints import HintBus
from foundations_server.workers.ending import Endings
from foundations_server.workers.fleet import PresentFleet
from foundations_server.workers.inventory import KnownWorkers
from foundations_server.workers.leasing import LeaseService
from foundations_server.workers.presence import Presence
from foundations_server.workers.service import WorkerService
from foundations_server.workers.waking import Waker


@dataclass(frozen=True)
class Plant:
    database: Database
    clock: FakeClock
    presence: Presence
    jobs: JobService
    queue: QueueService
    leases: LeaseService
    endings: Endings
    workers: WorkerService

    def ask(self, query: str, **values: Any) -> list[Any]:
        """Return the rows of a query in SQL."""
        with self.database.read() as connection:
            return list(connection.execute(text(query), values))

    def empty(self) -> None:
        """Remove every row of every feature."""

        def change(connection: Any) -> None:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())

        self.database.write(change)


@contextmanager
def running_plant(home: Path) -> Iterator[Plant]:
    """Lend services with a data folder of their own and a clock that stands still."""
    home.mkdir(parents=True, exist_ok=True)
    database, clock, hints = Database(home / "atlas.db"), FakeClock(), HintBus()
    database.open(partial(prepare, metadata=metadata))
    try:
        yield _build(home, database, clock, hints)
    finally:
        database.close()


def _build(home: Path, database: Database, clock: FakeClock, hints: HintBus) -> Plant:
    presence, logs = Presence(clock), JobLogs(home / "logs")
    viewer = Viewer(clock, logs, PresentFleet(presence, clock))
    blobs = Shelf(database, DirectoryBlobs(home / "blobs"), clock, keep_referenced)
    bundles = Shelf(database, DirectoryBlobs(home / "bundles"), clock, find_used_bundles)
    archive = ArchiveService(database, blobs, hints, require)
    deleter = Deleter(database, clock, hints, archive, bundles, logs)
    endings = Endings(database, clock, hints, Waker(database, clock, hints))
    return Plant(
        database=database,
        clock=clock,
        presence=presence,
        jobs=JobService(database, clock, hints, viewer, bundles, deleter, KnownWorkers()),
        queue=QueueService(database, clock, hints, viewer),
        leases=LeaseService(database, clock, hints, presence, logs),
        endings=endings,
        workers=WorkerService(database, clock, hints, presence, endings),
    )
