"""From journals to the server: of this process while it lives, of dead ones by `drain`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Optional

from foundations_client.client import Client
from foundations_client.journal import (
    BLOBS_FOLDER,
    EVENTS_FILE,
    OUTPUT_FILE,
    FileJournal,
    Journal,
    Progress,
    read_first_event,
)
from foundations_client.output import ship_output
from foundations_client.refusals import REFUSED_FILE, Refusals
from foundations_client.snapshots import find_missing
from foundations_client.staging import Staging
from foundations_wire.errors import (
    AtlasError,
    InvalidRequest,
    OffsetGap,
    StorageFull,
    TooLarge,
    Unavailable,
    UnknownBlob,
    UnknownJob,
    VersionMismatch,
)
from foundations_wire.events import EventBatch, Finished

_MOST_EVENTS = 1000  # in one batch
# The server read the events and will never take one of them.
_REFUSALS = (InvalidRequest, TooLarge, UnknownBlob)
KILLED = "the process ended without reporting (killed?)"


class JobGone(UnknownJob):
    """The server has deleted the job, of which it had taken earlier events."""


class Shipper:
    """Carries one producer's events, staged contents and output; repeating is harmless.

    An event that the server refuses is handed to the refusals and the rest goes on.

    **Thread safety**: one thread at a time.
    """

    def __init__(
        self,
        client: Client,
        job_id: str,
        producer: str,
        journal: Journal,
        staging: Staging,
        output: Optional[Path] = None,
        refusals: Optional[Refusals] = None,
    ) -> None:
        """Take what to carry; nothing is sent yet. Without `output` there is no log."""
        self._refusals = refusals or Refusals()
        self._most_events = _MOST_EVENTS
        self.job_id = job_id
        self._client = client
        self._producer = producer
        self._journal = journal
        self._staging = staging
        self._output = output
        self._may_rewind = True

    def ship(self) -> bool:
        """Send one batch and the output since; return whether all has arrived.

        Raises:
            JobGone: it was deleted; nothing more will be taken.
            AtlasError: the server refused or cannot be reached; call again later.
        """
        first = self._journal.progress.events
        events = self._cut(self._journal.read(first, limit=self._most_events))
        if events and events[0]["event"] == "finished":
            self._ship_output()  # the log is complete when the job ends
        if events:
            self._send_or_refuse(first, events)
        self._ship_output()
        return self._journal.progress.events >= self._journal.count

    def _cut(self, events: list[Any]) -> list[Any]:
        """Stop before an event that must wait for something slow, unless it is the first."""
        for number, event in enumerate(events):
            is_slow = event["event"] == "finished" or any(map(self._staging.holds, _named(event)))
            if is_slow:
                return events[: max(number, 1)]
        return events

    def _send_or_refuse(self, first: int, events: list[Any]) -> None:
        """Send the batch; of one that is refused send less, until the culprit is alone."""
        try:
            self._send(first, events)
        except _REFUSALS as error:
            if len(events) > 1:
                self._most_events = len(events) // 2
                return
            if events[0]["event"] == "registered":
                raise  # without it there is no job
            self._send(first, [self._refusals.take(events[0], error)])
        else:
            self._most_events = min(self._most_events * 2, _MOST_EVENTS)

    def _send(self, first: int, events: list[Any]) -> None:
        named = [sha256 for event in events for sha256 in _named(event)]
        staged = [sha256 for sha256 in dict.fromkeys(named) if self._staging.holds(sha256)]
        self._upload(staged)
        batch = EventBatch(self._producer, first, events)
        try:
            accepted = self._client.jobs.send_events(self.job_id, batch)
        except OffsetGap as gap:
            self._rewind(int(gap.details.get("expected", 0)), gap)
            return
        except UnknownJob as unknown:
            self._check_owned(first, unknown)
            self._rewind(0, unknown)
            return
        self._move(events=max(accepted.next, first + len(events)))
        for sha256 in staged:
            self._staging.remove(sha256)

    def _check_owned(self, first: int, unknown: UnknownJob) -> None:
        """Only the process that is the job can make it known again."""
        if first > 0 and self._journal.read(0, limit=1)[0]["event"] != "registered":
            raise JobGone(
                f"Job `{self.job_id}` is no longer on the server; what its process logged "
                f"since is given up."
            ) from unknown

    def _rewind(self, expected: int, error: AtlasError) -> None:
        """Begin again where a server that lost its latest data, or another one, wants it."""
        if not self._may_rewind or expected >= self._journal.progress.events:
            raise error
        self._may_rewind = False
        self._journal.save(Progress(expected, 0 if expected == 0 else self._sent_output()))

    def _upload(self, staged: list[str]) -> None:
        for sha256 in find_missing(self._client, staged) if staged else []:
            file = self._staging.open(sha256)
            if file is None:
                continue
            with file:
                size = file.seek(0, 2)
                file.seek(0)
                self._client.archive.put_blob(sha256, file, size)

    def _ship_output(self) -> None:
        if self._output is None or self._journal.progress.events == 0:
            return
        sent = self._sent_output()
        now = ship_output(self._client, self.job_id, self._output, sent)
        if now != sent:
            self._move(output=now)

    def _sent_output(self) -> int:
        return self._journal.progress.output

    def _move(self, *, events: Optional[int] = None, output: Optional[int] = None) -> None:
        now = self._journal.progress
        self._journal.save(
            Progress(
                now.events if events is None else events,
                now.output if output is None else output,
            )
        )


def _named(event: dict[str, Any]) -> list[str]:
    """Return the contents that must be on the server before the event."""
    if event["event"] == "artifact":
        return [event["sha256"]]
    if event["event"] == "archive":
        return [file["sha256"] for file in event["files"]]
    return []


@dataclass
class DrainReport:
    """`shipped`: jobs brought in entirely; `live`: those whose processes still run.

    `problems`: what could not be shipped, one sentence each; it stays where it is.
    `refused`: the files that hold single events which the server will never take.
    """

    shipped: list[str] = field(default_factory=list)
    live: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    events: int = 0


def drain(
    root: Path,
    client: Client,
    *,
    job_id: Optional[str] = None,
    now: Callable[[], float] = time.time,
) -> DrainReport:
    """Ship what dead producers left under a journal root, and remove what has arrived.

    A job whose own process died without a word becomes failed. Journals of live processes
    are left to them. With `job_id` only that job's are looked at. Several drains may run at
    once: a lock lets each journal be shipped by one.

    Raises:
        Unavailable: the server cannot be reached or cannot answer now.
        StorageFull: its disk is full.
        VersionMismatch: it speaks another protocol.
    """
    report = DrainReport()
    for folder in _folders(root):
        if job_id is None or folder.name == job_id:
            _drain_job(folder, client, report, now)
    return report


def _folders(parent: Path) -> list[Path]:
    try:
        return sorted(
            path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")
        )
    except OSError:  # none was ever made, or the last one has just gone
        return []


@dataclass(frozen=True)
class _Left:
    """A dead producer's journal, now locked by us."""

    folder: Path
    journal: FileJournal
    is_owner: bool
    is_finished: bool


def _drain_job(
    folder: Path, client: Client, report: DrainReport, now: Callable[[], float]
) -> None:
    left: list[_Left] = []
    live: list[Path] = []
    problems_before = len(report.problems)
    try:
        for producer in _folders(folder):
            _collect(producer, left, live, report)
        left.sort(key=lambda item: not item.is_owner)  # the job must exist first
        if not any(map(_may_own, live)):
            _finish_killed(left, at=now())
        for item in left:
            _drain_one(folder.name, item, client, report)
    finally:
        for item in left:
            item.journal.close()
    if live:
        report.live.append(folder.name)
    elif left and len(report.problems) == problems_before:
        report.shipped.append(folder.name)


def _collect(folder: Path, left: list[_Left], live: list[Path], report: DrainReport) -> None:
    """Add a producer's folder to `live`, or its journal to `left` if its process is dead."""
    if (folder / REFUSED_FILE).exists():
        report.refused.append(str(folder / REFUSED_FILE))
    try:
        journal = FileJournal.take_over(folder)
    except FileNotFoundError:
        return  # another drain has just removed it, or only what was refused is left
    except OSError as error:
        report.problems.append(f"{folder / EVENTS_FILE} cannot be read: {error}")
        return
    if journal is None:
        live.append(folder)
        return
    first = journal.read(0, limit=1)
    last = journal.read(journal.count - 1, limit=1) if first else []
    is_owner = bool(first) and first[0]["event"] == "registered"
    is_finished = bool(last) and last[0]["event"] == "finished"
    left.append(_Left(folder, journal, is_owner, is_finished))


def _may_own(folder: Path) -> bool:
    """Whether a live process is the job itself, or has not yet said what it is."""
    try:
        first = read_first_event(folder)
    except OSError:
        return False
    return first is None or first["event"] == "registered"


def _finish_killed(left: list[_Left], *, at: float) -> None:
    """Say for a job whose own process vanished that it failed.

    A program that replaced itself (exec) went on under a new producer, so one finished
    owner is enough for the job not to have been killed.
    """
    owners = [item for item in left if item.is_owner]
    if owners and not any(item.is_finished for item in owners):
        owners[-1].journal.append(Finished(at, "failed", KILLED))


def _drain_one(job_id: str, item: _Left, client: Client, report: DrainReport) -> None:
    journal = item.journal
    before = journal.progress.events
    told: list[str] = []
    staging = Staging(item.folder / BLOBS_FOLDER)
    refusals = Refusals(item.folder / REFUSED_FILE, told.append)
    shipper = Shipper(
        client, job_id, item.folder.name, journal, staging, item.folder / OUTPUT_FILE, refusals
    )
    try:
        while not shipper.ship():
            pass
    except (StorageFull, Unavailable, VersionMismatch):
        raise
    except JobGone as error:
        journal.set_aside()
        report.problems.append(f"{error.message} It is kept in {item.folder}.")
        return
    except AtlasError as error:
        report.problems.append(f"Job {job_id} is kept in {item.folder}: {error.message}")
        return
    if told and str(refusals.path) not in report.refused:
        report.refused.append(str(refusals.path))
    report.events += max(journal.count - before, 0)
    journal.remove()
