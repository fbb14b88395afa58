"""Takes what processes report: each event once, in order, in one transaction per batch."""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row
from starlette.concurrency import run_in_threadpool

from foundations_server.archive.service import ArchiveService
from foundations_server.jobs import dependencies, labels, repository
from foundations_server.jobs.adding import insert_jobs
from foundations_server.jobs.dependencies import Changed
from foundations_server.jobs.incoming import Incoming, read_columns, read_json
from foundations_server.jobs.naming import name_job
from foundations_server.jobs.service import require
from foundations_server.metrics import service as metrics
from foundations_server.metrics.compaction import Compactor
from foundations_server.metrics.summaries import Part
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.projects import service as projects
from foundations_wire import codec
from foundations_wire.archive import Manifest
from foundations_wire.errors import OffsetGap, UnknownJob
from foundations_wire.events import (
    Archived,
    ArtifactSaved,
    BatchAccepted,
    EventBatch,
    Finished,
    Moved,
    ParamLogged,
    Raised,
    Registered,
    TagSet,
    Thinned,
    read_manifest,
)
from foundations_wire.ids import check_job_id
from foundations_wire.jobs import JobError, JobSource, JobStatus

_COLUMN_BYTES = 1 << 18  # of a body that is read on the event loop itself
_TOUCH_SECONDS = 1.0  # how exactly a project knows when points came in


@dataclass
class _Folded:
    """A batch sorted by kind; within a kind the last one of a name wins."""

    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    thinned: dict[str, int] = field(default_factory=dict)
    artifacts: dict[str, ArtifactSaved] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    project: str | None = None
    raised: Raised | None = None
    finished: Finished | None = None

    def list_kinds(self) -> list[str]:
        """Return the kinds of hints that tell of it."""
        kinds = {
            "params": self.params, "tags": self.tags, "metrics": self.thinned,
            "artifacts": self.artifacts or self.manifests,
            "status": self.finished or self.project or self.raised,
        }  # fmt: skip
        return [kind for kind, what in kinds.items() if what]


@dataclass(frozen=True)
class _Accepted:
    next: int
    project: str | None = None
    kinds: Sequence[str] = ()
    series: Sequence[int] = ()  # that grew
    ended: Sequence[Changed] = ()  # this job and others, by its end


class Ingester:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        hints: HintBus,
        archive: ArchiveService,
        compactor: Compactor,
    ) -> None:
        self._database = database
        self._compactor = compactor
        self._clock = clock
        self._hints = hints
        self._archive = archive
        self._touched: dict[int, float] = {}  # by project id; of the writing thread

    async def accept_columns(self, job_id: str, body: bytes) -> BatchAccepted:
        """Store those events of a batch in columns that are new; answer once they are safe.

        To hand a small batch to a thread and back takes longer than to read it.
        """
        check_job_id(job_id)
        if len(body) <= _COLUMN_BYTES:
            change = self._prepare(job_id, read_columns(body))
        else:
            change = await run_in_threadpool(lambda: self._prepare(job_id, read_columns(body)))
        return self._finish(job_id, await wrap_future(self._database.ask(change)))

    def accept(self, job_id: str, batch: EventBatch) -> BatchAccepted:
        """Store those events of a batch that are new.

        The first event of an execution-mode job makes the job.
        """
        check_job_id(job_id)
        change = self._prepare(job_id, read_json(batch))
        return self._finish(job_id, self._database.write(change))

    def _prepare(self, job_id: str, batch: Incoming) -> Callable[[Connection], _Accepted]:
        """Return the change that stores a batch, with all done that needs no database."""
        folded, parts = _fold(batch), batch.pack()

        def change(connection: Connection) -> _Accepted:
            row = repository.find_reporting(connection, job_id, batch.producer)
            is_new = row is None
            if row is None:
                self._register(connection, job_id, batch)
                row = repository.find_reporting(connection, job_id, batch.producer)
            if row is None:
                raise UnknownJob(f"Job `{job_id}` does not exist")
            known = (row.next or 0) - batch.first
            _check_gap(job_id, batch, row.next or 0)
            if known >= batch.count:
                return _Accepted(row.next or 0)
            if known > 0:
                rest = batch.skip(known)
                stored = self._apply(connection, row, _fold(rest), rest.pack())
            else:
                stored = self._apply(connection, row, folded, parts)
            repository.set_next(connection, job_id, batch.producer, batch.next)
            kinds = ["created", *stored.kinds] if is_new else stored.kinds
            project = folded.project or row.project
            return replace(stored, next=batch.next, project=project, kinds=kinds)

        return change

    def _register(self, connection: Connection, job_id: str, batch: Incoming) -> None:
        """Make the job of a batch that begins with its registration."""
        first = batch.events[0][1] if batch.events and batch.events[0][0] == 0 else None
        if not isinstance(first, Registered):
            return
        _check_gap(job_id, batch, 0)
        row = {
            "id": job_id,
            "status": JobStatus.RUNNING.value,
            "source": JobSource.LOCAL.value,
            "user": first.user,
            "command": codec.encode(first.command).decode(),
            "started_at": first.at,
        }
        insert_jobs(connection, first.project, first.at, [row])

    def _apply(
        self, connection: Connection, row: Row[Any], folded: _Folded, parts: Mapping[str, Part]
    ) -> _Accepted:
        """Store what a batch says; return what follows from it."""
        if folded.project is not None and folded.project != row.project:
            _move(connection, row, folded.project, self._clock.now())
            row = require(connection, row.id)
        series = metrics.append(connection, row, parts)
        kinds = folded.list_kinds()
        ended = self._apply_events(connection, row, folded) if kinds else []
        if parts and "metrics" not in kinds:
            kinds.append("metrics")
        self._touch(connection, row.project_id, at_once=bool(folded.list_kinds()))
        return _Accepted(0, None, kinds, series, ended)

    def _apply_events(
        self, connection: Connection, row: Row[Any], folded: _Folded
    ) -> list[Changed]:
        labels.put_params(connection, row, folded.params)
        labels.put_tags(connection, row, folded.tags)
        metrics.count_dropped(connection, row.key, folded.thinned)
        for event in folded.artifacts.values():
            self._archive.record(connection, row.id, event)
        for manifest in folded.manifests.values():
            self._archive.store_manifest(connection, row.id, manifest)
        return _conclude(connection, row, folded)

    def _touch(self, connection: Connection, project_id: int, *, at_once: bool) -> None:
        """Note that the project changed; not for every batch of points."""
        now = self._clock.now()
        if at_once or not 0 <= now - self._touched.get(project_id, -1.0) < _TOUCH_SECONDS:
            projects.touch(connection, project_id, now)
            self._touched[project_id] = now

    def _finish(self, job_id: str, accepted: _Accepted) -> BatchAccepted:
        self._compactor.note(accepted.series)
        if accepted.kinds:
            self._publish(job_id, accepted.project, accepted.kinds)
        if len(accepted.ended) > 1:
            self._hints.publish(*dependencies.hint(accepted.ended))
        return BatchAccepted(accepted.next)

    def _publish(self, job_id: str, project: str | None, kinds: Sequence[str]) -> None:
        hints = [Hint("job", job_id, kind, project) for kind in kinds]
        if project is not None and {"created", "status", "tags"} & set(kinds):
            hints.append(Hint("project", project, "status", project))
        self._hints.publish(*hints)


def _check_gap(job_id: str, batch: Incoming, following: int) -> None:
    if batch.first > following:
        raise OffsetGap(
            f"Events {following} to {batch.first - 1} of job `{job_id}` are missing.",
            expected=following,
        )


def _fold(batch: Incoming) -> _Folded:
    folded = _Folded()
    for _, event in batch.events:
        if isinstance(event, ParamLogged):
            folded.params[event.name] = codec.encode(event.value).decode()
        elif isinstance(event, TagSet):
            folded.tags[event.key] = event.value
        elif isinstance(event, ArtifactSaved):
            folded.artifacts[event.key] = event
        elif isinstance(event, Archived):
            folded.manifests[event.area] = read_manifest(event)
        elif isinstance(event, Thinned):
            folded.thinned[event.name] = folded.thinned.get(event.name, 0) + event.count
        elif isinstance(event, Moved):
            folded.project = event.project
        elif isinstance(event, Raised):
            folded.raised = event
        elif isinstance(event, Finished):
            folded.finished = event
    return folded


def _move(connection: Connection, row: Row[Any], project: str, now: float) -> None:
    project_id, number = projects.take_numbers(connection, project, 1, now)
    values = {"project_id": project_id, "number": number, "name": name_job(row.id, number)}
    repository.change(connection, row.id, values)
    labels.move(connection, row.key, project_id)
    metrics.move(connection, row.key, project_id)


def _conclude(connection: Connection, row: Row[Any], folded: _Folded) -> list[Changed]:
    """Keep the exception; end the job unless it has ended or a worker decides that.

    Return it and those that waited for its end.
    """
    values: dict[str, Any] = {}
    if folded.raised is not None:
        raised = folded.raised
        error = JobError(raised.type, raised.message, raised.traceback)
        values["error"] = codec.encode(error).decode()
    is_open = row.status == JobStatus.RUNNING.value and row.source == JobSource.LOCAL.value
    if folded.finished is not None and is_open:
        finished = folded.finished
        values |= {
            "reason": finished.reason, "exit_code": finished.exit_code, "ended_at": finished.at,
        }  # fmt: skip
        return dependencies.conclude(connection, row.id, JobStatus(finished.status), values)
    if values:
        repository.change(connection, row.id, values)
    return []
