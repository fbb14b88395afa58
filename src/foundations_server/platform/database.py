"""The database: one writing thread, many readers.

Every change is a function that takes a connection. The writing thread runs the changes of
all waiting requests, each in a savepoint of its own, and commits them together, so that a
hundred small requests pay for one fsync. Whoever asked is answered after that commit.
"""

from __future__ import annotations

import errno
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from foundations_wire.errors import StorageFull, Unavailable

T = TypeVar("T")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MAX_GROUP = 500  # changes in one commit; bounds how long the first of them waits
_ARGUMENTS = 500  # values in one statement; databases bound how many they take
_STOPPING = "The server is stopping; try again in a moment."
_LOG = logging.getLogger(__name__)
_FULL = "The server's disk is full; nothing was stored. Free some space and try again."


@dataclass(frozen=True)
class _Task:
    change: Callable[[Connection], Any]
    future: Future[Any] = field(default_factory=Future)


class _RolledBack(Exception):
    """SQLite gave up the whole transaction, not only the savepoint."""


class Database:
    """**Thread safety**: any thread may read and write; `write` blocks until it is durable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # nothing enters the queue after the None that ends it
        self._is_open = False
        self._thread: threading.Thread | None = None
        self._readers: Engine | None = None
        self._writers: Engine | None = None

    def open(self, prepare: Callable[[Connection], None]) -> None:
        """Open the file, let `prepare` bring its schema up to date, start the writer."""
        url = f"sqlite:///{self._path}"
        self._writers = create_engine(url, poolclass=NullPool)
        event.listen(self._writers, "connect", _set_up_writer)
        event.listen(self._writers, "begin", _begin_immediate)
        with explaining_full_disk(), self._writers.connect() as connection:
            # A migration that makes a table anew drops the old one, which would delete the
            # rows that refer to it. The pragma does nothing once a transaction has begun.
            connection.connection.execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                prepare(connection)
        self._readers = create_engine(url, pool_size=4, max_overflow=8)
        event.listen(self._readers, "connect", _set_up_reader)
        event.listen(self._readers, "begin", _begin_deferred)
        self._thread = threading.Thread(
            target=self._work, args=(self._writers,), name="database-writer", daemon=True
        )
        self._is_open = True
        self._thread.start()

    def close(self) -> None:
        """Finish what was asked for, then close the file."""
        with self._lock:
            if self._is_open:
                self._is_open = False
                self._tasks.put(None)
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for engine in (self._readers, self._writers):
            if engine is not None:
                engine.dispose()
        self._readers = self._writers = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection that sees one unchanging state and cannot write."""
        if self._readers is None:
            raise Unavailable(_STOPPING)
        with self._readers.connect() as connection, connection.begin():
            yield connection

    def write(self, change: Callable[[Connection], T]) -> T:
        """Return what `change` returns, once that is on the disk.

        An error in it undoes only its own changes and is raised here.
        """
        result: T = self._ask(change).result()
        return result

    def write_later(self, change: Callable[[Connection], object]) -> None:
        """Ask for a change and do not wait for it; a server that stops may leave it out.

        Asked for inside of another change, it runs after that one is committed.
        """
        with suppress(Unavailable):
            self._ask(change).add_done_callback(_log_failure)

    def _ask(self, change: Callable[[Connection], Any]) -> Future[Any]:
        task = _Task(change)
        with self._lock:
            if not self._is_open:
                raise Unavailable(_STOPPING)
            self._tasks.put(task)
        return task.future

    def _work(self, writers: Engine) -> None:
        try:
            with writers.connect() as connection:
                is_open = True
                while is_open:
                    tasks, is_open = self._take()
                    if tasks:
                        _commit_together(connection, tasks)
        finally:
            self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        """Answer those who are left when the thread dies of an error."""
        with self._lock:
            self._is_open = False
        while not self._tasks.empty():
            task = self._tasks.get()
            if task is not None:
                task.future.set_exception(Unavailable(_STOPPING))

    def _take(self) -> tuple[list[_Task], bool]:
        """Wait for a change, then take all that wait; False once closing was asked for."""
        tasks: list[_Task] = []
        task = self._tasks.get()
        while task is not None:
            tasks.append(task)
            if len(tasks) == MAX_GROUP or self._tasks.empty():
                return tasks, True
            task = self._tasks.get()
        return tasks, False


def _commit_together(connection: Connection, tasks: list[_Task]) -> None:
    results: list[tuple[_Task, Any, BaseException | None]] = []
    try:
        with connection.begin():
            results.extend((task, *_apply(connection, task)) for task in tasks)
    except BaseException as error:  # noqa: BLE001 - every request of the group must hear of it
        told = _translate(error)
        results = [(task, None, told) for task in tasks]
    for task, result, failure in results:
        if failure is None:
            task.future.set_result(result)
        else:
            task.future.set_exception(failure)


def _log_failure(future: Future[Any]) -> None:
    error = future.exception()
    if error is not None and not isinstance(error, Unavailable):
        _LOG.error("A change that nobody waits for failed.", exc_info=error)


def _apply(connection: Connection, task: _Task) -> tuple[Any, BaseException | None]:
    try:
        with connection.begin_nested():
            return task.change(connection), None
    except BaseException as error:  # handed to the request that asked
        if not _is_in_transaction(connection):
            raise _RolledBack from error
        return None, _translate(error)


def _is_in_transaction(connection: Connection) -> bool:
    raw = connection.connection.dbapi_connection
    return bool(getattr(raw, "in_transaction", True))


def _translate(error: BaseException) -> BaseException:
    """Return the error that a full disk means; others as they are."""
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(links) < 10:
        links.append(link)
        link = link.__cause__ or link.__context__
    if any(is_full_disk(item) for item in links):
        return StorageFull(_FULL)
    return error


def is_full_disk(error: BaseException) -> bool:
    """Whether the error says that no space is left."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return is_full_disk(error.orig)
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def explaining_full_disk() -> Iterator[None]:
    """Raise StorageFull for the errors that mean it."""
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        if is_full_disk(error):
            raise StorageFull(_FULL) from error
        raise


def slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield pieces that one statement can take as arguments."""
    for first in range(0, len(items), _ARGUMENTS):
        yield items[first : first + _ARGUMENTS]


def _set_up_writer(raw: sqlite3.Connection, _record: object) -> None:
    _set_up(raw)
    raw.execute("PRAGMA journal_mode = WAL")
    # An acknowledged point must survive a power cut, so each commit waits for the disk.
    raw.execute("PRAGMA synchronous = FULL")


def _set_up_reader(raw: sqlite3.Connection, _record: object) -> None:
    _set_up(raw)
    raw.execute("PRAGMA query_only = ON")


def _set_up(raw: sqlite3.Connection) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves, see below
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA busy_timeout = 5000")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
