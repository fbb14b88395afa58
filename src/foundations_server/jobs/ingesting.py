"""Takes what processes report: each event once, in order, in one transaction per batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.archive.service import ArchiveService
from foundations_server.jobs import labels, repository
from foundations_server.jobs.naming import name_job
from foundations_server.jobs.service import insert_job, require
from foundations_server.metrics import service as metrics
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.projects import service as projects
from foundations_wire import codec
from foundations_wire.archive import Manifest
from foundations_wire.errors import InvalidRequest, OffsetGap
from foundations_wire.events import (
    Archived,
    ArtifactSaved,
    BatchAccepted,
    Dropped,
    Event,
    EventBatch,
    Finished,
    MetricLogged,
    Moved,
    ParamLogged,
    Raised,
    Registered,
    TagSet,
    check_event,
    from_wire,
    read_manifest,
)
from foundations_wire.ids import check_job_id
from foundations_wire.jobs import JobError, JobSource, JobStatus

MAX_PRODUCER = 200


@dataclass
class _Folded:
    """A batch sorted by kind; within a kind the last one of a name wins."""

    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    points: list[MetricLogged] = field(default_factory=list)
    artifacts: dict[str, ArtifactSaved] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    project: str | None = None
    raised: Raised | None = None
    finished: Finished | None = None

    def list_kinds(self) -> list[str]:
        """Return the kinds of hints that tell of it."""
        kinds = {
            "params": self.params, "tags": self.tags, "metrics": self.points,
            "artifacts": self.artifacts or self.manifests,
            "status": self.finished or self.project or self.raised,
        }  # fmt: skip
        return [kind for kind, what in kinds.items() if what]


class Ingester:
    def __init__(
        self, database: Database, clock: Clock, hints: HintBus, archive: ArchiveService
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self._archive = archive

    def accept(self, job_id: str, batch: EventBatch) -> BatchAccepted:
        """Store those events of a batch that are new.

        The first event of an execution-mode job makes the job.
        """
        check_job_id(job_id)
        events = _read(batch)
        kinds: list[str] = []

        def change(connection: Connection) -> tuple[str | None, int]:
            kinds.clear()
            is_new = self._register(connection, job_id, batch, events)
            row = require(connection, job_id)
            following = repository.find_next(connection, job_id, batch.producer)
            _check_gap(job_id, batch, following)
            fresh = _skip(events, following - batch.first)
            if not fresh:
                return None, following
            folded = _fold(fresh)
            self._apply(connection, row, folded)
            following = batch.first + _count(events)
            repository.set_next(connection, job_id, batch.producer, following)
            projects.touch(connection, row.project_id, self._clock.now())
            kinds.extend((["created"] if is_new else []) + folded.list_kinds())
            return folded.project or row.project, following

        project, following = self._database.write(change)
        self._publish(job_id, project, kinds)
        return BatchAccepted(following)

    def _register(
        self, connection: Connection, job_id: str, batch: EventBatch, events: Sequence[Event]
    ) -> bool:
        first = events[0] if events else None
        if not isinstance(first, Registered) or repository.find(connection, job_id) is not None:
            return False
        _check_gap(job_id, batch, 0)
        values = {
            "status": JobStatus.RUNNING.value,
            "source": JobSource.LOCAL.value,
            "user": first.user,
            "command": codec.encode(first.command).decode(),
            "started_at": first.at,
        }
        insert_job(connection, job_id, first.project, first.at, values)
        return True

    def _apply(self, connection: Connection, row: Row[Any], folded: _Folded) -> None:
        if folded.project is not None and folded.project != row.project:
            _move(connection, row, folded.project, self._clock.now())
            row = require(connection, row.id)
        labels.put_params(connection, row, folded.params)
        labels.put_tags(connection, row, folded.tags)
        metrics.append(connection, row, folded.points)
        for event in folded.artifacts.values():
            self._archive.record(connection, row.id, event)
        for manifest in folded.manifests.values():
            self._archive.store_manifest(connection, row.id, manifest)
        _conclude(connection, row, folded)

    def _publish(self, job_id: str, project: str | None, kinds: Sequence[str]) -> None:
        hints = [Hint("job", job_id, kind, project) for kind in kinds]
        if project is not None and {"created", "status", "tags"} & set(kinds):
            hints.append(Hint("project", project, "status", project))
        self._hints.publish(*hints)


def _read(batch: EventBatch) -> list[Event]:
    """Return the checked events; the writing thread has better things to do."""
    if not 1 <= len(batch.producer) <= MAX_PRODUCER or not batch.producer.isprintable():
        raise InvalidRequest("The producer must be 1 to 200 printable characters.")
    if not 0 <= batch.first < 1 << 62:
        raise InvalidRequest(f"'first' must be 0 or more, not {batch.first}.")
    events: list[Event] = []
    for index, data in enumerate(batch.events):
        try:
            event = from_wire(data)
            check_event(event)
        except InvalidRequest as error:
            raise InvalidRequest(f"events[{index}]: {error.message}") from error
        events.append(event)
    return events


def _check_gap(job_id: str, batch: EventBatch, following: int) -> None:
    if batch.first > following:
        raise OffsetGap(
            f"Events {following} to {batch.first - 1} of job `{job_id}` are missing.",
            expected=following,
        )


def _skip(events: list[Event], known: int) -> list[Event]:
    """Return the events after the first `known` numbers; a Dropped of several is alone."""
    return (events[known:] or events) if known < _count(events) else []


def _count(events: Sequence[Event]) -> int:
    """Return how many numbers the events take; a Dropped may stand for several."""
    return sum(event.count if isinstance(event, Dropped) else 1 for event in events)


def _fold(events: Sequence[Event]) -> _Folded:
    folded = _Folded()
    for event in events:
        if isinstance(event, MetricLogged):
            folded.points.append(event)
        elif isinstance(event, ParamLogged):
            folded.params[event.name] = codec.encode(event.value).decode()
        elif isinstance(event, TagSet):
            folded.tags[event.key] = event.value
        elif isinstance(event, ArtifactSaved):
            folded.artifacts[event.key] = event
        elif isinstance(event, Archived):
            folded.manifests[event.area] = read_manifest(event)
        elif isinstance(event, Moved):
            folded.project = event.project
        elif isinstance(event, Raised):
            folded.raised = event
        elif isinstance(event, Finished):
            folded.finished = event
    return folded


def _move(connection: Connection, row: Row[Any], project: str, now: float) -> None:
    project_id, number = projects.take_number(connection, project, now)
    values = {"project_id": project_id, "number": number, "name": name_job(row.id, number)}
    repository.change(connection, row.id, values)
    labels.move(connection, row.key, project_id)
    metrics.move(connection, row.key, project_id)


def _conclude(connection: Connection, row: Row[Any], folded: _Folded) -> None:
    """Keep the exception; end the job unless it has ended or a worker decides that."""
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
        repository.change_status(connection, row.id, JobStatus(finished.status), values)
    elif values:
        repository.change(connection, row.id, values)
