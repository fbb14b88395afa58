"""The database: one writing thread, many readers.

Every change is a function that takes a connection. The writing thread runs the changes of
all waiting requests, each in a savepoint of its own, and commits them together, so that a
hundred small requests pay for one fsync. Whoever asked is answered after that commit.
"""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Engine, MetaData, create_engine, event, select
from sqlalchemy.pool import NullPool

from foundations_server.platform import disk_errors
from foundations_server.platform.disk_errors import explaining_full_disk
from foundations_server.platform.write_ahead import CHECKPOINT_PAGES, WriteAheadLog
from foundations_wire.errors import AtlasError, StorageFull, Unavailable

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
_PATIENCE_SECONDS = 5.0  # that a change waits while another process keeps the database
_PROBE_SECONDS = 2.0
_SAVEPOINT = "one_change"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Task:
    change: Callable[[Connection], Any]
    future: Future[Any] = field(default_factory=Future)
    asked_at: float = field(default_factory=time.monotonic)


class _RolledBack(Exception):
    """SQLite gave up the whole transaction, not only the savepoint."""


def _die(sentence: str) -> None:
    _LOG.critical(sentence)


class Database:
    """**Thread safety**: any thread may read and write; `write` blocks until it is durable.

    `on_broken` is told when the disk failed under the database: no change is taken any more,
    and the process had better end. `trouble` says why the last changes could not be stored.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.on_broken: Callable[[str], None] = _die
        self.trouble: AtlasError | None = None
        self.version = 0  # grows with each commit; what was read at one holds while it stays
        self._log = WriteAheadLog(path)
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
        with explaining_full_disk(), self._readers.connect() as connection, connection.begin():
            yield connection

    def write(self, change: Callable[[Connection], T]) -> T:
        """Return what `change` returns, once that is on the disk.

        An error in it undoes only its own changes and is raised here.
        """
        result: T = self.ask(change).result()
        return result

    def write_later(self, change: Callable[[Connection], object]) -> None:
        """Ask for a change and do not wait for it; a server that stops may leave it out.

        Asked for inside of another change, it runs after that one is committed.
        """
        with suppress(Unavailable):
            self.ask(change).add_done_callback(_log_failure)

    def ask(self, change: Callable[[Connection], T]) -> Future[T]:
        """Return the future of a `write`, for who must not block."""
        task = _Task(change)
        with self._lock:
            if not self._is_open:
                raise Unavailable(_STOPPING)
            self._tasks.put(task)
        return task.future

    def is_idle(self) -> bool:
        """Whether no change waits."""
        return self._tasks.empty()

    def _work(self, writers: Engine) -> None:
        try:
            with writers.connect() as connection:
                is_open = True
                while is_open:
                    tasks, is_open = self._take()
                    if tasks:
                        self._commit(connection, tasks)
                self._close_readers()
        finally:
            self._refuse_waiting()

    def _close_readers(self) -> None:
        """Let the writer's connection be the last one, for the last one checkpoints."""
        if self._readers is not None:
            self._readers.dispose()

    def _commit(self, connection: Connection, tasks: list[_Task]) -> None:
        raw: Any = connection.connection.dbapi_connection
        patience = tasks[0].asked_at + _PATIENCE_SECONDS - time.monotonic()
        try:
            self._log.require_room(raw)
            raw.execute(f"PRAGMA busy_timeout = {max(int(patience * 1000), 1)}")
            self.trouble = _commit_together(connection, tasks, self._count)
            self._log.tend(raw)
        except AtlasError as error:
            self.trouble = error
            _tell(tasks, error)
        except (_Broken, sqlite3.Error):
            # What the kernel could not write it may claim to have written the next time.
            self.trouble = Unavailable(disk_errors.BROKEN)
            self.on_broken(disk_errors.BROKEN)
            raise

    def _count(self) -> None:
        self.version += 1

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
        try:
            task = self._tasks.get(timeout=_PROBE_SECONDS if self.trouble else None)
        except queue.Empty:
            return [_Task(_probe)], True
        while task is not None:
            if task.future.set_running_or_notify_cancel():  # who hung up wants nothing
                tasks.append(task)
            if len(tasks) == MAX_GROUP or self._tasks.empty():
                return tasks, True
            task = self._tasks.get()
        return tasks, False


class _Broken(Exception):
    """The disk failed; nobody knows what the file holds."""


def _commit_together(
    connection: Connection, tasks: list[_Task], note: Callable[[], None]
) -> AtlasError | None:
    """Run changes and answer those who asked; return what keeps the database from storing.

    `note` is called between the commit and the answers.
    """
    results: list[tuple[_Task, Any, BaseException | None]] = []
    trouble: AtlasError | None = None
    is_broken = False
    try:
        with connection.begin():
            results.extend((task, *_apply(connection, task)) for task in tasks)
    except BaseException as error:  # noqa: BLE001 - every request of the group must hear of it
        told = disk_errors.translate(error)
        is_broken = disk_errors.means_broken(error)
        results = [(task, None, told) for task in tasks]
    note()
    for task, result, failure in results:
        if failure is None:
            task.future.set_result(result)
        else:
            task.future.set_exception(failure)
            if isinstance(failure, (StorageFull, Unavailable)):
                trouble = failure
    if is_broken:
        raise _Broken
    return trouble


def _tell(tasks: list[_Task], error: AtlasError) -> None:
    for task in tasks:
        if not task.future.done():
            task.future.set_exception(error)


def _probe(connection: Connection) -> None:
    """Write something, to find out whether what kept the database from storing is over."""
    connection.exec_driver_sql("PRAGMA user_version = 0")


def _log_failure(future: Future[Any]) -> None:
    error = future.exception()
    if error is not None and not isinstance(error, Unavailable):
        _LOG.error("A change that nobody waits for failed.", exc_info=error)


def _apply(connection: Connection, task: _Task) -> tuple[Any, BaseException | None]:
    # By hand: a nested transaction of SQLAlchemy's takes longer than a small change.
    raw: Any = connection.connection.dbapi_connection
    raw.execute(f"SAVEPOINT {_SAVEPOINT}")
    try:
        result = task.change(connection)
    except BaseException as error:  # handed to the request that asked
        if disk_errors.means_broken(error) or not raw.in_transaction:
            raise _RolledBack from error
        raw.execute(f"ROLLBACK TO {_SAVEPOINT}")
        raw.execute(f"RELEASE {_SAVEPOINT}")
        return None, disk_errors.translate(error)
    raw.execute(f"RELEASE {_SAVEPOINT}")
    return result, None


def slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield pieces that one statement can take as arguments."""
    for first in range(0, len(items), _ARGUMENTS):
        yield items[first : first + _ARGUMENTS]


def find_present(connection: Connection, column: Column[Any], values: Sequence[T]) -> set[T]:
    """Return those of some values that some row of a column's table has."""
    found: set[T] = set()
    for some in slices(values):
        query = select(column).distinct().where(column.in_(some))
        found.update(connection.execute(query).scalars())
    return found


def _set_up_writer(raw: sqlite3.Connection, _record: object) -> None:
    _set_up(raw)
    raw.execute("PRAGMA journal_mode = WAL")
    # An acknowledged point must survive a power cut, so each commit waits for the disk.
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


def _set_up_reader(raw: sqlite3.Connection, _record: object) -> None:
    _set_up(raw)
    raw.execute("PRAGMA query_only = ON")
    raw.execute("PRAGMA wal_autocheckpoint = 0")  # the writer alone checkpoints


def _set_up(raw: sqlite3.Connection) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves, see below
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA busy_timeout = 5000")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
