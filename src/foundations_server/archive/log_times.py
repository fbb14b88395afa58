"""Which part of a log came when: one entry for each second in which something came."""

from __future__ import annotations

import struct
from pathlib import Path

# When it began, for how long it took bytes, and the offset of its first byte.
_ENTRY = struct.Struct("<ddq")
_GRAIN_S = 1.0
_MOST_ENTRIES = 1 << 15


class LogTimes:
    """A coarse index from moments to offsets. Never larger than a mebibyte.

    It is a convenience: losing its last entries in a power cut only makes it coarser.
    **Thread safety**: one thread at a time notes; any may look.
    """

    def __init__(self, path: Path) -> None:
        """Take the file; it is made with the first note."""
        self._path = path
        self._count = 0
        self._covered_until = float("-inf")
        entries = self._read()
        if entries:
            self._count = len(entries)
            self._covered_until = entries[-1][0] + entries[-1][1]

    def note(self, now: float, offset: int) -> None:
        """Say that the bytes from an offset on come now."""
        # A clock that was set back begins a new entry too.
        if self._covered_until - 2 * _GRAIN_S < now < self._covered_until:
            return
        if self._count >= _MOST_ENTRIES:
            self._thin()
        with self._path.open("ab") as file:
            file.truncate(self._count * _ENTRY.size)  # of an entry torn by a crash
            file.write(_ENTRY.pack(now, _GRAIN_S, offset))
        self._count += 1
        self._covered_until = now + _GRAIN_S

    def find(self, since: float) -> int | None:
        """Return the offset of what came then or later, or a little earlier; None if nothing."""
        for began, lasted, offset in self._read():
            if began + lasted > since:
                return offset
        return None

    def _read(self) -> list[tuple[float, float, int]]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        return list(_ENTRY.iter_unpack(data[: len(data) // _ENTRY.size * _ENTRY.size]))

    def _thin(self) -> None:
        """Make one entry of each two."""
        entries = self._read()
        kept = [
            (first[0], max(second[0] + second[1] - first[0], first[1]), first[2])
            for first, second in zip(entries[::2], entries[1::2], strict=False)
        ]
        unfinished = self._path.with_suffix(".unfinished")
        unfinished.write_bytes(b"".join(_ENTRY.pack(*entry) for entry in kept))
        unfinished.replace(self._path)
        self._count = len(kept)
