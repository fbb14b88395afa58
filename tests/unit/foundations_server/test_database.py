from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from foundations_server.platform.database import Database
from foundations_server.platform.disk_errors import is_full_disk
from foundations_wire.errors import StorageFull, Unavailable


def run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "test.db")
    opened.open(lambda c: run(c, "CREATE TABLE items (name TEXT UNIQUE)"))
    yield opened
    opened.close()


def add(connection: Connection, name: str) -> None:
    connection.execute(text("INSERT INTO items VALUES (:name)"), {"name": name})


def list_names(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(text("SELECT name FROM items")).scalars())


def test_written_is_seen_by_the_next_reader(database: Database) -> None:
    database.write(lambda c: add(c, "a"))

    assert list_names(database) == ["a"]


def test_failed_change_takes_back_only_itself(database: Database) -> None:
    gate = threading.Event()
    started = threading.Event()

    def wait(_connection: Connection) -> None:
        started.set()
        gate.wait(10)

    def fail(connection: Connection) -> None:
        add(connection, "lost")
        raise KeyError("no")

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(database.write, wait)
        started.wait(10)
        good = pool.submit(database.write, lambda c: add(c, "good"))
        bad = pool.submit(database.write, fail)
        gate.set()
        first.result(10)
        good.result(10)
        with pytest.raises(KeyError):
            bad.result(10)

    assert list_names(database) == ["good"]


def test_reader_cannot_write(database: Database) -> None:
    with database.read() as connection, pytest.raises(OperationalError, match="readonly"):
        add(connection, "a")


def test_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM items")).scalar()
        database.write(lambda c: add(c, "a"))

        after = connection.execute(text("SELECT count(*) FROM items")).scalar()

    assert before == after == 0


def test_many_writers_are_all_stored(database: Database) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: database.write(lambda c: add(c, f"{n:03}")), range(200)))

    assert len(list_names(database)) == 200


def test_full_disk_is_told_to_everybody_and_nothing_is_stored(database: Database) -> None:
    database.write(lambda c: run(c, "PRAGMA max_page_count = 4"))

    with pytest.raises(StorageFull, match="disk is full"):
        database.write(lambda c: add(c, "x" * 100_000))

    assert list_names(database) == []
    database.write(lambda c: run(c, "PRAGMA max_page_count = 1000"))
    database.write(lambda c: add(c, "fits"))
    assert list_names(database) == ["fits"]


def test_closed_database_says_so(database: Database) -> None:
    database.close()

    with pytest.raises(Unavailable):
        database.write(lambda c: add(c, "a"))
    with pytest.raises(Unavailable):
        list_names(database)


@pytest.mark.parametrize("attempt", range(10))
def test_every_writer_is_answered_when_the_database_closes(tmp_path: Path, attempt: int) -> None:
    database = Database(tmp_path / "closing.db")
    database.open(lambda c: run(c, "CREATE TABLE items (name TEXT UNIQUE)"))
    under_way = threading.Barrier(17, timeout=20)

    def write_on(writer: int) -> int:
        database.write(lambda c: add(c, f"{writer}:0"))
        under_way.wait()
        for number in itertools.count(1):
            name = f"{writer}:{number}"
            try:
                database.write(partial(add, name=name))
            except Unavailable:
                return number
        raise AssertionError(attempt)

    with ThreadPoolExecutor(16) as pool:
        futures = [pool.submit(write_on, writer) for writer in range(16)]
        under_way.wait()
        database.close()
        stored = sum(future.result(20) for future in futures)

    database.open(lambda _connection: None)
    assert len(list_names(database)) == stored
    database.close()


def test_later_change_runs_after_the_one_that_asked_is_committed(database: Database) -> None:
    seen: list[list[str]] = []

    def ask(connection: Connection) -> None:
        add(connection, "first")
        database.write_later(lambda _connection: seen.append(list_names(database)))

    database.write(ask)
    database.write(lambda c: add(c, "second"))

    assert seen == [["first"]]


def test_failure_of_a_later_change_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.write(lambda c: add(c, "a"))

    database.write_later(lambda c: add(c, "a"))
    database.write(lambda c: add(c, "b"))

    assert "nobody waits for" in caplog.text


def test_only_a_full_disk_is_a_full_disk() -> None:
    assert is_full_disk(OSError(28, "No space left on device"))
    assert not is_full_disk(OSError(13, "Permission denied"))
    assert not is_full_disk(sqlite3.OperationalError("disk I/O error"))
