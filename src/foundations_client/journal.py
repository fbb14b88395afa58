"""The crash-safe file of events that the server has not acknowledged yet.

`<root>/<job_id>/<producer>/` holds `events.journal` (records: u32 length, u32 CRC-32, JSON;
record n is event n), `output.log`, `blobs/` and `state.json`. The process that writes holds
a lock on `events.journal`; a free lock is how others know that it is gone.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import struct
import sys
import threading
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional, Protocol

from foundations_client import configuration
from foundations_client.refusals import REFUSED_FILE
from foundations_wire import codec
from foundations_wire.errors import InvalidRequest
from foundations_wire.events import Event, to_wire

if sys.platform != "win32":
    import fcntl

EVENTS_FILE = "events.journal"
OUTPUT_FILE = "output.log"
BLOBS_FOLDER = "blobs"
_STATE_FILE = "state.json"
_SET_ASIDE_FILE = "given-up.journal"
_ROOT_VARIABLE = "FOUNDATIONS_JOURNAL"

_HEADER = struct.Struct(">II")
_BLOCK_BYTES = 1 << 20
_MAX_RECORD_BYTES = 1 << 30  # a length above this is a torn header, not an event
# What a full disk may make us keep in memory before points are given up.
_MAX_TAIL_BYTES = 64 << 20


@dataclass(frozen=True)
class Progress:
    """What the server has: the events before number `events`, `output` bytes of the log."""

    events: int = 0
    output: int = 0


class Journal(Protocol):
    """The events of one producer, in order, until the server has them.

    **Durability**: when `append` returns, the event survives the death of the process, as
    far as the implementation has a disk. **Thread safety**: any thread appends, also from
    a signal handler; one thread at a time reads and saves.
    """

    @property
    def count(self) -> int:
        """How many events were appended: the number of the next one."""
        ...

    @property
    def in_memory(self) -> int:
        """How many events would not survive the process, for want of a disk or of room on it."""
        ...

    @property
    def progress(self) -> Progress:
        """What the server has acknowledged."""
        ...

    def append(self, event: Event) -> None:
        """Add the event behind the others; it never waits for the network.

        Raises:
            JournalFull: neither disk nor memory takes it; nothing was added.
            TypeError: something in the event has no JSON form.
        """
        ...

    def read(self, first: int, *, limit: int = 1000, max_bytes: int = 1 << 20) -> list[Any]:
        """Return wire forms from number `first` on: one at least, if there is one."""
        ...

    def save(self, progress: Progress) -> None:
        """Remember what the server has acknowledged."""
        ...

    def close(self) -> None:
        """Let go of the lock; what was appended stays."""
        ...

    def remove(self) -> None:
        """Forget everything, and close."""
        ...


class JournalFull(OSError):
    """The disk takes no more events and memory may not hold more."""


class MemoryJournal:
    """A journal without a disk: for tests, and where no folder can be written."""

    def __init__(self) -> None:
        """Begin empty."""
        self._records: list[bytes] = []
        self._progress = Progress()

    @property
    def count(self) -> int:
        """See Journal."""
        return len(self._records)

    @property
    def in_memory(self) -> int:
        """See Journal."""
        return len(self._records)

    @property
    def progress(self) -> Progress:
        """See Journal."""
        return self._progress

    def append(self, event: Event) -> None:
        """See Journal."""
        self._records.append(_encode(event))

    def read(self, first: int, *, limit: int = 1000, max_bytes: int = 1 << 20) -> list[Any]:
        """See Journal."""
        return _take(iter(self._records[first : first + limit]), limit, max_bytes)

    def save(self, progress: Progress) -> None:
        """See Journal."""
        self._progress = progress

    def close(self) -> None:
        """See Journal."""

    def remove(self) -> None:
        """See Journal."""
        self._records.clear()
        self._progress = Progress()


class FileJournal:
    """A journal in a folder of its own. On a full disk the newest events wait in memory."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        """Take over an open and locked `events.journal`; see `create` and `take_over`."""
        self.folder = folder
        self._descriptor = descriptor
        self._lock = threading.RLock()  # a signal handler may append amid an append
        self._tail: list[bytes] = []
        self._reader = _Reader(folder / EVENTS_FILE)
        self._on_disk, self._end = self._reader.measure()
        self._progress = _load_progress(folder / _STATE_FILE)
        if os.fstat(descriptor).st_size > self._end:
            os.ftruncate(descriptor, self._end)  # the record during which a process died

    @classmethod
    def create(cls, root: Path, job_id: str, producer: str) -> FileJournal:
        """Return a new journal under the root, locked by this process.

        Raises:
            OSError: the folder cannot be made or written.
        """
        folder = root / job_id / producer
        # Nobody may see the folder before it is locked, so it comes under another name.
        fresh = root / job_id / f".{producer}"
        fresh.mkdir(mode=0o700, parents=True)
        flags = os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_RDWR
        descriptor = os.open(fresh / EVENTS_FILE, flags, 0o600)
        try:
            _lock(descriptor)
            fresh.rename(folder)
        except OSError:
            os.close(descriptor)
            raise
        return cls(folder, descriptor)

    @classmethod
    def take_over(cls, folder: Path) -> Optional[FileJournal]:
        """Return what a dead process left, or None while its writer lives.

        Raises:
            OSError: the folder holds no journal or cannot be read.
        """
        descriptor = os.open(folder / EVENTS_FILE, os.O_APPEND | os.O_RDWR)
        try:
            if _lock(descriptor):
                return cls(folder, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    @property
    def count(self) -> int:
        """See Journal."""
        return self._on_disk + len(self._tail)

    @property
    def in_memory(self) -> int:
        """See Journal."""
        with self._lock:
            self._retry_tail()
            return len(self._tail)

    @property
    def progress(self) -> Progress:
        """See Journal."""
        return self._progress

    def append(self, event: Event) -> None:
        """See Journal."""
        record = _encode(event)
        with self._lock:
            if self._tail:
                self._retry_tail()
            if self._tail:
                self._hold(record, OSError(errno.ENOSPC, "the disk is full"))
                return
            try:
                self._write(record)
            except OSError as error:
                self._hold(record, error)

    def read(self, first: int, *, limit: int = 1000, max_bytes: int = 1 << 20) -> list[Any]:
        """See Journal."""
        with self._lock:
            on_disk, tail = self._on_disk, list(self._tail)
        if first < on_disk:
            records = self._reader.read(first, on_disk)
        else:
            records = iter(tail[first - on_disk :])
        return _take(records, limit, max_bytes)

    def save(self, progress: Progress) -> None:
        """See Journal. What is not saved is sent again, which does no harm."""
        self._progress = progress
        path = self.folder / _STATE_FILE
        fresh = path.with_suffix(".new")
        with contextlib.suppress(OSError):
            fresh.write_text(json.dumps(asdict(progress)), "utf-8")
            fresh.replace(path)

    def close(self) -> None:
        """See Journal. It takes no lock, so that the child of a fork may call it."""
        self._reader.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def remove(self) -> None:
        """See Journal. Events that the server refused stay, with their contents."""
        if (self.folder / REFUSED_FILE).exists():
            for name in (EVENTS_FILE, OUTPUT_FILE, _STATE_FILE):
                (self.folder / name).unlink(missing_ok=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.close()
        with contextlib.suppress(OSError):  # other producers of the job are still there
            self.folder.parent.rmdir()

    def set_aside(self) -> None:
        """Close, and leave everything so that nobody tries to ship it again."""
        with contextlib.suppress(OSError):
            (self.folder / EVENTS_FILE).rename(self.folder / _SET_ASIDE_FILE)
        self.close()

    def _hold(self, record: bytes, cause: OSError) -> None:
        if sum(map(len, self._tail)) + len(record) > _MAX_TAIL_BYTES:
            message = f"The journal in {self.folder} takes no more: {cause.strerror}"
            raise JournalFull(cause.errno, message) from cause
        self._tail.append(record)

    def _retry_tail(self) -> None:
        with contextlib.suppress(OSError):
            while self._tail:
                self._write(self._tail[0])
                del self._tail[0]

    def _write(self, record: bytes) -> None:
        written = os.write(self._descriptor, record)
        if written < len(record):
            os.ftruncate(self._descriptor, self._end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._end += written
        self._on_disk += 1


class _Reader:
    """Walks the records of a journal file, remembering where it stopped."""

    def __init__(self, path: Path) -> None:
        # Unbuffered: a buffer's lock may be held by a thread that a fork leaves behind.
        self._file = path.open("rb", buffering=0)
        self._next = (0, 0)  # number and offset of the record after the last one read

    def measure(self) -> tuple[int, int]:
        """Return how many whole records there are, and where they end."""
        count = end = 0
        for record in self._walk(0):
            count, end = count + 1, end + len(record)
        return count, end

    def read(self, first: int, stop: int) -> Iterator[bytes]:
        """Yield the records `first` to `stop - 1`, headers included."""
        number, offset = self._next if self._next[0] <= first else (0, 0)
        if number >= stop:
            return
        for record in self._walk(offset):
            number, offset = number + 1, offset + len(record)
            if number > first:
                self._next = (number, offset)
                yield record
            if number >= stop:
                return

    def close(self) -> None:
        self._file.close()

    def _walk(self, offset: int) -> Iterator[bytes]:
        buffer = b""
        while True:
            self._file.seek(offset + len(buffer))
            block = self._file.read(_BLOCK_BYTES)
            buffer += block or b""
            at = 0
            while (record := _cut_record(buffer, at)) is not None:
                at += len(record)
                offset += len(record)
                yield record
            buffer = buffer[at:]
            if not block or _is_damaged(buffer):
                return


def journal_root() -> Path:
    """Return the folder of journals: FOUNDATIONS_JOURNAL, else `journal` in the home."""
    named = os.environ.get(_ROOT_VARIABLE)
    return Path(named).absolute() if named else configuration.home() / "journal"


def read_first_event(folder: Path) -> Any:
    """Return the first event of a producer's journal, also of a live one, or None.

    Raises:
        OSError: it cannot be read.
    """
    reader = _Reader(folder / EVENTS_FILE)
    try:
        return next(iter(_take(reader.read(0, 1), 1, 1)), None)
    finally:
        reader.close()


def new_producer() -> str:
    """Return a name for this process's events that no other process has."""
    return f"{os.getpid()}-{secrets.token_hex(6)}"


def _encode(event: Event) -> bytes:
    text = json.dumps(to_wire(event), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    body = text.encode("utf-8", "replace")
    return _HEADER.pack(len(body), zlib.crc32(body)) + body


def _cut_record(buffer: bytes, at: int) -> Optional[bytes]:
    """Return the whole and sound record at an offset, header included, else None."""
    start = at + _HEADER.size
    if len(buffer) < start:
        return None
    length, checksum = _HEADER.unpack_from(buffer, at)
    body = buffer[start : start + length]
    if len(body) < length or zlib.crc32(body) != checksum:
        return None
    return buffer[at : start + length]


def _is_damaged(buffer: bytes) -> bool:
    """Whether no more bytes can make the first record sound."""
    if len(buffer) < _HEADER.size:
        return False
    length: int = _HEADER.unpack_from(buffer)[0]
    return length > _MAX_RECORD_BYTES or len(buffer) >= _HEADER.size + length


def _take(records: Iterator[bytes], limit: int, max_bytes: int) -> list[Any]:
    taken: list[Any] = []
    size = 0
    for record in records:
        size += len(record)
        if taken and size > max_bytes:
            break
        taken.append(codec.decode(record[_HEADER.size :]))
        if len(taken) >= limit:
            break
    return taken


def _load_progress(path: Path) -> Progress:
    try:
        return codec.build(Progress, codec.decode(path.read_bytes()))
    except (OSError, InvalidRequest):
        return Progress()


def _lock(descriptor: int) -> bool:
    """Lock the file for this process without waiting; return whether that worked."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
