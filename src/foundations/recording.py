"""The way of this process's events: into its journal at once, to the server in time."""

from __future__ import annotations

import os
import shutil
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Callable, Optional

from foundations import reporting
from foundations.delivery import Delivery
from foundations_client.client import Client, connect
from foundations_client.configuration import DEFAULT_SERVER, find_server
from foundations_client.journal import (
    BLOBS_FOLDER,
    OUTPUT_FILE,
    FileJournal,
    Journal,
    JournalFull,
    MemoryJournal,
    journal_root,
    new_producer,
)
from foundations_client.refusals import REFUSED_FILE, Refusals
from foundations_client.shipping import Shipper
from foundations_client.staging import StagedFile, Staging, make_temporary
from foundations_wire.errors import AtlasError
from foundations_wire.events import Event


@dataclass(frozen=True)
class Channel:
    """An open journal and the delivery that empties it. Without a disk `folder` is None."""

    journal: Journal
    staging: Staging
    delivery: Delivery
    folder: Optional[Path] = None

    @property
    def output(self) -> Optional[Path]:
        """Return where the console's copy goes, or None without a disk."""
        return self.folder / OUTPUT_FILE if self.folder else None


OpenChannel = Callable[[str], Channel]


def make_client() -> Client:
    """Return a client of the configured server; a configuration that is wrong is told once."""
    try:
        return connect(find_server())
    except AtlasError as error:
        reporting.warn(f"{error.message} The default address {DEFAULT_SERVER} is used.")
        return connect(DEFAULT_SERVER)


def open_channel(job_id: str) -> Channel:
    """Return a new channel for this process; without a disk it keeps events in memory."""
    producer, root = new_producer(), journal_root()
    journal: Journal
    try:
        journal = FileJournal.create(root, job_id, producer)
        folder: Optional[Path] = journal.folder
        staging = Staging(journal.folder / BLOBS_FOLDER)
    except OSError as error:
        reporting.warn(
            f"The journal cannot be written ({error}); what this job reports is kept in memory "
            f"until the server has it. FOUNDATIONS_HOME names another folder."
        )
        journal, folder, staging = MemoryJournal(), None, make_temporary()
    output = folder / OUTPUT_FILE if folder else None
    kept_in = "its journal" if folder else "memory"
    client = make_client()
    refusals = Refusals(folder / REFUSED_FILE if folder else None, reporting.warn)
    shipper = Shipper(client, job_id, producer, journal, staging, output, refusals)

    def tell(trouble: str) -> None:
        reporting.warn(f"{trouble} Meanwhile the job is kept in {kept_in}.")

    delivery = Delivery(shipper.ship, tell, client.close)
    delivery.start()
    return Channel(journal, staging, delivery, folder)


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

    def record(self, event: Event) -> None:
        """Journal the event; never waits for the network and never raises for its sake."""
        try:
            self.open().journal.append(event)
        except JournalFull as error:
            if not self._is_full:
                self._is_full = True
                reporting.warn(f"{error.strerror}. What this job logs from now on may be lost.")

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
        if channel.delivery.close(timeout_s):
            channel.journal.remove()
            _discard_temporary(channel)
            return True
        lost = channel.journal.in_memory if channel.folder else 0
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
            channel.journal.close()


def _discard_temporary(channel: Channel) -> None:
    """Remove staged copies that no journal refers to."""
    if channel.folder is None:
        shutil.rmtree(channel.staging.folder, ignore_errors=True)


def _forget_after_fork(recorder: Recorder) -> None:
    known = weakref.ref(recorder)

    def forget() -> None:
        alive = known()
        if alive is not None:
            alive.forget()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)
