"""What an attempt printed and the server does not have yet, within bounds."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from foundations_worker.watching.holes import give_back
from foundations_worker.watching.rate import Allowance

PIECE_BYTES = 512 << 10  # small, so that another job's line need not wait for long
HEAD_BYTES = 32 << 20  # the beginning and
LAST_BYTES = 1 << 20  # so many of the newest bytes are not given up
# What is beyond the rate may be sent all the same when it is this little.
_SLACK_BYTES = 8 << 20
# On the worker's disk beside the beginning, however long the server is away.
_MOST_BYTES, _KEPT_BYTES = 160 << 20, 128 << 20
_STEP_BYTES = 4 << 20  # how much is given back to the disk at once
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Piece:
    """Bytes that follow `skipped` ones which begin at `offset` of the file."""

    offset: int
    skipped: int
    data: bytes

    @property
    def end(self) -> int:
        return self.offset + self.skipped + len(self.data)


class Spool:
    """The file into which an attempt prints, read once from its beginning to its end.

    Bytes beyond the rate or the room are given up, the oldest behind the beginning first, and
    counted exactly. What is sent or given up is taken off the disk. How far it came lies
    beside the file, so that another worker process goes on; if that is a little old, the same
    bytes are offered again, which does no harm.

    **Thread safety**: any thread may call; one at a time takes and confirms pieces.
    """

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Take the file, which need not exist yet."""
        self._path = path
        self._state = path.with_suffix(".sent")
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._piece: Piece | None = None
        # Bytes of the hole are given up; those between what is sent and the hole are not.
        self._sent, self._hole, self._hole_end = self._load()
        self._freed, self._hole_freed = self._sent, self._hole_end
        # How fast that came which an earlier worker left, nobody knows.
        self._allowance = Allowance(monotonic())
        self._allowance.seen = self._measure()

    def take(self) -> Piece | None:
        """Return what is to be sent next: the same until it is confirmed; None for nothing."""
        self.look()
        with self._lock:
            if self._piece is None:
                begin, most = self._sent, PIECE_BYTES
                if self._sent < self._hole:
                    most = min(most, self._hole - self._sent)
                else:
                    begin = max(begin, self._hole_end)
                data = self._read(begin, most)
                if data or begin > self._sent:
                    self._piece = Piece(self._sent, begin - self._sent, data)
            return self._piece

    def confirm(self) -> None:
        """The piece that was taken has arrived."""
        with self._lock:
            if self._piece is not None:
                self._sent = self._piece.end
                self._piece = None
            self._free()

    def rewind(self, offset: int) -> None:
        """The other side lacks bytes from an offset on; what is off the disk is given up."""
        with self._lock:
            self._piece = None
            self._sent = offset
            if offset < self._freed:
                self._hole, self._hole_end = offset, max(self._freed, self._hole_end)

    def look(self) -> int:
        """Give up what there is too much of; return by how much the file has grown."""
        with self._lock:
            size = self._measure()
            grown = size - self._allowance.seen
            self._allowance.observe(size, self._monotonic())
            backlog = size - max(self._find_edge(), HEAD_BYTES)
            debt, count = self._allowance.debt, 0
            if debt > _SLACK_BYTES:
                count = max(min(debt, backlog - LAST_BYTES), 0)
            self._allowance.forgive(count)
            if backlog - count > _MOST_BYTES:
                count = backlog - _KEPT_BYTES
            self._give_up(max(self._find_edge(), HEAD_BYTES), count)
            return grown

    def give_up(self) -> None:
        """Keep only the last mebibyte of what was not sent."""
        with self._lock:
            end = self._measure() - LAST_BYTES
            if end > self._find_edge():
                self._give_up(self._find_offered(), end - self._find_offered())

    def _find_offered(self) -> int:
        """Return where that begins which was not offered yet."""
        return self._piece.end if self._piece else self._sent

    def _find_edge(self) -> int:
        """Return where that begins which was neither offered nor given up."""
        return max(self._find_offered(), self._hole_end)

    def _give_up(self, begin: int, count: int) -> None:
        if count <= 0:
            return
        if not (self._hole_end == begin > self._find_offered()):
            self._hole = begin
            self._hole_freed = max(self._hole_freed, begin)
        self._hole_end = begin + count
        self._free()

    def _free(self) -> None:
        """Give what is sent or given up back to the disk, and first note that it is."""
        is_much = self._sent - self._freed >= _STEP_BYTES
        if not is_much and self._hole_end - self._hole_freed < _STEP_BYTES:
            return
        try:
            self._save()
            # The last byte stays: who adds a line looks whether the one before has an end.
            give_back(self._path, max(self._freed, 0), self._sent - 1)
            give_back(self._path, max(self._hole_freed, self._hole), self._hole_end - 1)
        except OSError as error:
            _LOG.warning("%s cannot be cut down: %s", self._path, error)
        else:
            self._freed, self._hole_freed = self._sent, self._hole_end

    def _read(self, begin: int, most: int) -> bytes:
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as file:
            file.seek(begin)
            return file.read(most)
        return b""

    def _measure(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return self._allowance.seen

    def _load(self) -> tuple[int, int, int]:
        try:
            sent, hole, hole_end = map(int, self._state.read_text(encoding="ascii").split())
        except (FileNotFoundError, ValueError):
            return 0, 0, 0
        return sent, hole, hole_end

    def _save(self) -> None:
        hole = self._hole
        if self._piece is not None and self._piece.skipped:
            hole = min(hole, self._piece.offset)  # what it skips may be off the disk already
        numbers = f"{max(self._sent, 0):019} {hole:019} {self._hole_end:019}\n"
        # Written over, not anew: that takes no room, of which there may be none.
        descriptor = os.open(self._state, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, numbers.encode())
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
