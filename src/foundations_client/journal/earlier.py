"""Journals of one file, `events.journal`, as the first version left them: to be shipped.

Record n is event n: `u32 length | CRC-32 | JSON`, big-endian. The lock is held on the file
itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

from foundations_client.journal.files import load_progress, remove_folder, store_progress
from foundations_client.journal.folders import EARLIER_FILE, lock_or_leave
from foundations_client.journal.interface import MOST_BYTES, MOST_EVENTS, Progress
from foundations_wire.batches import Batch, from_events
from foundations_wire.events import Event, to_wire

_SET_ASIDE_FILE = "given-up.journal"
_HEADER = struct.Struct(">II")


class EarlierJournal:
    """What a dead process of the first version left; see Journal for the methods."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        """Take over an open and locked file."""
        self.folder = folder
        self._descriptor = descriptor
        self._progress = load_progress(folder)
        self._records, end = _cut((folder / EARLIER_FILE).read_bytes())
        os.ftruncate(descriptor, end)  # the record during which a process died

    @classmethod
    def take_over(cls, folder: Path) -> Optional[EarlierJournal]:
        """Return the journal, or None while its writer lives.

        Raises:
            OSError: the folder holds none or it cannot be read.
        """
        descriptor = lock_or_leave(folder / EARLIER_FILE, os.O_APPEND | os.O_RDWR)
        if descriptor < 0:
            return None
        try:
            return cls(folder, descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    @property
    def damage(self) -> Optional[str]:
        """Nothing is known of any."""
        return None

    @property
    def count(self) -> int:
        """See Journal."""
        return len(self._records)

    @property
    def progress(self) -> Progress:
        """See Journal."""
        return self._progress

    def append(self, event: Event) -> None:
        """See Journal."""
        body = json.dumps(to_wire(event), allow_nan=False).encode("utf-8", "replace")
        os.write(self._descriptor, _HEADER.pack(len(body), zlib.crc32(body)) + body)
        self._records.append(body)

    def read(self, first: int, *, limit: int = MOST_EVENTS, max_bytes: int = MOST_BYTES) -> Batch:
        """See Journal."""
        events: list[dict[str, Any]] = []
        for record in self._records[first : first + limit]:
            max_bytes -= len(record)
            if events and max_bytes < 0:
                break
            events.append(json.loads(record))
        return from_events("", first, events)

    def save(self, progress: Progress) -> None:
        """See Journal."""
        self._progress = progress
        store_progress(self.folder, progress)

    def close(self) -> None:
        """See Journal."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def remove(self) -> None:
        """See Journal."""
        remove_folder(self.folder)
        self.close()
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()

    def set_aside(self) -> None:
        """Close, and leave everything so that nobody tries to ship it again."""
        with contextlib.suppress(OSError):
            (self.folder / EARLIER_FILE).rename(self.folder / _SET_ASIDE_FILE)
        self.close()


def read_first(folder: Path) -> Any:
    """Return the first event of a journal, also of a live one, or None."""
    with (folder / EARLIER_FILE).open("rb") as file:
        length = int.from_bytes(file.read(4), "big")
        file.seek(0)
        records, _ = _cut(file.read(_HEADER.size + length))
    return json.loads(records[0]) if records else None


def _cut(data: bytes) -> tuple[list[bytes], int]:
    """Return the whole and sound records, and where they end."""
    records, end = list[bytes](), 0
    for record in _walk(data):
        records.append(record)
        end += _HEADER.size + len(record)
    return records, end


def _walk(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + _HEADER.size <= len(data):
        length, checksum = _HEADER.unpack_from(data, at)
        at += _HEADER.size + length
        record = data[at - length : at]
        if len(record) < length or zlib.crc32(record) != checksum:
            return
        yield record
