"""The way of this process's events: into its journal at once, to the server in time."""

from __future__ import annotations

import os
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Callable, NamedTuple, Optional, TypeVar

from foundations import loading, reporting
from foundations.delivery import Delivery
from foundations_client.journal import (
    BLOBS_FOLDER,
    OUTPUT_FILE,
    Count,
    FileJournal,
    Journal,
    JournalClosed,
    Lane,
    MemoryJournal,
    journal_root,
    new_producer,
)
from foundations_client.journal.folders import DEFAULT_LIMIT, LIMIT_VARIABLE, journal_limit
from foundations_client.staging import StagedFile, Staging
from foundations_wire.events import Event

T = TypeVar("T")


class Flushed(NamedTuple):
    """How many events the server has taken, still lacks, and has refused."""

    acknowledged: int
    pending: int
    refused: int


@dataclass(frozen=True)
class Channel:
    """An open journal and the delivery that empties it. Without a disk `folder` is None."""

    journal: Journal
    staging: Staging
    delivery: Delivery
    folder: Optional[Path] = None
    count_refused: Callable[[], int] = int

    @property
    def output(self) -> Optional[Path]:
        """Return where the console's copy goes, or None without a disk."""
        return self.folder / OUTPUT_FILE if self.folder else None


OpenChannel = Callable[[str], Channel]


def open_channel(job_id: str) -> Channel:
    """Return a new channel for this process; without a disk it keeps events in memory."""
    producer, root = new_producer(), journal_root()
    journal: Journal
    try:
        journal = FileJournal.create(
            root, job_id, producer, limit=_find_limit(), tell=reporting.warn
        )
        folder: Optional[Path] = journal.folder
        staging = Staging(journal.folder / BLOBS_FOLDER)
    except OSError as error:
        reporting.warn(
            f"The journal cannot be written ({error}); what this job reports is kept in memory "
            f"until the server has it. FOUNDATIONS_HOME names another folder."
        )
        journal, folder = MemoryJournal(tell=reporting.warn), None
        staging = loading.load("foundations_client.temporary").make_temporary()
    uplink = _Uplink(job_id, producer, journal, staging, folder)
    kept_in = "its journal" if folder else "memory"

    def tell(trouble: str) -> None:
        reporting.warn(f"{trouble} Meanwhile the job is kept in {kept_in}.")

    delivery = Delivery(uplink.ship, tell, uplink.hang_up, journal.sync)
    loading.prepare()
    delivery.start()
    return Channel(journal, staging, delivery, folder, uplink.count_refused)


class _Uplink:
    """What ships a journal, loaded in the background: it takes longer to import than the rest."""

    def __init__(
        self,
        job_id: str,
        producer: str,
        journal: Journal,
        staging: Staging,
        folder: Optional[Path],
    ) -> None:
        self._what = (job_id, producer, journal, staging, folder)
        self._loaded: Any = None

    def ship(self) -> bool:
        """See Shipper."""
        if self._loaded is None:
            self._loaded = loading.load("foundations.uplink").Uplink(*self._what)
        return bool(self._loaded.shipper.ship())

    def hang_up(self) -> None:
        """Close the connection."""
        if self._loaded is not None:
            self._loaded.client.close()

    def count_refused(self) -> int:
        """Return how many events the server refused."""
        return self._loaded.refusals.count if self._loaded is not None else 0


def _find_limit() -> int:
    try:
        return journal_limit()
    except ValueError as error:
        reporting.warn(f"{LIMIT_VARIABLE} is not used: {error}")
        return DEFAULT_LIMIT


class Recorder:
    """Takes events of one job from any thread; opens its channel with the first.

    A forked child that records gets a channel of its own, see `forget`.
    """

    def __init__(self, job_id: str, open_channel: OpenChannel = open_channel) -> None:
        """Name the job; nothing is opened yet."""
        self.job_id = job_id
        self._open_channel = open_channel
        self._channel: Optional[Channel] = None
        self._lock = threading.RLock()
        self._is_full = False

    def open(self) -> Channel:
        """Return this process's channel."""
        channel = self._channel
        if channel is None:
            with self._lock:
                channel = self._channel or self._open_channel(self.job_id)
                self._channel = channel
                _forget_after_fork(self)
        return channel

    @property
    def is_amid_a_call(self) -> bool:
        """Whether a signal came amid a call of this thread; see Journal."""
        return self._channel is not None and self._channel.journal.is_amid_a_call

    def record(self, event: Event) -> None:
        """Journal the event; never waits for the network and never raises for its sake."""
        self._add(lambda journal: journal.append(event))

    def put(self, points: list[tuple[str, Count, bytes]]) -> None:
        """Journal points, see Journal; never raises, as in `record`."""
        self._add(lambda journal: journal.put(points))

    def intern(self, name: str, count: Count) -> Optional[Lane]:
        """Return a lane that knows the name, see Journal; None when there is no room."""
        return self._add(lambda journal: journal.intern(name, count))

    def _add(self, add: Callable[[Journal], T]) -> Optional[T]:
        try:
            try:
                return add(self.open().journal)
            except JournalClosed:  # by another thread, just now
                return add(self.open().journal)
        except OSError as error:
            if not self._is_full:
                self._is_full = True
                reporting.warn(f"{error.strerror}. What this job logs from now on may be lost.")
            return None

    def flush(self, timeout_s: float) -> Flushed:
        """Wait until the server has what was recorded before, for at most so long."""
        channel = self._channel
        if channel is None:
            return Flushed(0, 0, 0)
        journal = channel.journal
        self._add(lambda journal: journal.settle())
        wanted = journal.count
        channel.delivery.flush(lambda: journal.progress.events >= wanted, timeout_s)
        taken, refused = min(journal.progress.events, wanted), channel.count_refused()
        return Flushed(max(taken - refused, 0), wanted - taken, refused)

    def stage(self, file: BinaryIO, name: str) -> Optional[StagedFile]:
        """Copy a file for its upload; None, with a warning, when there is no room for it."""
        try:
            return self.open().staging.add_stream(file)
        except OSError as error:
            reporting.warn(f"{name} cannot be kept for its upload: {error}.")
            return None

    def close(self, timeout_s: float) -> bool:
        """Ship what is left for at most so long; say where the rest lies, if any.

        Returns whether all has arrived. What is recorded later opens a new channel.
        """
        channel, self._channel = self._channel, None
        if channel is None:
            return True
        channel.journal.seal()
        if channel.delivery.close(timeout_s):
            channel.journal.remove()
            _discard_temporary(channel)
            return True
        lost = channel.journal.in_memory if channel.folder else 0
        channel.journal.sync()
        channel.journal.close()
        _discard_temporary(channel)
        if lost:
            reporting.warn(
                f"{lost} events of job {self.job_id} found no room on the disk of "
                f"{channel.folder} and are lost."
            )
        if channel.folder:
            reporting.say(
                f"Job {self.job_id} is not entirely on the server yet: the rest lies in "
                f"{channel.folder}, and `foundations sync` brings it in."
            )
        else:
            reporting.say(f"Part of job {self.job_id} could not be sent and is lost.")
        return False

    def forget(self) -> None:
        """Let go of the parent's channel in the child of a fork."""
        channel, self._channel = self._channel, None
        self._lock = threading.RLock()
        if channel is not None:
            channel.journal.drop()


def _discard_temporary(channel: Channel) -> None:
    """Remove staged copies that no journal refers to."""
    if channel.folder is None:
        channel.staging.clear()


def _forget_after_fork(recorder: Recorder) -> None:
    known = weakref.ref(recorder)

    def forget() -> None:
        alive = known()
        if alive is not None:
            alive.forget()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)
