"""What all journals of segments share: writing, rolling, reading, retiring, thinning."""

from __future__ import annotations

import contextlib
import errno
import threading
import time
from typing import Callable, Optional

from foundations_client.journal.interface import (
    MOST_BYTES,
    MOST_EVENTS,
    Count,
    JournalClosed,
    Lane,
    Progress,
)
from foundations_client.journal.records import (
    MAX_NAMES,
    STRIDE,
    Cursor,
    Taken,
    encode_event,
    encode_key,
    encode_point,
)
from foundations_client.journal.segments import MemorySegment, Segment, load_records
from foundations_client.journal.thinning import Thinner
from foundations_client.sizes import show_bytes
from foundations_wire.batches import Batch
from foundations_wire.events import Dropped, Event, Finished, Thinned, to_wire

_AT_ONCE = 1000  # points that are written in one piece
_ENOUGH_ROOM = 0.9  # of the limit, below which all points are kept again
_NO_COUNT: Count = int


class SegmentedJournal:
    """The part of a Journal that does not know where its segments lie."""

    def __init__(
        self,
        segments: list[Segment],
        progress: Progress,
        *,
        limit: int,
        retained: int,
        tell: Callable[[str], None],
    ) -> None:
        """Take segments of the past; a new one is begun with the first event.

        `limit` and `retained` are bytes: of unacknowledged segments, beyond which points are
        thinned, and of acknowledged ones, which a server may ask for again.
        """
        self._segments = segments
        self._begun: dict[str, Segment] = {}  # the first one, as Segment.after
        self._progress = progress
        self._limit = limit
        self._retained = retained
        self._tell = tell
        self._thinner: Optional[Thinner] = None
        self._has_told = False
        self._is_sealed = False
        self._lock = threading.RLock()  # a signal handler may append amid an append
        self._place: Optional[tuple[Segment, Cursor]] = None

    @property
    def count(self) -> int:
        """See Journal."""
        with self._lock:
            last = self._find_last()
            return last.count_to() if last is not None else 0

    @property
    def progress(self) -> Progress:
        """See Journal."""
        return self._progress

    @property
    def is_amid_a_call(self) -> bool:
        """See Journal."""
        return bool(self._lock._is_owned())  # type: ignore[attr-defined] # noqa: SLF001

    def append(self, event: Event) -> None:
        """See Journal."""
        record = encode_event(event)
        if isinstance(event, Finished):
            self.settle()
        with self._lock:
            self._write(record)

    def intern(self, name: str, count: Count) -> Lane:
        """See Journal."""
        with self._lock:
            while True:
                thinner = self._thinner
                if thinner is None:
                    segment = self._learn(name, count)
                    if self._thinner is None:  # else this very segment filled the journal
                        return segment
                else:
                    self._check_open()
                    thinner.learn(name, count)
                    return thinner

    def put(self, points: list[tuple[str, Count, bytes]]) -> None:
        """See Journal."""
        for start in range(0, len(points), _AT_ONCE):
            while not self._put(points[start : start + _AT_ONCE]):
                pass

    def _put(self, points: list[tuple[str, Count, bytes]]) -> bool:
        """Write the points in one piece; return whether one segment took them all."""
        for name, count, _ in points:
            lane = self.intern(name, count)
        try:
            lane.write(
                b"".join(encode_point(lane.keys[name][0], body) for name, _, body in points)
            )
        except (KeyError, ValueError):  # another segment was begun meanwhile, or must be
            with self._lock:
                last = self._find_last()
                if lane is last:
                    self._roll(last, len(points) * STRIDE)
            return False
        return True

    def read(self, first: int, *, limit: int = MOST_EVENTS, max_bytes: int = MOST_BYTES) -> Batch:
        """See Journal."""
        with self._lock:
            segment, following = self._locate(first)
        taken, names = Taken(max_bytes), list[str]()
        if segment is not None:
            names = self._take(segment, first, limit, taken)
        if not taken.count and following is not None:
            reason = f"Events {first} to {following - 1} were no longer in the journal."
            hole = Dropped(time.time(), reason, following - first)
            return Batch("", first, events=[(0, to_wire(hole))])
        return taken.to_batch(first, names)

    def save(self, progress: Progress) -> None:
        """See Journal."""
        self._progress = progress
        self._store(progress)
        thinner: Optional[Thinner] = None
        with self._lock:
            self._retire()
            if self._thinner and self._count_waiting() < self._limit * _ENOUGH_ROOM:
                thinner, self._thinner = self._thinner, None
        if thinner is not None:
            with contextlib.suppress(OSError):  # it is told when the next event is refused
                thinner.close()

    def settle(self) -> None:
        """See Journal."""
        thinner = self._thinner
        if thinner is not None:
            thinner.flush()

    def seal(self) -> None:
        """See Journal."""
        if self._is_sealed:
            return
        thinner, self._thinner = self._thinner, None
        if thinner is not None:
            with contextlib.suppress(OSError):
                thinner.close()
        with self._lock:
            self._is_sealed = True
            last = self._find_last()
            if last is not None:
                last.seal()

    def drop(self) -> None:
        """See Journal."""
        self._is_sealed = True
        self._lock = threading.RLock()
        if self._thinner is not None:
            self._thinner.drop()
        for segment in self._segments:
            segment.drop()

    def _store(self, progress: Progress) -> None:
        """Keep the progress beyond the process, where there is a place for it."""

    def _make_segment(self, first: int, need: int) -> Segment:
        """Return a new segment with room for records of so many bytes, or raise JournalFull."""
        raise NotImplementedError

    def _check_open(self) -> None:
        if self._is_sealed:
            raise JournalClosed(errno.EBADF, "The journal is closed")

    def _write(self, record: bytes) -> None:
        while True:
            segment = self._writable(len(record))
            try:
                segment.write(record)
            except ValueError:
                self._roll(segment, len(record))
            else:
                return

    def _writable(self, need: int) -> Segment:
        self._check_open()
        last = self._find_last()
        while last is None:
            self._roll(None, need)
            last = self._find_last()
        return last

    def _find_last(self) -> Optional[Segment]:
        """Return the segment that is written to, after it has joined the others."""
        while True:
            # A signal handler may do the same amid this: each step leaves a sound list.
            now = self._segments
            after = (now[-1].after if now else self._begun).get("next")
            if after is None:
                return now[-1] if now else None
            self._segments = [*now, after]

    def _roll(self, full: Optional[Segment], need: int) -> None:
        """Begin a new segment after the present one."""
        if full is not None:
            full.seal()
        first = full.count_to() if full is not None else 0
        made = self._make_segment(max(first, self._progress.events), need)
        after = self._begun if full is None else full.after
        if after.setdefault("next", made) is not made:
            made.remove()  # a signal handler was quicker
        self._find_last()
        if self._thinner is None and self._count_waiting() >= self._limit:
            self._thin()

    def _learn(self, name: str, count: Count) -> Segment:
        """Return the present segment, which knows the name then."""
        while True:
            segment = self._writable(0)
            if name in segment.keys:
                return segment
            number = segment.take_number()
            try:
                if number < MAX_NAMES:
                    segment.write(encode_key(number, name))
                    segment.keys[name] = (number, count)
                    return segment
            except ValueError:
                pass
            self._roll(segment, 0)

    def _thin(self) -> None:
        self._thinner = Thinner(self._put_through, self._leave_out, self._lock)
        if not self._has_told:
            self._has_told = True
            self._tell(
                f"The journal has reached its limit of {show_bytes(self._limit)}: of each 1,000 "
                f"points of a metric only the first, last, smallest and largest are kept until "
                f"the server takes what waits. FOUNDATIONS_JOURNAL_LIMIT raises the limit."
            )

    def _put_through(self, name: str, point: bytes) -> None:
        with self._lock:
            while True:
                segment = self._learn(name, _NO_COUNT)
                try:
                    segment.write(encode_point(segment.keys[name][0], point))
                except ValueError:
                    self._roll(segment, STRIDE)
                else:
                    return

    def _leave_out(self, name: str, count: int) -> None:
        with self._lock:
            self._write(encode_event(Thinned(time.time(), name, count)))

    def _count_waiting(self) -> int:
        """Return the bytes of full segments that the server has not acknowledged."""
        pairs = zip(self._segments, self._segments[1:])
        return sum(one.size for one, after in pairs if after.first > self._progress.events)

    def _retire(self) -> None:
        """Forget old segments that the server has, but for the first: it names the job."""
        done = [
            one
            for one, after in zip(self._segments[1:], self._segments[2:])
            if after.first <= self._progress.events
        ]
        kept = 0
        for segment in reversed(done):
            kept += segment.size
            if kept > self._retained or isinstance(segment, MemorySegment):
                self._segments = [one for one in self._segments if one is not segment]
                segment.remove()

    def _locate(self, first: int) -> tuple[Optional[Segment], Optional[int]]:
        """Return the segment of an event, and the number with which the one after it begins."""
        following: Optional[int] = None
        for segment in reversed(self._segments):
            if segment.first <= first:
                return segment, following
            following = segment.first
        return None, following

    def _take(self, segment: Segment, first: int, limit: int, taken: Taken) -> list[str]:
        """Take events from number `first` on; return the names that their points count into."""
        before, cursor = self._place or (None, Cursor(0))
        if before is not segment or cursor.number > first:
            cursor = Cursor(segment.first)
        while cursor.number < first:
            if not cursor.advance(load_records(segment, cursor.offset), first - cursor.number):
                return []
        while taken.count < limit and taken.room:
            block = load_records(segment, cursor.offset)
            if not cursor.advance(block, limit - taken.count, taken):
                break
        self._place = segment, cursor
        with self._lock:
            segment.note(cursor)
        return cursor.names
