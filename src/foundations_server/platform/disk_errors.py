"""What the errors of SQLite and of the disk below it mean to who asked."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from foundations_wire.errors import StorageFull, Unavailable

FULL = "The server's disk is full; nothing was stored. Free some space and try again."
LOCKED = (
    "Another process holds the server's database locked; nothing was stored. Try again in a "
    "moment, and end the program that opened the database beside the server."
)
BROKEN = (
    "The disk failed while the database was written; what was not acknowledged is not stored. "
    "Look at the system's log, and check the disk before you start the server again."
)
_FAMILY = 0xFF  # the lowest byte of SQLite's extended codes
# An I/O error that is none of the disk's own: no room for the shared memory beside the file.
_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE})


def is_full_disk(error: BaseException) -> bool:
    """Whether the error says that no space is left."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return _code(error) in _NO_ROOM


def is_locked(error: BaseException) -> bool:
    """Whether another process kept the database for too long."""
    return _code(error) & _FAMILY in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_broken(error: BaseException) -> bool:
    """Whether the disk failed: after that nobody knows what a file holds."""
    code = _code(error)
    return code & _FAMILY == sqlite3.SQLITE_IOERR and code not in _NO_ROOM


def translate(error: BaseException) -> BaseException:
    """Return the error to tell: a sentence where the disk or a lock is the cause."""
    for link in _chain(error):
        if is_full_disk(link):
            return StorageFull(FULL)
        if is_locked(link):
            return Unavailable(LOCKED)
        if is_broken(link):
            return Unavailable(BROKEN)
    return error


def means_broken(error: BaseException) -> bool:
    """Whether the disk's failure is among the causes of an error."""
    return any(is_broken(link) for link in _chain(error))


@contextmanager
def explaining_full_disk() -> Iterator[None]:
    """Raise StorageFull or Unavailable for the errors that mean it."""
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        told = translate(error)
        if told is error:
            raise
        raise told from error


def _chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    for _ in range(10):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _code(error: BaseException) -> int:
    """Return SQLite's extended code of an error; 0 for errors of others."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return _code(error.orig)
    if not isinstance(error, sqlite3.Error):
        return 0
    code = getattr(error, "sqlite_errorcode", 0)
    return code if isinstance(code, int) else 0
