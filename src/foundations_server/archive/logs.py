"""What jobs printed: one file each, appended by offset."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from foundations_server.platform.disk_errors import explaining_full_disk
from foundations_wire.errors import OffsetGap
from foundations_wire.ids import check_job_id

_LOCKS = 64


class JobLogs:
    """**Thread safety**: any thread may call; appends to one log happen one after another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    def append(self, job_id: str, offset: int, data: bytes) -> int:
        """Store bytes durably at an offset and return the length of the log.

        Bytes that are stored already are skipped.

        Raises:
            OffsetGap: bytes before them are missing.
            StorageFull: there is no room; what fitted before stays.
        """
        with self._locks[hash(job_id) % _LOCKS], explaining_full_disk():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path(job_id), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                return _append(descriptor, job_id, offset, data)
            finally:
                os.close(descriptor)

    def read(self, job_id: str, offset: int, limit: int) -> bytes:
        """Return at most `limit` bytes from an offset."""
        try:
            with self.path(job_id).open("rb") as file:
                if offset >= os.fstat(file.fileno()).st_size:
                    return b""  # the system refuses to seek too far
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            return b""

    def size(self, job_id: str) -> int:
        try:
            return self.path(job_id).stat().st_size
        except FileNotFoundError:
            return 0

    def delete(self, job_id: str) -> None:
        self.path(job_id).unlink(missing_ok=True)

    def path(self, job_id: str) -> Path:
        return self._folder / f"{check_job_id(job_id)}.log"


def _append(descriptor: int, job_id: str, offset: int, data: bytes) -> int:
    size = os.fstat(descriptor).st_size
    if offset > size:
        raise OffsetGap(
            f"The log of job `{job_id}` holds {size} bytes; bytes from {offset} on leave a gap.",
            expected=size,
        )
    fresh = data[size - offset :]
    if not fresh:
        return size
    try:
        os.lseek(descriptor, size, os.SEEK_SET)
        view = memoryview(fresh)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fdatasync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    return size + len(fresh)
