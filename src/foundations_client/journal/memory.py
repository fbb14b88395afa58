"""A journal without a disk."""

from __future__ import annotations

import errno
from typing import Callable

from foundations_client.journal.interface import JournalFull, Progress
from foundations_client.journal.records import HEADER_BYTES
from foundations_client.journal.segmented import SegmentedJournal
from foundations_client.journal.segments import MemorySegment, Segment

_SEGMENT_BYTES = 256 << 10
_LIMIT_BYTES = 64 << 20
_MOST_BYTES = 128 << 20


class MemoryJournal(SegmentedJournal):
    """A journal without a disk: for tests, and where no folder can be written.

    Points are thinned when 64 MiB wait for the server.
    """

    def __init__(
        self, limit: int = _LIMIT_BYTES, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        """Begin empty; `limit` in bytes."""
        super().__init__([], Progress(), limit=limit, retained=0, tell=tell)

    @property
    def in_memory(self) -> int:
        """See Journal."""
        return self.count

    def sync(self) -> None:
        """See Journal."""

    def close(self) -> None:
        """See Journal."""
        self.seal()

    def remove(self) -> None:
        """See Journal."""
        self._is_sealed = True
        segments, self._segments = self._segments, []
        self._progress = Progress()
        for segment in segments:
            segment.remove()

    def _make_segment(self, first: int, need: int) -> Segment:
        if self._count_waiting() + need > _MOST_BYTES:
            raise JournalFull(errno.ENOMEM, "What waits for the server fills the memory for it")
        return MemorySegment(first, max(_SEGMENT_BYTES, HEADER_BYTES + need))
