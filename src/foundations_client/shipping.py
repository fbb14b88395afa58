"""From journals to the server: of this process while it lives, of dead ones by `drain`."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Optional

from foundations_client.inlet import Inlet, find_missing
from foundations_client.journal.folders import (
    BLOBS_FOLDER,
    OUTPUT_FILE,
    REFUSED_FILE,
    list_folders,
)
from foundations_client.journal.interface import MOST_EVENTS, Progress, is_hole, span
from foundations_client.journal.left import LeftJournal, Shippable, read_first_event, take_over
from foundations_client.output import ship_output
from foundations_client.refusals import JobGone, Refusals
from foundations_client.staging import Staging
from foundations_wire.batches import Batch, from_events, iterate
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
from foundations_wire.events import Finished

# The server read the events and will never take one of them.
_REFUSALS = (InvalidRequest, TooLarge, UnknownBlob)
_LITTLE_OUTPUT_BYTES = 1 << 16  # what events need not wait for
KILLED = "the process ended without reporting (killed?)"


class Shipper:
    """Carries one producer's events, staged contents and output; repeating is harmless.

    An event that the server refuses is handed to the refusals and the rest goes on.

    **Thread safety**: one thread at a time.
    """

    def __init__(
        self,
        client: Inlet,
        job_id: str,
        producer: str,
        journal: Shippable,
        staging: Staging,
        output: Optional[Path] = None,
        refusals: Optional[Refusals] = None,
    ) -> None:
        """Take what to carry; nothing is sent yet. Without `output` there is no log."""
        self._refusals = refusals or Refusals()
        self._most_events = MOST_EVENTS
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
        batch = self._read()
        if batch.count:
            if _holds_end(batch):
                self._ship_output()  # the log is complete when the job ends
            self._send_or_refuse(batch)
        self._ship_output()
        return self._journal.progress.events >= self._journal.count

    def _read(self) -> Batch:
        """Return what comes next, up to an event that must wait for something slow."""
        first = self._journal.progress.events
        batch = self._journal.read(first, limit=self._most_events)
        stop = self._find_slow(batch)
        if stop is not None:
            batch = self._journal.read(first, limit=stop)
        return replace(batch, producer=self._producer)

    def _find_slow(self, batch: Batch) -> Optional[int]:
        """Return the place of an event that needs more than the first of the batch."""
        uploads: set[str] = set()
        for place, event in batch.events:
            staged = {sha256 for sha256 in _named(event) if self._staging.holds(sha256)}
            is_end = event["event"] == "finished" and self._has_much_output()
            if place == 0:
                uploads = staged
            elif is_end or not staged <= uploads:
                return place
        return None

    def _has_much_output(self) -> bool:
        """Whether sending the output takes long, or is not possible yet."""
        if self._output is None:
            return False
        try:
            left = self._output.stat().st_size - self._sent_output()
        except OSError:
            return False
        return left > _LITTLE_OUTPUT_BYTES or (left > 0 and self._journal.progress.events == 0)

    def _send_or_refuse(self, batch: Batch) -> None:
        """Send the batch; of one that is refused send less, until the culprit is alone."""
        if is_hole(batch):
            self._refusals.tell_lost(batch.first, span(batch))
        try:
            self._send(batch)
        except _REFUSALS as error:
            if batch.count > 1:
                self._most_events = batch.count // 2
                return
            (event,) = iterate(batch)
            if event["event"] == "registered":
                raise  # without it there is no job
            instead = self._refusals.take(event, error)
            self._send(from_events(self._producer, batch.first, [instead]))
        else:
            self._most_events = min(self._most_events * 2, MOST_EVENTS)

    def _send(self, batch: Batch) -> None:
        named = [sha256 for _, event in batch.events for sha256 in _named(event)]
        staged = [sha256 for sha256 in dict.fromkeys(named) if self._staging.holds(sha256)]
        self._upload(staged)
        try:
            accepted = self._client.jobs.send_batch(self.job_id, batch)
        except OffsetGap as gap:
            self._rewind(int(gap.details.get("expected", 0)), gap)
            return
        except UnknownJob as unknown:
            self._check_owned(batch.first, unknown)
            self._rewind(0, unknown)
            return
        self._may_rewind = True
        self._move(events=max(accepted.next, batch.first + span(batch)))
        for sha256 in staged:
            self._staging.remove(sha256)

    def _check_owned(self, first: int, unknown: UnknownJob) -> None:
        """Only the process that is the job can make it known again."""
        if first > 0 and not _begins_job(self._journal):
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


def _begins_job(journal: Shippable) -> bool:
    batch = journal.read(0, limit=1)
    return bool(batch.events) and batch.events[0][1]["event"] == "registered"


def _holds_end(batch: Batch) -> bool:
    return any(event["event"] == "finished" for _, event in batch.events)


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
    client: Inlet,
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
    for folder in list_folders(root):
        if job_id is None or folder.name == job_id:
            _drain_job(folder, client, report, now)
    return report


@dataclass(frozen=True)
class _Left:
    """A dead producer's journal, now locked by us."""

    folder: Path
    journal: LeftJournal
    is_owner: bool
    is_finished: bool


def _drain_job(folder: Path, client: Inlet, report: DrainReport, now: Callable[[], float]) -> None:
    left: list[_Left] = []
    live: list[Path] = []
    problems_before = len(report.problems)
    try:
        for producer in list_folders(folder):
            _collect(producer, left, live, report)
        left.sort(key=lambda item: not item.is_owner)  # the job must exist first
        killed = None if any(map(_may_own, live)) else _find_killed(left)
        for item in left:
            end = Finished(now(), "failed", KILLED) if item is killed else None
            _drain_one(folder.name, item, client, report, end)
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
        journal = take_over(folder)
    except FileNotFoundError:
        return  # another drain has just removed it, or only what was refused is left
    except OSError as error:
        report.problems.append(f"The journal in {folder} cannot be read: {error}")
        return
    if journal is None:
        live.append(folder)
        return
    left.append(_Left(folder, journal, _begins_job(journal), _is_finished(journal)))


def _is_finished(journal: LeftJournal) -> bool:
    last = journal.read(max(journal.count - 1, 0), limit=1)
    return bool(last.events) and last.events[0][1]["event"] == "finished"


def _may_own(folder: Path) -> bool:
    """Whether a live process is the job itself, or has not yet said what it is."""
    try:
        first = read_first_event(folder)
    except OSError:
        return False
    return first is None or first["event"] == "registered"


def _find_killed(left: list[_Left]) -> Optional[_Left]:
    """Return the journal of the job's own process when that vanished without a word.

    A program that replaced itself (exec) went on under a new producer, so one finished
    owner is enough for the job not to have been killed.
    """
    owners = [item for item in left if item.is_owner]
    return owners[-1] if owners and not any(item.is_finished for item in owners) else None


def _drain_one(
    job_id: str, item: _Left, client: Inlet, report: DrainReport, end: Optional[Finished]
) -> None:
    """Ship a journal, and then `end` if there is one: a server may know of later events."""
    journal = item.journal
    before = journal.progress.events
    told: list[str] = []
    staging = Staging(item.folder / BLOBS_FOLDER)
    refusals = Refusals(item.folder / REFUSED_FILE, told.append)
    shipper = Shipper(
        client, job_id, item.folder.name, journal, staging, item.folder / OUTPUT_FILE, refusals
    )
    try:
        _ship_all(shipper)
        if end is not None:
            journal.append(end)
            _ship_all(shipper)
    except (StorageFull, Unavailable, VersionMismatch):
        raise
    except JobGone as error:
        journal.set_aside()
        report.problems.append(f"{error.message} It is kept in {item.folder}.")
        return
    except AtlasError as error:
        report.problems.append(f"Job {job_id} is kept in {item.folder}: {error.message}")
        return
    if told and not refusals.count:
        report.problems += told
    if refusals.count and str(refusals.path) not in report.refused:
        report.refused.append(str(refusals.path))
    report.events += max(journal.progress.events - before, 0)
    _put_away(journal, report)


def _ship_all(shipper: Shipper) -> None:
    while not shipper.ship():
        pass


def _put_away(journal: LeftJournal, report: DrainReport) -> None:
    """Remove what has arrived; what cannot be read is told once and kept."""
    if journal.damage is None:
        journal.remove()
    else:
        report.problems.append(journal.damage)
        journal.set_aside()
