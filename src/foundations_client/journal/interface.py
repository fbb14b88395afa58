"""What a journal promises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Protocol

from foundations_wire.batches import Batch
from foundations_wire.events import Event

MOST_EVENTS = 20_000  # in one batch
MOST_BYTES = 1 << 20

Count = Callable[[], int]


@dataclass(frozen=True)
class Progress:
    """What the server has: the events before number `events`, `output` bytes of the log."""

    events: int = 0
    output: int = 0


class JournalFull(OSError):
    """The disk takes no more events and memory may not hold more."""


class JournalClosed(OSError):
    """The journal takes nothing more; what was being appended was not."""


class Lane(Protocol):
    """Where points go now: the fast way in, for who packs records itself (see `records`).

    `keys` tells a metric's number here, and what was given for it to `Journal.intern`.
    When `write` raises ValueError, intern again and write to the lane that you get.
    **Thread safety**: any thread, and signal handlers.
    """

    keys: dict[str, tuple[int, Count]]

    @property
    def write(self) -> Callable[[bytes], object]:
        """Take whole records in one piece, or raise ValueError."""
        ...


class Points(Protocol):
    """How points get in: through a lane, or several at once. See Journal for the promises."""

    @property
    def is_amid_a_call(self) -> bool:
        """Whether the calling thread was interrupted in a call, so that all others must wait."""
        ...

    def intern(self, name: str, count: Count) -> Lane:
        """Return the present lane, in whose `keys` the name is; errors as in `append`."""
        ...

    def put(self, points: list[tuple[str, Count, bytes]]) -> None:
        """Add points, each a name, its count and the 27 bytes of a `batches.POINT`.

        The name's number in the bytes is put right. Few points are written in one piece, so
        that all of them survive or none. Errors as in `append`.
        """
        ...


class Journal(Points, Protocol):
    """The events of one producer, in order, until the server has them.

    **Durability**: when `append`, `put` or a lane's `write` returns, the event survives the
    death of the process, as far as the implementation has a disk. **Thread safety**: any
    thread appends, also from a signal handler; one thread at a time reads and saves.
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
            JournalClosed: the journal was sealed, closed or removed.
            TypeError: something in the event has no JSON form.
        """
        ...

    def read(self, first: int, *, limit: int = MOST_EVENTS, max_bytes: int = MOST_BYTES) -> Batch:
        """Return a batch that begins with number `first`, without a producer.

        It holds one event at least, if there is one, and may end before a limit is reached.
        Where events are gone for good it is a lone Dropped that counts them.
        """
        ...

    def save(self, progress: Progress) -> None:
        """Remember what the server has acknowledged."""
        ...

    def sync(self) -> None:
        """Make what was appended survive a power cut too, as far as the disk lets it."""
        ...

    def settle(self) -> None:
        """Add what thinning still holds back (see `thinning`)."""
        ...

    def seal(self) -> None:
        """Take no more events: from now on `count` stays."""
        ...

    def close(self) -> None:
        """Let go of the lock; what was appended stays."""
        ...

    def drop(self) -> None:
        """Let go in the child of a fork, where nothing may be written and no lock taken."""
        ...

    def remove(self) -> None:
        """Forget everything, and close."""
        ...


def span(batch: Batch) -> int:
    """Return how many numbers the batch's events take; a Dropped may stand for several."""
    return batch.points + sum(_count_numbers(event) for _, event in batch.events)


def is_hole(batch: Batch) -> bool:
    """Whether the batch stands for events that are gone."""
    return len(batch.events) == 1 and span(batch) > 1 and not batch.points


def _count_numbers(event: dict[str, Any]) -> int:
    return int(event.get("count", 1)) if event.get("event") == "dropped" else 1
