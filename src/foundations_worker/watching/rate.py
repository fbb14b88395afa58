"""How much of a job's output is worth sending."""

from __future__ import annotations

from dataclasses import dataclass, field

SUSTAINED_BYTES = 4 << 20  # a second
BURST_BYTES = 64 << 20


@dataclass
class Allowance:
    """A bucket that fills with time and empties as the job prints.

    What is printed while it is empty becomes `debt`: that many bytes need not be sent. How
    fast the server takes them plays no part, so an absent server costs no job its output.
    """

    now: float
    seen: int = 0  # the size of the file when it was looked at last
    _left: float = field(default=BURST_BYTES)

    @property
    def debt(self) -> int:
        """How many bytes were printed beyond what may be."""
        return max(int(-self._left), 0)

    def observe(self, size: int, now: float) -> None:
        """Take note of how large the file has become."""
        filled = self._left + (now - self.now) * SUSTAINED_BYTES
        self._left = min(filled, BURST_BYTES) - (size - self.seen)
        self.now, self.seen = now, size

    def forgive(self, count: int) -> None:
        """Strike out bytes that will not be sent."""
        self._left += count
