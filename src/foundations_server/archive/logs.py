"""What jobs printed: a folder of segments for each, appended by offset, within a limit."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from foundations_server.archive import log_segments
from foundations_server.archive.log_segments import SEGMENT_BYTES, Segment
from foundations_server.archive.log_times import LogTimes
from foundations_server.platform.clock import Clock, SystemClock
from foundations_server.platform.disk_errors import explaining_full_disk
from foundations_wire.errors import OffsetGap
from foundations_wire.ids import check_job_id
from foundations_wire.logs import tell_gap

DEFAULT_LIMIT = 256 << 20
PIECE_BYTES = 1 << 20

_LOG = logging.getLogger(__name__)
_LOCKS = 64
_MOST_OPEN = 256
_HEAD_PART = 8  # what stays of the beginning is so much of the limit: 32 of 256 MiB
_LINES_BYTES = 16 << 20  # how far back the last lines are looked for


@dataclass(frozen=True)
class Piece:
    """Bytes of a log from `start`; `missing` bytes before them are not kept."""

    start: int
    data: bytes = b""
    missing: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.data)


class JobLogs:
    """Offsets count every byte that a job printed, also those that are not kept.

    Of a log that grows over the limit the beginning (an eighth of it) and the newest bytes
    stay. **Thread safety**: any thread may call; appends to one log happen one after another.
    """

    def __init__(
        self,
        folder: Path,
        *,
        limit: int = DEFAULT_LIMIT,
        segment_bytes: int = SEGMENT_BYTES,
        clock: Clock | None = None,
    ) -> None:
        """Take the folder of all logs, and how many bytes of each are kept."""
        self._folder = folder
        self._limit = limit
        self._segment_bytes = segment_bytes
        self._clock = clock or SystemClock()
        self._locks = [threading.Lock() for _ in range(_LOCKS)]
        self._open: OrderedDict[str, _Growing] = OrderedDict()
        self._open_lock = threading.Lock()

    def append(self, job_id: str, offset: int, data: bytes, skipped: int = 0) -> int:
        """Store bytes durably and return the length of the log.

        They follow `skipped` bytes from the offset on that nobody will send. What is known
        already, as bytes or as skipped ones, is passed over.

        Raises:
            OffsetGap: bytes before them are missing.
            StorageFull: there is no room; what fitted before stays.
        """
        with self._lock(job_id), explaining_full_disk():
            return self._find_growing(job_id).append(offset, data, skipped, self._clock.now())

    def read(self, job_id: str, offset: int, limit: int = PIECE_BYTES) -> Piece:
        """Return at most `limit` bytes from an offset, or from where bytes are kept again."""
        while True:
            segments = self._list(job_id)
            kept = next((segment for segment in segments if segment.end > offset), None)
            if kept is None:
                size = segments[-1].end if segments else 0
                return Piece(max(offset, size), missing=max(size - offset, 0))
            start = max(offset, kept.start)
            try:
                return Piece(start, kept.read(start, limit), start - offset)
            except FileNotFoundError:
                continue  # packed or dropped since it was listed

    def read_all(self, job_id: str) -> Iterator[bytes]:
        """Yield the log piece by piece, with a line for what is not kept in its place."""
        offset, is_broken = 0, False
        while (piece := self.read(job_id, offset)).end > offset:
            if piece.missing:
                yield (b"\n" if is_broken else b"") + tell_gap(piece.missing)
            if piece.data:
                is_broken = not piece.data.endswith(b"\n")
                yield piece.data
            offset = piece.end

    def find_lines(self, job_id: str, count: int) -> int:
        """Return where the last lines begin, or the bytes behind the last that are not kept.

        A line that began more than 16 MiB before the end is not looked for.
        """
        while True:
            try:
                return _find_lines(self._list(job_id), count)
            except FileNotFoundError:
                continue  # packed or dropped since it was listed

    def find_time(self, job_id: str, since: float) -> int:
        """Return where that begins which came at a moment or later."""
        found = LogTimes(self._path(job_id) / "times").find(since)
        size = self.size(job_id)
        return size if found is None else min(found, size)

    def size(self, job_id: str) -> int:
        """Return the length of the log, with what is not kept of it."""
        growing = self._open.get(job_id)
        if growing is not None:
            return growing.durable[-1].end if growing.durable else 0
        path = f"{self._folder}/{check_job_id(job_id)}"
        size = log_segments.measure(path)
        if size is not None:
            return size
        try:
            return os.stat(f"{path}.log").st_size  # noqa: PTH116 - a page asks for many
        except FileNotFoundError:
            return 0

    def delete(self, job_id: str) -> None:
        with self._lock(job_id):
            with self._open_lock:
                self._open.pop(job_id, None)
            self._whole(job_id).unlink(missing_ok=True)
            shutil.rmtree(self._path(job_id), ignore_errors=True)

    def _list(self, job_id: str) -> tuple[Segment, ...]:
        growing = self._open.get(job_id)
        if growing is not None:
            return growing.durable
        with self._lock(job_id):  # or a file that gets another name might be seen under neither
            segments = log_segments.list_segments(self._path(job_id))
            return tuple(segments or _find_whole(self._whole(job_id)))

    def _find_growing(self, job_id: str) -> _Growing:
        with self._open_lock:
            growing = self._open.get(job_id)
            if growing is not None:
                self._open.move_to_end(job_id)
                return growing
        folder = self._path(job_id)
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            log_segments.sync_folder(self._folder)
        whole = self._whole(job_id)
        if whole.exists():  # of a server that kept each log in one file
            whole.replace(folder / f"{0:019}.log")
        growing = _Growing(folder, self._limit, self._segment_bytes)
        with self._open_lock:
            self._open[job_id] = growing
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)
        return growing

    def _path(self, job_id: str) -> Path:
        return self._folder / check_job_id(job_id)

    def _whole(self, job_id: str) -> Path:
        return self._folder / f"{check_job_id(job_id)}.log"

    def _lock(self, job_id: str) -> threading.Lock:
        return self._locks[hash(job_id) % _LOCKS]


class _Growing:
    """The end of one log. The caller holds the log's lock."""

    def __init__(self, folder: Path, limit: int, segment_bytes: int) -> None:
        self._folder = folder
        self._limit = limit
        self._segment_bytes = segment_bytes
        self._segments = log_segments.list_segments(folder)
        self._weight = sum(map(self._weigh, self._segments))
        self._times = LogTimes(folder / "times")
        self.durable = tuple(self._segments)  # for readers, who hold no lock

    @property
    def size(self) -> int:
        return self._segments[-1].end if self._segments else 0

    def _weigh(self, segment: Segment) -> int:
        """Return how much room it takes; many small ones must not become too many files."""
        return max(segment.size, self._segment_bytes // 64)

    def append(self, offset: int, data: bytes, skipped: int, now: float) -> int:
        size = self.size
        if offset > size:
            raise OffsetGap(
                f"The log holds {size} bytes; bytes from {offset} on leave a gap.", expected=size
            )
        begin = offset + skipped
        if begin + len(data) <= size:
            return size
        self._times.note(now, size)
        try:
            if begin > size:
                self._begin(begin)
            self._store(memoryview(data)[self.size - begin :])
            self._drop()
        finally:
            self.durable = tuple(self._segments)
        return self.size

    def _store(self, view: memoryview) -> None:
        while view:
            self._make_room()
            fitting = view[: self._segment_bytes - self._segments[-1].size]
            self._write(fitting)
            view = view[len(fitting) :]

    def _make_room(self) -> None:
        if not self._segments:
            self._begin(0)
        elif self._segments[-1].size >= self._segment_bytes or self._segments[-1].is_packed:
            self._begin(self.size)

    def _begin(self, start: int) -> None:
        """Let a segment follow; the one before it is finished."""
        begun = log_segments.create(self._folder, start)
        if self._segments:
            self._finish()
        self._segments.append(begun)
        self._weight += self._weigh(begun)

    def _finish(self) -> None:
        last = self._segments[-1]
        if not last.size:  # bytes were skipped twice in a row
            last.path.unlink(missing_ok=True)
            self._forget(len(self._segments) - 1)
        elif not last.is_packed and last.size <= self._segment_bytes:
            try:
                self._segments[-1] = log_segments.pack(last)
            except OSError as error:  # it stays as it is, which is no loss
                _LOG.warning("%s could not be compressed: %s", last.path, error)

    def _write(self, data: memoryview) -> None:
        last = self._segments[-1]
        descriptor = os.open(last.path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.lseek(descriptor, last.size, os.SEEK_SET)
            view = data
            while view:
                view = view[os.write(descriptor, view) :]
            os.fdatasync(descriptor)
        except OSError:
            os.ftruncate(descriptor, last.size)
            raise
        finally:
            os.close(descriptor)
        grown = replace(last, size=last.size + len(data))
        self._segments[-1] = grown
        self._weight += self._weigh(grown) - self._weigh(last)

    def _drop(self) -> None:
        """Remove the oldest segments behind the beginning until the log is within its limit."""
        if self._weight <= self._limit:
            return
        first, head = 1, self._limit // _HEAD_PART - self._weigh(self._segments[0])
        while first < len(self._segments) and head >= self._weigh(self._segments[first]):
            head -= self._weigh(self._segments[first])
            first += 1
        while self._weight > self._limit and first < len(self._segments) - 1:
            self._segments[first].path.unlink(missing_ok=True)
            self._forget(first)

    def _forget(self, index: int) -> None:
        self._weight -= self._weigh(self._segments[index])
        del self._segments[index]


def _find_lines(segments: Sequence[Segment], count: int) -> int:
    at = end = segments[-1].end if segments else 0
    first = max(end - _LINES_BYTES, 0)
    left = count + 1  # the end of the line before them; the last line may have none itself
    for segment in reversed(segments if count else ()):
        if segment.end < at:
            return at
        while at > max(segment.start, first):
            start = max(at - PIECE_BYTES, segment.start, first)
            block = segment.read(start, at - start)
            place = len(block)
            if at == end and not block.endswith(b"\n"):
                left -= 1
            while left and (place := block.rfind(b"\n", 0, place)) >= 0:
                left -= 1
            if not left:
                return start + place + 1
            at = start
    return at


def _find_whole(path: Path) -> list[Segment]:
    try:
        return [Segment(0, path.stat().st_size, path)]
    except FileNotFoundError:
        return []
