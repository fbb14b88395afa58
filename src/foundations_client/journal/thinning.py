"""What is left of points while the journal is at its limit."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from foundations_client.journal.interface import Count
from foundations_client.journal.records import STRIDE
from foundations_wire.batches import FLOAT, INTEGER_POINT, POINT, POINT_BYTES

STRETCH = 1000  # points of a metric


@dataclass
class _Stretch:
    """Some consecutive points of a metric: how many, and those that are kept."""

    name: str
    count: int = 0
    last: bytes = b""
    low: Optional[Any] = None
    high: Optional[Any] = None
    kept: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def add(self, point: bytes) -> None:
        """Take a point in."""
        layout = POINT if point[0] == FLOAT else INTEGER_POINT
        value = layout.unpack(point)[-1]
        here = (self.count, point)
        self.kept.setdefault("first", here)
        self.kept["last"] = here
        if value == value and (self.low is None or value < self.low):  # noqa: PLR0124 - no NaN
            self.low, self.kept["low"] = value, here
        if value == value and (self.high is None or value > self.high):  # noqa: PLR0124
            self.high, self.kept["high"] = value, here
        self.count += 1

    def keep(self) -> list[bytes]:
        """Return first, last, smallest and largest, in order, each once."""
        return [point for _, point in sorted(set(self.kept.values()))]


class Thinner:
    """A Lane that lets four of a thousand points of each metric through.

    `put` adds a point to the journal, `tell_left_out` says of how many it was told nothing.
    """

    def __init__(
        self,
        put: Callable[[str, bytes], None],
        tell_left_out: Callable[[str, int], None],
        lock: threading.RLock,
    ) -> None:
        """Begin with no names. The lock is the journal's, which `put` takes too."""
        self.keys: dict[str, tuple[int, Count]] = {}
        self.take_number = itertools.count().__next__
        self._put = put
        self._tell_left_out = tell_left_out
        self._names: dict[int, str] = {}
        self._stretches: dict[int, _Stretch] = {}
        self._lock = lock
        self._is_closed = False
        self.write = self._write

    def learn(self, name: str, count: Count) -> None:
        """Give the name a number here."""
        if name not in self.keys:
            number = self.take_number()
            self._names[number] = name
            self.keys[name] = (number, count)

    def flush(self) -> None:
        """Let through what is held back, and the counts of what is not."""
        with self._lock:
            stretches, self._stretches = self._stretches, {}
            for stretch in stretches.values():
                self._end(stretch)

    def close(self) -> None:
        """Flush, and take no more points."""
        with self._lock:
            self._is_closed = True
            self.flush()

    def drop(self) -> None:
        """Take no more points in the child of a fork."""
        self._lock = threading.RLock()
        self._is_closed = True

    def _write(self, records: bytes) -> None:
        with self._lock:
            if self._is_closed:
                raise ValueError("Points are no longer thinned.")
            for at in range(0, len(records), STRIDE):
                self._add(records[at : at + POINT_BYTES])

    def _add(self, point: bytes) -> None:
        number = int.from_bytes(point[1:3], "little")
        stretch = self._stretches.get(number)
        if stretch is None:
            stretch = self._stretches[number] = _Stretch(self._names[number])
        stretch.add(point)
        if stretch.count >= STRETCH and self._stretches.pop(number, None) is stretch:
            self._end(stretch)

    def _end(self, stretch: _Stretch) -> None:
        kept = stretch.keep()
        for point in kept:
            self._put(stretch.name, point)
        if stretch.count > len(kept):
            self._tell_left_out(stretch.name, stretch.count - len(kept))
