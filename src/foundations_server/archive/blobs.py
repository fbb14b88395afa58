"""Where bytes are kept, by the SHA-256 of their content."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import math
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from foundations_server.platform.disk_errors import explaining_full_disk
from foundations_wire.errors import InvalidRequest, UnknownBlob
from foundations_wire.ids import check_sha256

Check = Callable[[BinaryIO], object]


class BlobWriter(Protocol):
    """One content on its way in; not visible before `commit`. **Threads**: one at a time."""

    def write(self, data: bytes) -> None:
        """Take more bytes.

        Raises:
            StorageFull: there is no room for them.
        """
        ...

    def commit(self, sha256: str, check: Check | None = None) -> int:
        """Make the content durable and visible, and return its size in bytes.

        `check` reads the whole content first and raises to refuse it.

        Raises:
            InvalidRequest: the content has another hash.
            StorageFull: there is no room for it.
        """
        ...

    def abort(self) -> None:
        """Forget what was written; after `commit` it does nothing."""
        ...


class BlobStore(Protocol):
    """Keeps contents. **Thread safety**: any thread may call.

    A content is there whole or not at all, also when two writers commit it at once.
    """

    def begin(self) -> BlobWriter:
        """Return a writer of a new content."""
        ...

    def find_size(self, sha256: str) -> int | None:
        """Return the size of a content in bytes; None when it is not there."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Return a seekable file of a content, for the caller to close.

        Raises:
            UnknownBlob: it is not there.
        """
        ...

    def delete(self, sha256: str) -> None:
        """Remove a content if it is there. Who reads it already reads on."""
        ...

    def list_all(self, before: float = math.inf) -> Iterator[str]:
        """Return the hashes of all contents that came before a moment (Unix seconds)."""
        ...


def unknown(sha256: str) -> UnknownBlob:
    return UnknownBlob(f"The content {sha256} is not stored on the server.")


def _check_hash(wanted: str, found: str) -> None:
    if found != check_sha256(wanted):
        raise InvalidRequest(
            f"The content has the SHA-256 {found}, not {wanted} as the address says; "
            f"it was changed on the way or while it was read. Nothing was stored."
        )


class DirectoryBlobs:
    """Contents as files: `<folder>/ab/abcdef…`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"

    def discard_partial(self) -> None:
        """Remove what a killed server left half-written; call it before the first writer."""
        with contextlib.suppress(FileNotFoundError):
            for path in self._incoming.iterdir():
                path.unlink()

    def begin(self) -> DirectoryWriter:
        with explaining_full_disk():
            self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
            return DirectoryWriter(self._incoming / secrets.token_hex(16), self._path)

    def find_size(self, sha256: str) -> int | None:
        try:
            return self._path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, sha256: str) -> BinaryIO:
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError as error:
            raise unknown(sha256) from error

    def delete(self, sha256: str) -> None:
        self._path(sha256).unlink(missing_ok=True)

    def list_all(self, before: float = math.inf) -> Iterator[str]:
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(FileNotFoundError):  # removed meanwhile
                if path.stat().st_mtime < before:
                    yield path.name

    def _path(self, sha256: str) -> Path:
        return self._folder / check_sha256(sha256)[:2] / sha256


class DirectoryWriter:
    def __init__(self, temporary: Path, find_path: Callable[[str], Path]) -> None:
        self._temporary = temporary
        self._find_path = find_path
        self._hash = hashlib.sha256()
        self._file = temporary.open("xb+")

    def write(self, data: bytes) -> None:
        with explaining_full_disk():
            self._file.write(data)
        self._hash.update(data)

    def commit(self, sha256: str, check: Check | None = None) -> int:
        _check_hash(sha256, self._hash.hexdigest())
        target = self._find_path(sha256)
        with explaining_full_disk():
            self._file.flush()
            size = self._file.tell()
            if check is not None:
                self._file.seek(0)
                check(self._file)
            os.fsync(self._file.fileno())
            self._file.close()
            target.parent.mkdir(exist_ok=True, mode=0o700)
            self._temporary.replace(target)
            _sync_folder(target.parent)
        return size

    def abort(self) -> None:
        with contextlib.suppress(OSError):  # closing flushes, which a full disk refuses
            self._file.close()
        self._temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class MemoryBlobs:
    """Contents in memory, up to `capacity_bytes`: a store for tests and trials."""

    def __init__(self, capacity_bytes: int | None = None) -> None:
        self._contents: dict[str, bytes] = {}
        self._times: dict[str, float] = {}
        self._capacity_bytes = capacity_bytes

    def begin(self) -> MemoryWriter:
        return MemoryWriter(self._store)

    def find_size(self, sha256: str) -> int | None:
        content = self._contents.get(check_sha256(sha256))
        return None if content is None else len(content)

    def open(self, sha256: str) -> BinaryIO:
        content = self._contents.get(check_sha256(sha256))
        if content is None:
            raise unknown(sha256)
        return io.BytesIO(content)

    def delete(self, sha256: str) -> None:
        self._contents.pop(check_sha256(sha256), None)

    def list_all(self, before: float = math.inf) -> Iterator[str]:
        yield from [sha256 for sha256 in list(self._contents) if self._times[sha256] < before]

    def _store(self, sha256: str, content: bytes) -> None:
        used = sum(len(data) for data in self._contents.values())
        if self._capacity_bytes is not None and used + len(content) > self._capacity_bytes:
            with explaining_full_disk():
                raise OSError(errno.ENOSPC, "the store is full")
        self._times[sha256] = time.time()
        self._contents[sha256] = content


class MemoryWriter:
    def __init__(self, store: Callable[[str, bytes], None]) -> None:
        self._store = store
        self._buffer = io.BytesIO()

    def write(self, data: bytes) -> None:
        self._buffer.write(data)

    def commit(self, sha256: str, check: Check | None = None) -> int:
        content = self._buffer.getvalue()
        _check_hash(sha256, hashlib.sha256(content).hexdigest())
        if check is not None:
            self._buffer.seek(0)
            check(self._buffer)
        self._store(sha256, content)
        return len(content)

    def abort(self) -> None:
        self._buffer.close()
