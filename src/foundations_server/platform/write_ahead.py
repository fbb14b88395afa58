"""Keeps SQLite's write-ahead log short.

The writer's connection alone checkpoints: in the SQLite versions that many systems have, two
that do can damage the file. The log starts anew once nobody reads from it, and a program that
reads for minutes (a backup, a shell) would let it grow without end. So it is cut as soon as
that can be, and above a limit writing waits: clients keep what they have until then.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from foundations_server.platform.disk_errors import is_broken
from foundations_wire.errors import Unavailable

CHECKPOINT_PAGES = 4000  # 16 MiB: SQLite copies them into the file by itself
_CUT_BYTES = 64 << 20
_MOST_BYTES = 192 << 20
_PAUSE_SECONDS = 0.25
_TOO_LONG = (
    "Another process has been reading the server's database for too long; nothing was stored. "
    "Try again in a moment, and end the program that reads the database beside the server."
)


class WriteAheadLog:
    """**Thread safety**: none; it belongs to the writing thread."""

    def __init__(
        self, database: Path, *, cut_bytes: int = _CUT_BYTES, most_bytes: int = _MOST_BYTES
    ) -> None:
        self._path = database.with_name(f"{database.name}-wal")
        self._cut_bytes = cut_bytes
        self._most_bytes = most_bytes
        self._next_try = 0.0

    def require_room(self, raw: sqlite3.Connection) -> None:
        """Raise Unavailable while the log is too long and somebody still reads from it."""
        if self._size() >= self._most_bytes:
            self.tend(raw)
            if self._size() >= self._most_bytes:
                raise Unavailable(_TOO_LONG)

    def tend(self, raw: sqlite3.Connection) -> None:
        """Cut the log if it is long and nobody reads from it. Call it between transactions."""
        if self._size() < self._cut_bytes or time.monotonic() < self._next_try:
            return
        raw.execute("PRAGMA busy_timeout = 0")  # whoever reads goes on; we try again
        self._next_try = time.monotonic() + _PAUSE_SECONDS
        try:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:  # a full disk, a lock: nothing is lost by waiting
            if is_broken(error):
                raise

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0
