"""What dead processes left in their folders, in whichever form."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional, Protocol

from foundations_client.journal.earlier import EarlierJournal, read_first
from foundations_client.journal.files import FileJournal
from foundations_client.journal.folders import EARLIER_FILE, SEGMENTS
from foundations_client.journal.interface import MOST_BYTES, MOST_EVENTS, Progress
from foundations_client.journal.records import read_event
from foundations_wire.batches import Batch
from foundations_wire.events import Event

_HEAD_BYTES = 1 << 20


class Shippable(Protocol):
    """What a Journal is to who ships it; see there."""

    @property
    def count(self) -> int:
        """See Journal."""
        ...

    @property
    def progress(self) -> Progress:
        """See Journal."""
        ...

    def read(self, first: int, *, limit: int = MOST_EVENTS, max_bytes: int = MOST_BYTES) -> Batch:
        """See Journal."""
        ...

    def save(self, progress: Progress) -> None:
        """See Journal."""
        ...


class LeftJournal(Shippable, Protocol):
    """A journal whose process is gone, locked by us."""

    @property
    def damage(self) -> Optional[str]:
        """A sentence on what cannot be read, as far as it has been read; else None."""
        ...

    def append(self, event: Event) -> None:
        """See Journal."""
        ...

    def close(self) -> None:
        """See Journal."""
        ...

    def remove(self) -> None:
        """See Journal."""
        ...

    def set_aside(self) -> None:
        """Close, and leave everything so that nobody tries to ship it again."""
        ...


def take_over(folder: Path) -> Optional[LeftJournal]:
    """Return what a dead process left, or None while its writer lives.

    Raises:
        FileNotFoundError: the folder holds no journal.
        OSError: it cannot be read.
    """
    if (folder / EARLIER_FILE).exists():
        return EarlierJournal.take_over(folder)
    return FileJournal.take_over(folder)


def read_first_event(folder: Path) -> Any:
    """Return the first event of a producer's journal, also of a live one, or None.

    A point is a dict without further content.

    Raises:
        OSError: it cannot be read.
    """
    if (folder / EARLIER_FILE).exists():
        return read_first(folder)
    first = min(folder.glob(SEGMENTS), default=None)
    if first is None:
        return None
    with first.open("rb") as file:
        return read_event(file.read(_HEAD_BYTES))
