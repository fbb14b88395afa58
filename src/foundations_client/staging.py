"""Copies of files that wait for their upload, named by content."""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Optional

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class StagedFile:
    """A content that is safe from later changes of its source; `size` in bytes."""

    sha256: str
    size: int


class Staging:
    """A folder of contents, each a file named by its SHA-256.

    **Thread safety**: any thread may add; a content is removed only when the server has it,
    so that adding it again costs a copy and nothing else.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made when the first file comes."""
        self.folder = folder

    def add(self, source: Path) -> StagedFile:
        """Copy the file as it is now.

        Raises:
            OSError: the source cannot be read or the copy not written; nothing is left.
        """
        with source.open("rb") as file:
            return self.add_stream(file)

    def add_stream(self, file: BinaryIO) -> StagedFile:
        """Copy what a file yields from its position on; errors as in `add`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.folder / f".{os.urandom(8).hex()}"
        digest, size = hashlib.sha256(), 0
        try:
            with fresh.open("xb") as copy:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    size += len(chunk)
                    copy.write(chunk)
            fresh.replace(self.folder / digest.hexdigest())
        except BaseException:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise
        return StagedFile(digest.hexdigest(), size)

    def open(self, sha256: str) -> Optional[BinaryIO]:
        """Return the content for reading, or None when it is not here."""
        try:
            return (self.folder / sha256).open("rb")
        except FileNotFoundError:
            return None

    def holds(self, sha256: str) -> bool:
        """Whether the content waits here."""
        return (self.folder / sha256).is_file()

    def remove(self, sha256: str) -> None:
        """Forget a content; one that is not here is no error."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / sha256).unlink()

    def clear(self) -> None:
        """Remove everything, and the folder."""
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                path.unlink()
            self.folder.rmdir()
