"""Where the bytes of a journal go: one stretch of records each.

A *mapped* segment is a file in memory that is shared with the kernel: an append is one C
call, `mmap.write`, which neither another thread nor a signal handler can divide, and which
survives the death of the process. The whole file is allocated before, so that a full disk is
an error then and no signal later. A *written* segment is the same file on a disk where that
is not safe, with a system call for each append. A *memory* segment has no file.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import mmap
import os
import sys
import threading
from pathlib import Path
from typing import Callable, Optional

from foundations_client.journal.interface import Count
from foundations_client.journal.records import (
    HEADER_BYTES,
    Cursor,
    Extent,
    encode_header,
    measure,
)

HAS_GIL = bool(getattr(sys, "_is_gil_enabled", lambda: True)())
_BLOCK_BYTES = 1 << 20
_ALL = 1 << 62


class Segment:
    """One stretch of records; `first` is the number of its first event.

    As a Lane it takes records until it is full or sealed. **Thread safety**: `write` as
    Lane says; the rest belongs to who holds the journal's lock, and `load` to anyone.
    """

    write: Callable[[bytes], object]

    def __init__(self, first: int) -> None:
        """Begin empty."""
        self.first = first
        self.keys: dict[str, tuple[int, Count]] = {}
        self.take_number = itertools.count().__next__  # a number for each name
        self.after: dict[str, Segment] = {}  # under "next"; set once, whoever comes first
        self._counted = (HEADER_BYTES, first)  # an offset and the number of its event

    @property
    def end(self) -> int:
        """The offset behind the last record; zeros may lie before it when it is sealed."""
        raise NotImplementedError

    def load(self, offset: int, size: int) -> bytes:
        """Return bytes from an offset on, fewer at the end."""
        raise NotImplementedError

    def seal(self) -> None:
        """Take no more records. Again is harmless, also amid the first call."""
        raise NotImplementedError

    def drop(self) -> None:
        """Let go of what the process holds, without a word to the disk."""

    def remove(self) -> None:
        """Forget the records."""

    def count_to(self, stop: int = _ALL) -> int:
        """Return the number of the event that comes next.

        A signal handler may ask amid this, so nothing is changed in place.
        """
        cursor = Cursor(self.first)
        cursor.offset, cursor.number = self._counted
        while cursor.number < stop:
            block = load_records(self, cursor.offset)
            if not cursor.advance(block, stop - cursor.number):
                break
        self.note(cursor)
        return cursor.number

    def note(self, cursor: Cursor) -> None:
        """Count on from a place, if that is further."""
        self._counted = max(self._counted, (cursor.offset, cursor.number))

    @property
    def size(self) -> int:
        """How many bytes have been counted."""
        return self._counted[0]


def load_records(segment: Segment, offset: int) -> bytes:
    """Return bytes with one whole record at least, if there is one at the offset."""
    size, left = _BLOCK_BYTES, segment.end - offset
    while True:
        block = segment.load(offset, min(size, left))
        if size >= left or Cursor(0).advance(block, 1) or not block.strip(b"\0"):
            return block
        size *= 4


class MemorySegment(Segment):
    """Records that die with the process."""

    def __init__(self, first: int, size: int) -> None:
        """Take memory as it is used, at most `size` bytes."""
        super().__init__(first)
        self._map = mmap.mmap(-1, size)
        self._map.write(encode_header(first))
        self._size = size
        self._lock = threading.Lock()
        self.write = self._map.write if HAS_GIL else self._write_alone

    @property
    def end(self) -> int:
        """See Segment."""
        return self._map.tell()

    def load(self, offset: int, size: int) -> bytes:
        """See Segment."""
        return self._map[offset : offset + size]

    def seal(self) -> None:
        """See Segment."""
        self._map.seek(self._size)
        self.count_to()

    def drop(self) -> None:
        """See Segment."""
        self._map.close()

    def remove(self) -> None:
        """See Segment."""
        self._map.close()

    def _write_alone(self, records: bytes) -> None:
        with self._lock:
            self._map.write(records)


class FileSegment(Segment):
    """Records in a file; this one only reads."""

    def __init__(self, path: Path, first: int) -> None:
        """Name the file."""
        super().__init__(first)
        self.path = path
        self._synced = 0

    def load(self, offset: int, size: int) -> bytes:
        """See Segment."""
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            return os.pread(descriptor, size, offset)
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """See Segment."""
        self.drop()
        with contextlib.suppress(OSError):
            self.path.unlink()

    def sync(self) -> bool:
        """Make the records survive a power cut; return whether that was new.

        Raises:
            OSError: the disk fails.
        """
        end = self.end
        if end <= self._synced:
            return False
        descriptor = os.open(self.path, os.O_RDWR)
        try:
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        self._synced = end
        return True


class DeadSegment(FileSegment):
    """What a dead process left; checked when it is first asked for."""

    def __init__(self, path: Path, first: int) -> None:
        """Name the file, which is not read yet."""
        super().__init__(path, first)
        self._extent: Optional[Extent] = None
        self.write = self._refuse

    @property
    def extent(self) -> Extent:
        """How far the records are sound."""
        if self._extent is None:
            self._extent = measure(self.path.read_bytes())
        return self._extent

    @property
    def end(self) -> int:
        """See Segment."""
        return self.extent.end

    def count_to(self, stop: int = _ALL) -> int:
        """See Segment."""
        return min(self.first + self.extent.count, stop)

    @property
    def size(self) -> int:
        """See Segment."""
        return self.extent.end if self._extent else self.path.stat().st_size

    def seal(self) -> None:
        """See Segment."""

    def _refuse(self, _records: bytes) -> None:
        raise ValueError("The segment takes no more.")


class MappedSegment(FileSegment):
    """A file mapped into memory."""

    def __init__(self, path: Path, first: int, size: int) -> None:
        """Make the file, which must not exist.

        Raises:
            OSError: it cannot be made, or has no room on the disk; nothing is left.
        """
        super().__init__(path, first)
        self._size = size
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)
            self._map = mmap.mmap(descriptor, size)
        except BaseException:
            path.unlink()
            raise
        finally:
            os.close(descriptor)
        self._map.write(encode_header(first))
        self.write = self._map.write

    @property
    def end(self) -> int:
        """See Segment."""
        return self._size if self._map.closed else self._map.tell()

    def seal(self) -> None:
        """See Segment. The mapping goes, and with it the memory that it took."""
        if self._map.closed:
            return
        self._map.seek(self._size)
        self.count_to()
        self._map.close()
        with contextlib.suppress(OSError):
            os.truncate(self.path, self.size)

    def drop(self) -> None:
        """See Segment."""
        self._map.close()


class WrittenSegment(FileSegment):
    """A file written with one system call for each append.

    A daemon closes all descriptors that it finds, and its own files get their numbers, so each
    write looks first whether the number is still ours.

    It shares the lock of its journal: with one of its own, a signal handler amid a write
    could wait for the journal while the journal's holder waits for the write.
    """

    def __init__(self, path: Path, first: int, size: int, lock: threading.RLock) -> None:
        """Make the file, which must not exist.

        Raises:
            OSError: it cannot be made, or has no room on the disk; nothing is left.
        """
        super().__init__(path, first)
        self._left = size
        self._lock = lock
        flags = os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_RDWR
        self._descriptor = os.open(path, flags, 0o600)
        self._identity = _identify(self._descriptor)
        self.write = self._write
        try:
            self._append(encode_header(first))
        except BaseException:
            self.drop()
            path.unlink()
            raise

    @property
    def end(self) -> int:
        """See Segment."""
        return self.path.stat().st_size

    def seal(self) -> None:
        """See Segment."""
        with self._lock:
            self.drop()
        self.count_to()

    def drop(self) -> None:
        """See Segment."""
        self._lock = threading.RLock()
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0 and _identify(descriptor) == self._identity:
            os.close(descriptor)

    def _write(self, records: bytes) -> None:
        with self._lock:
            if self._descriptor < 0 or len(records) > self._left:
                raise ValueError("The segment takes no more.")
            try:
                self._take_back()
                self._append(records)
            except OSError as error:
                raise ValueError("The disk takes no more.") from error

    def _take_back(self) -> None:
        """Open the file again if its number stands for another; not if a handler sealed it."""
        descriptor = self._descriptor
        if _identify(descriptor) != self._identity and self._descriptor == descriptor >= 0:
            self._descriptor = os.open(self.path, os.O_APPEND | os.O_RDWR)

    def _append(self, records: bytes) -> None:
        written = os.write(self._descriptor, records)
        if written < len(records):
            size = os.fstat(self._descriptor).st_size
            os.ftruncate(self._descriptor, size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._left -= written


def _identify(descriptor: int) -> Optional[tuple[int, int]]:
    """Return which file a number stands for; None when it stands for none."""
    try:
        facts = os.fstat(descriptor)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
