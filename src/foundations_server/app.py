"""Puts the server together: the only place that knows everything."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from foundations_server.archive.blobs import BlobStore, DirectoryBlobs
from foundations_server.archive.logs import JobLogs
from foundations_server.archive.repository import keep_referenced
from foundations_server.archive.routes import ArchiveRoutes
from foundations_server.archive.service import ArchiveService
from foundations_server.archive.shelf import Shelf, Sweeper
from foundations_server.jobs.arrays import ArrayService
from foundations_server.jobs.deleting import Deleter
from foundations_server.jobs.ingesting import Ingester
from foundations_server.jobs.limits import LimitService
from foundations_server.jobs.log_routes import LogRoutes
from foundations_server.jobs.many import ManyJobs
from foundations_server.jobs.many_routes import ManyRoutes
from foundations_server.jobs.projecting import find_figures
from foundations_server.jobs.queue import QueueService
from foundations_server.jobs.queue_routes import QueueRoutes
from foundations_server.jobs.repeating import Repeater
from foundations_server.jobs.repository import find_keys, find_used_bundles
from foundations_server.jobs.routes import JobRoutes
from foundations_server.jobs.service import JobService, require
from foundations_server.jobs.trying import DryRunner
from foundations_server.jobs.viewing import Viewer
from foundations_server.metrics.compaction import Compactor
from foundations_server.metrics.reading import SeriesReader
from foundations_server.metrics.routes import MetricRoutes
from foundations_server.metrics.service import MetricService
from foundations_server.migrations.runner import prepare
from foundations_server.platform import permissions, problems
from foundations_server.platform.clock import Clock, SystemClock
from foundations_server.platform.database import Database, metadata
from foundations_server.platform.hints import HintBus
from foundations_server.platform.lifecycle import Lifecycle
from foundations_server.platform.routing import Application, Routes
from foundations_server.platform.security import Gate
from foundations_server.platform.settings import Settings
from foundations_server.platform.static import StaticRoutes
from foundations_server.platform.system import SystemRoutes
from foundations_server.projects.routes import ProjectRoutes
from foundations_server.projects.service import Figures, ProjectService
from foundations_server.schedules import repository as scheduled
from foundations_server.schedules.firing import Firing
from foundations_server.schedules.routes import ScheduleRoutes
from foundations_server.schedules.service import ScheduleService
from foundations_server.search.routes import SearchRoutes
from foundations_server.search.service import SearchService
from foundations_server.workers.ending import Endings
from foundations_server.workers.fleet import PresentFleet
from foundations_server.workers.inventory import KnownWorkers
from foundations_server.workers.leasing import LeaseService
from foundations_server.workers.presence import Presence
from foundations_server.workers.routes import WorkerRoutes
from foundations_server.workers.service import WorkerService
from foundations_server.workers.waking import Waker


@dataclass(frozen=True)
class Parts:
    """What the features share. Tests pass their own clock or stores."""

    settings: Settings
    database: Database
    clock: Clock
    hints: HintBus
    blob_shelf: Shelf
    bundle_shelf: Shelf
    lifecycle: Lifecycle
    compactor: Compactor
    waker: Waker
    firing: Firing


class Atlas(Application):
    """The application, with its parts for who starts and stops it."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(lifespan=partial(_live, parts))
        self.parts = parts


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    blobs: BlobStore | None = None,
    bundles: BlobStore | None = None,
) -> Atlas:
    """Return the application; nothing is opened before it starts."""
    database, clock = Database(settings.database), clock or SystemClock()
    blobs = blobs or DirectoryBlobs(settings.data / "blobs")
    bundles = bundles or DirectoryBlobs(settings.data / "bundles")
    hints = HintBus()
    parts = Parts(
        settings=settings,
        database=database,
        clock=clock,
        hints=hints,
        blob_shelf=Shelf(database, blobs, clock, keep_referenced),
        bundle_shelf=Shelf(database, bundles, clock, _find_used_bundles),
        lifecycle=Lifecycle(settings, database, partial(prepare, metadata=metadata)),
        compactor=Compactor(database),
        waker=Waker(database, clock, hints),
        firing=Firing(database, clock, hints),
    )
    app = Atlas(parts)
    problems.install(app)
    app.add_middleware(Gate, settings=settings)
    for routes in _list_routes(app, parts):
        app.include(routes)
    permissions.check_all_declared(app.routes)
    return app


def _find_used_bundles(connection: Connection, hashes: Sequence[str]) -> set[str]:
    used = find_used_bundles(connection, hashes)
    return used | scheduled.find_used_bundles(connection, hashes)


def _find_figures(connection: Connection, project_ids: Sequence[int]) -> dict[int, Figures]:
    """Return the figures of projects with jobs, and empty ones of those with schedules only."""
    known = scheduled.find_projects(connection, project_ids)
    return {**{key: Figures() for key in known}, **find_figures(connection, project_ids)}


def _list_routes(app: Atlas, parts: Parts) -> list[Routes]:
    """Return the routes of all features; the pages come last, for they take what is left."""
    database, clock, hints = parts.database, parts.clock, parts.hints
    presence = Presence(clock)
    settings = parts.settings
    logs = JobLogs(settings.data / "logs", limit=settings.log_limit, clock=clock)
    fleet = PresentFleet(presence, clock)
    viewer = Viewer(clock, logs, fleet)
    archive = ArchiveService(database, parts.blob_shelf, hints, require)
    deleter = Deleter(database, clock, hints, archive, parts.bundle_shelf, logs)
    inventory = KnownWorkers()
    jobs = JobService(database, clock, hints, viewer, parts.bundle_shelf, deleter, inventory)
    search = SearchService(database, clock, viewer)
    many = ManyJobs(database, clock, hints, deleter, search.find_keys)
    arrays = ArrayService(database, clock, hints, viewer, jobs, inventory, many)
    health, system = Routes("server", prefix=""), Routes("server")
    projects, of_jobs, metrics = Routes("projects"), Routes("jobs"), Routes("metrics")
    files, workers, schedules = Routes("archive"), Routes("workers"), Routes("schedules")
    pages = Routes("", "", is_documented=False)
    SystemRoutes(clock, hints, app.openapi, lambda: database.trouble).declare(health, system)
    ProjectRoutes(ProjectService(database, _find_figures)).declare(projects)
    SearchRoutes(search).declare(of_jobs)
    ingester = Ingester(database, clock, hints, archive, parts.compactor)
    JobRoutes(jobs, ingester).declare(of_jobs)
    queue = QueueService(database, clock, hints, viewer)
    QueueRoutes(queue, LimitService(database, hints)).declare(of_jobs)
    dry_runner = DryRunner(database, clock, viewer, fleet, inventory)
    ManyRoutes(many, arrays, Repeater(database, jobs), dry_runner).declare(of_jobs)
    LogRoutes(database, logs, hints, clock).declare(of_jobs)
    reader = SeriesReader(database, find_keys)
    MetricRoutes(MetricService(database, require), reader).declare(metrics)
    ArchiveRoutes(archive, parts.bundle_shelf).declare(files)
    leases = LeaseService(database, clock, hints, presence, logs)
    endings = Endings(database, clock, hints, parts.waker)
    service = WorkerService(database, clock, hints, presence, endings)
    WorkerRoutes(service, leases, endings, hints).declare(workers)
    ScheduleRoutes(
        ScheduleService(
            database, clock, hints, parts.bundle_shelf, viewer, jobs, inventory,
            settings.max_schedules,
        )
    ).declare(schedules)  # fmt: skip
    StaticRoutes(settings.static).declare(pages)
    return [health, system, projects, of_jobs, metrics, files, workers, schedules, pages]


@asynccontextmanager
async def _live(parts: Parts, _app: object) -> AsyncIterator[None]:
    await run_in_threadpool(parts.lifecycle.open)
    shelves = (parts.blob_shelf, parts.bundle_shelf)
    for shelf in shelves:
        if isinstance(shelf.store, DirectoryBlobs):
            shelf.store.discard_partial()
    parts.hints.start()
    sweeper = Sweeper(shelves)
    sweeper.start()
    parts.compactor.start()
    parts.waker.start()
    await run_in_threadpool(parts.firing.start)
    try:
        yield
    finally:
        parts.hints.close()
        await run_in_threadpool(parts.firing.close)
        await run_in_threadpool(parts.waker.close)
        await run_in_threadpool(parts.compactor.close)
        await run_in_threadpool(sweeper.close)
        await run_in_threadpool(parts.lifecycle.close)
