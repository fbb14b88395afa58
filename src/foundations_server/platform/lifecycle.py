"""Opening and closing a home: one server at a time, schema up to date."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from foundations_server.platform.database import Database
from foundations_server.platform.settings import Settings
from foundations_wire.errors import AtlasError


class HomeUnusable(AtlasError):
    """The server cannot start with this home; the sentence says why."""

    code = "home-unusable"


class Lifecycle:
    """Holds what must be opened once and closed once."""

    def __init__(
        self, settings: Settings, database: Database, prepare: Callable[[Connection], None]
    ) -> None:
        self._settings = settings
        self._database = database
        self._prepare = prepare
        self._lock: HomeLock | None = None

    def open(self) -> None:
        """Open everything; a second call does nothing.

        Raises HomeUnusable when the home is taken, not writable, damaged, or of a newer version.
        """
        if self._lock is not None:
            return
        lock = HomeLock(self._settings.data)
        try:
            self._open_database()
        except BaseException:
            self._database.close()
            lock.release()
            raise
        self._lock = lock

    def _open_database(self) -> None:
        try:
            self._database.open(self._prepare)
        except (sqlite3.DatabaseError, DBAPIError) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise HomeUnusable(
                f"The database {self._settings.database} cannot be used ({cause}). Put a backup "
                f"in its place, or move it away to begin anew."
            ) from error

    def close(self) -> None:
        if self._lock is not None:
            self._database.close()
            self._lock.release()
            self._lock = None


class HomeLock:
    """The right to be the server of a home, held until released or the process ends."""

    def __init__(self, data: Path) -> None:
        path = data / "LOCK"
        try:
            data.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HomeUnusable(
                f"The server cannot write to {data} ({error.strerror}). Give it a home that "
                f"it may write to, with --home or FOUNDATIONS_HOME."
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise HomeUnusable(
                f"Another server already uses {data.parent}. Stop it with "
                f"`atlas-server stop`, or give this one another home with --home."
            ) from error

    def release(self) -> None:
        os.close(self._descriptor)
