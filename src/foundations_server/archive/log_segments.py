"""The files that one job's log consists of.

A segment's name tells where it begins: `0000000000004194304.log`, which grows, and
`0000000000000000000-4194304.zst`, which is full. What lies between the end of one and the
beginning of the next is not kept; so the exact number needs no record of its own, and a
segment can be dropped by removing its file.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import zstandard

SEGMENT_BYTES = 4 << 20
_NAME = re.compile(r"(\d{19})(?:\.log|-(\d+)\.zst)")
_DIGITS = 19
_PACKED = ".zst"
_LEVEL = 3


@dataclass(frozen=True)
class Segment:
    """Bytes `start` to `end` of a log, in a file."""

    start: int
    size: int
    path: Path

    @property
    def end(self) -> int:
        return self.start + self.size

    @property
    def is_packed(self) -> bool:
        return self.path.suffix == _PACKED

    def read(self, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes from an offset of the log that lies in the segment.

        Raises:
            FileNotFoundError: the segment was packed or dropped meanwhile.
        """
        place = offset - self.start
        limit = min(limit, self.end - offset)
        with self.path.open("rb") as file:
            if self.is_packed:
                plain = zstandard.ZstdDecompressor().decompress(file.read(), self.size)
                return plain[place : place + limit]
            file.seek(place)
            return file.read(limit)


def list_segments(folder: Path) -> list[Segment]:
    """Return the segments in their order; none when there is no folder."""
    try:
        with os.scandir(folder) as entries:
            found = [segment for entry in entries if (segment := _recognize(entry))]
    except FileNotFoundError:
        return []
    found.sort(key=lambda segment: (segment.start, not segment.is_packed))
    # One that was just being packed has two files; the packed one is whole.
    return [
        segment
        for index, segment in enumerate(found)
        if index == 0 or segment.start != found[index - 1].start
    ]


def measure(folder: str) -> int | None:
    """Return where the last segment ends, quickly; None when there is no segment."""
    try:
        names = [name for name in os.listdir(folder) if _NAME.fullmatch(name)]  # noqa: PTH208
        if not names:
            return None
        last = max(names, key=lambda name: (name[:_DIGITS], name.endswith(_PACKED)))
        start = int(last[:_DIGITS])
        if last.endswith(_PACKED):
            return start + int(last[_DIGITS + 1 : -len(_PACKED)])
        return start + os.stat(f"{folder}/{last}").st_size  # noqa: PTH116 - a page asks it often
    except FileNotFoundError:
        return None


def create(folder: Path, start: int) -> Segment:
    """Make an empty segment that survives a power cut."""
    path = folder / f"{start:019}.log"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    sync_folder(folder)
    return Segment(start, 0, path)


def pack(segment: Segment) -> Segment:
    """Compress a full segment and return the one that replaces it.

    Raises:
        OSError: there is no room; the segment stays as it is.
    """
    packed = segment.path.with_name(f"{segment.start:019}-{segment.size}{_PACKED}")
    unfinished = packed.with_suffix(".unfinished")
    data = zstandard.ZstdCompressor(level=_LEVEL).compress(segment.path.read_bytes())
    try:
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(packed)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(packed.parent)
    segment.path.unlink(missing_ok=True)
    return Segment(segment.start, segment.size, packed)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _recognize(entry: os.DirEntry[str]) -> Segment | None:
    match = _NAME.fullmatch(entry.name)
    if match is None:
        return None
    try:
        size = int(match.group(2)) if match.group(2) else entry.stat().st_size
    except FileNotFoundError:
        return None  # packed or dropped this moment
    return Segment(int(match.group(1)), size, Path(entry.path))
