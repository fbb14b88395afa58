from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Tells the time. **Thread safety**: any thread may ask."""

    def now(self) -> float:
        """Return seconds since 1970, for people; it may jump."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some fixed moment, for deadlines; it never jumps."""
        ...


class SystemClock:
    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class FakeClock:
    """Stands still until a test moves it."""

    seconds: float = 1_900_000_000.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
