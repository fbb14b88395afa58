"""The journal in a folder."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
from pathlib import Path
from typing import Callable, Optional

from foundations_client.journal.filesystems import is_mappable
from foundations_client.journal.folders import (
    DEFAULT_LIMIT,
    LOCK_FILE,
    REFUSED_FILE,
    SEGMENTS,
    STATE_FILE,
    lock,
    lock_or_leave,
)
from foundations_client.journal.interface import JournalFull, Progress
from foundations_client.journal.records import HEADER_BYTES, decode_header
from foundations_client.journal.segmented import SegmentedJournal
from foundations_client.journal.segments import (
    HAS_GIL,
    DeadSegment,
    FileSegment,
    MappedSegment,
    MemorySegment,
    Segment,
    WrittenSegment,
)

_SIZES = (256 << 10, 1 << 20, 4 << 20)  # bytes of the first segments; the rest are as the last
_RETAINED = 64 << 20
# What a full disk may make us keep in memory before events are given up.
_MOST_HELD = 64 << 20
_UNMAPPABLE = frozenset({errno.EOPNOTSUPP, errno.EINVAL, errno.ENODEV, errno.ENOSYS})
_SET_ASIDE = "given-up"


class FileJournal(SegmentedJournal):
    """A journal in a folder of its own. On a full disk the newest events wait in memory."""

    def __init__(
        self,
        folder: Path,
        descriptor: int,
        *,
        limit: int = DEFAULT_LIMIT,
        retained: int = _RETAINED,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take over a folder whose open lock is held; see `create` and `take_over`."""
        self.folder = folder
        self._descriptor = descriptor
        self._is_mappable = HAS_GIL and is_mappable(folder)
        found, self._unreadable = _find_segments(folder)
        self._take_number = itertools.count(_last_number(folder) + 1).__next__
        self._made = 0
        progress = load_progress(folder)
        super().__init__(found, progress, limit=limit, retained=retained, tell=tell)

    @classmethod
    def create(
        cls,
        root: Path,
        job_id: str,
        producer: str,
        *,
        limit: int = DEFAULT_LIMIT,
        retained: int = _RETAINED,
        tell: Callable[[str], None] = lambda _: None,
    ) -> FileJournal:
        """Return a new journal under the root, locked by this process.

        `tell` is given one sentence when points are thinned.

        Raises:
            OSError: the folder cannot be made or written.
        """
        folder = root / job_id / producer
        # Nobody may see the folder before it is locked, so it comes under another name.
        fresh = root / job_id / f".{producer}"
        fresh.mkdir(mode=0o700, parents=True)
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
        descriptor = os.open(fresh / LOCK_FILE, flags, 0o600)
        try:
            lock(descriptor)
            fresh.rename(folder)
        except OSError:
            os.close(descriptor)
            raise
        return cls(folder, descriptor, limit=limit, retained=retained, tell=tell)

    @classmethod
    def take_over(cls, folder: Path) -> Optional[FileJournal]:
        """Return what a dead process left, or None while its writer lives.

        Raises:
            OSError: the folder holds no journal or cannot be read.
        """
        descriptor = lock_or_leave(folder / LOCK_FILE)
        if descriptor < 0:
            return None
        try:
            return cls(folder, descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    @property
    def in_memory(self) -> int:
        """See Journal."""
        with self._lock:
            self._leave_memory()
            known = self._progress.events
            held = [one for one in self._segments if isinstance(one, MemorySegment)]
            return sum(max(one.count_to() - max(one.first, known), 0) for one in held)

    @property
    def damage(self) -> Optional[str]:
        """What of the journal cannot be read, as far as it has been read; else None."""
        dead = [one for one in self._segments if isinstance(one, DeadSegment)]
        broken = [one.path.name for one in dead if one.extent.is_damaged]
        names = [*self._unreadable, *broken]
        if not names:
            return None
        return f"{', '.join(names)} in {self.folder} is damaged; what it held is lost in part."

    def sync(self) -> None:
        """See Journal."""
        with self._lock:
            self._leave_memory()
            waiting = [one for one in self._segments if isinstance(one, FileSegment)]
        with contextlib.suppress(OSError):
            is_new = [one.sync() for one in waiting if one.count_to() > self._progress.events]
            if any(is_new):
                _sync_folder(self.folder)

    def close(self) -> None:
        """See Journal."""
        self.seal()
        self._unlock()

    def drop(self) -> None:
        """See Journal."""
        super().drop()
        self._unlock()

    def remove(self) -> None:
        """See Journal. Events that the server refused stay, with their contents."""
        self.seal()
        remove_folder(self.folder, LOCK_FILE)
        self._unlock()
        with contextlib.suppress(OSError):  # other producers of the job are still there
            self.folder.parent.rmdir()

    def set_aside(self) -> None:
        """Close, and leave everything so that nobody tries to ship it again."""
        self.seal()
        with contextlib.suppress(OSError):
            (self.folder / LOCK_FILE).rename(self.folder / _SET_ASIDE)
        self._unlock()

    def _unlock(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _store(self, progress: Progress) -> None:
        store_progress(self.folder, progress)

    def _make_segment(self, first: int, need: int) -> Segment:
        size = max(_SIZES[min(self._made, len(_SIZES) - 1)], HEADER_BYTES + need)
        try:
            self._move_to_disk()
            made = self._make_file(first, size)
        except OSError as error:
            return self._hold(first, need, error)
        self._made += 1
        return made

    def _make_file(self, first: int, size: int) -> Segment:
        if self._is_mappable:
            try:
                return MappedSegment(self._next_path(), first, size)
            except OSError as error:
                if error.errno not in _UNMAPPABLE:
                    raise
                self._is_mappable = False
        return WrittenSegment(self._next_path(), first, size, self._lock)

    def _hold(self, first: int, need: int, cause: OSError) -> Segment:
        held = sum(one.size for one in self._segments if isinstance(one, MemorySegment))
        if held + need > _MOST_HELD:
            message = f"The journal in {self.folder} takes no more: {cause.strerror}"
            raise JournalFull(cause.errno, message) from cause
        return MemorySegment(first, max(_SIZES[0], HEADER_BYTES + need))

    def _next_path(self) -> Path:
        return self.folder / f"{self._take_number():06d}.journal"

    def _leave_memory(self) -> None:
        """Go back to the disk if it has room now."""
        last = self._find_last()
        if isinstance(last, MemorySegment) and not self._is_sealed:
            with contextlib.suppress(JournalFull):
                self._roll(last, 0)
        else:
            with contextlib.suppress(OSError):
                self._move_to_disk()

    def _move_to_disk(self) -> None:
        """Give the full segments in memory a file each."""
        for segment in self._segments:
            if isinstance(segment, MemorySegment):
                moved = self._move(segment)
                self._segments = [moved if one is segment else one for one in self._segments]

    def _move(self, segment: MemorySegment) -> Segment:
        path = self._next_path()
        fresh = path.with_suffix(".new")
        try:
            fresh.write_bytes(segment.load(0, segment.size))
            fresh.chmod(0o600)
            fresh.replace(path)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
        moved = DeadSegment(path, segment.first)
        moved.after = segment.after
        return moved


def remove_folder(folder: Path, *files: str) -> None:
    """Remove a journal's folder, or, when it holds refused events, all but those."""
    if not (folder / REFUSED_FILE).exists():
        _remove_tree(folder)
        return
    for path in folder.glob(SEGMENTS):
        path.unlink(missing_ok=True)
    for name in (*files, "output.log", STATE_FILE):
        (folder / name).unlink(missing_ok=True)


def _remove_tree(folder: Path) -> None:
    """Remove what can be; `shutil` would take longer to import than all of this package."""
    for inside, folders, files in os.walk(folder, topdown=False):
        for name in files:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(inside, name))  # noqa: PTH108, PTH118 - a loop
        for name in folders:
            with contextlib.suppress(OSError):
                os.rmdir(os.path.join(inside, name))  # noqa: PTH106, PTH118
    with contextlib.suppress(OSError):
        folder.rmdir()


def load_progress(folder: Path) -> Progress:
    """Return what was saved in a journal's folder; nothing when that cannot be read."""
    try:
        data = json.loads((folder / STATE_FILE).read_bytes())
        return Progress(int(data["events"]), int(data["output"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Progress()


def store_progress(folder: Path, progress: Progress) -> None:
    """Save it in a journal's folder. What is not saved is sent again, which does no harm."""
    path = folder / STATE_FILE
    fresh = folder / f"{STATE_FILE}.new"
    with contextlib.suppress(OSError):
        fresh.write_text(
            json.dumps({"events": progress.events, "output": progress.output}), "utf-8"
        )
        fresh.replace(path)


def _find_segments(folder: Path) -> tuple[list[Segment], list[str]]:
    """Return the segments in a folder and the names of files that are none any more."""
    found: list[Segment] = []
    unreadable: list[str] = []
    for path in sorted(folder.glob(SEGMENTS)):
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
        first = decode_header(head)
        if first is not None:
            found.append(DeadSegment(path, first))
        elif head.strip(b"\0"):  # one of zeros was being made when the process died
            unreadable.append(path.name)
    return found, unreadable


def _last_number(folder: Path) -> int:
    numbers = [path.stem for path in folder.glob(SEGMENTS) if path.stem.isdecimal()]
    return max(map(int, numbers), default=0)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
