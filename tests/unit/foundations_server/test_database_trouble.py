"""What the database does when the disk, or another process, does not let it store."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from foundations_server.platform import ballast, database
from foundations_server.platform.database import Database
from foundations_server.platform.write_ahead import WriteAheadLog
from foundations_wire.errors import StorageFull, Unavailable
from support.scenes import Scene


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.db"


@pytest.fixture
def opened(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(database, "_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(database, "_PROBE_SECONDS", 0.05)
    opened = Database(path)
    opened.open(lambda c: run(c, "CREATE TABLE items (name TEXT UNIQUE)"))
    yield opened
    opened.close()


def run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def add(connection: Connection, name: str) -> None:
    connection.execute(text("INSERT INTO items VALUES (:name)"), {"name": name})


def add_many(opened: Database) -> None:
    for index in range(100):
        opened.write(partial(add, name=f"{index} {'x' * 20_000}"))


def list_names(opened: Database) -> list[str]:
    with opened.read() as connection:
        return sorted(connection.execute(text("SELECT name FROM items")).scalars())


def wait_for(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def test_change_is_refused_when_another_process_keeps_the_database(
    opened: Database, path: Path
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(Unavailable, match="locked"):
            opened.write(lambda c: add(c, "a"))

        assert list_names(opened) == []
        assert opened.trouble is not None
        other.execute("ROLLBACK")
    wait_for(lambda: opened.trouble is None)
    opened.write(lambda c: add(c, "b"))
    assert list_names(opened) == ["b"]


def test_full_database_refuses_changes_and_goes_on_reading(opened: Database) -> None:
    opened.write(lambda c: add(c, "a"))
    opened.write(lambda c: run(c, "PRAGMA max_page_count = 8"))

    with pytest.raises(StorageFull):
        opened.write(lambda c: add(c, "x" * 100_000))

    assert list_names(opened) == ["a"]
    assert isinstance(opened.trouble, StorageFull)
    wait_for(lambda: opened.trouble is None)


def test_nothing_is_acknowledged_any_more_when_the_disk_fails(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    told: list[str] = []
    opened = Database(path)
    opened.on_broken = told.append
    opened.open(lambda c: run(c, "CREATE TABLE items (name TEXT UNIQUE)"))
    opened.write(lambda c: add(c, "a"))

    with pytest.raises(Unavailable, match="disk failed"):
        opened.write(break_disk)
    with pytest.raises(Unavailable):
        opened.write(lambda c: add(c, "b"))

    assert len(told) == 1
    assert list_names(opened) == ["a"]
    opened.close()


def break_disk(connection: Connection) -> None:
    add(connection, "lost")
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    raise error


def test_log_stops_growing_while_another_process_reads(opened: Database, path: Path) -> None:
    opened._log = WriteAheadLog(path, cut_bytes=100_000, most_bytes=400_000)
    log = path.with_name("test.db-wal")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM items").fetchone()

        with pytest.raises(Unavailable, match="reading"):
            add_many(opened)

        assert log.stat().st_size < 600_000
        reader.execute("ROLLBACK")
    wait_for(lambda: opened.trouble is None)
    opened.write(lambda c: add(c, "after"))
    assert log.stat().st_size < 100_000


def test_health_says_why_nothing_can_be_stored(scene: Scene) -> None:
    opened = scene.transport.app.parts.database  # type: ignore[attr-defined]
    opened.write(lambda c: run(c, "PRAGMA max_page_count = 1"))
    text_of = "x" * 200_000

    refused = scene.ask("PUT", "/api/v1/jobs/j1", {"project": "p", "command": ["m", text_of]})

    health = scene.ask("GET", "/healthz")
    assert (refused.status, refused.headers["retry-after"]) == (507, "5")
    assert health.status == 200
    assert b'"status":"storage-full"' in health.body
    assert b"disk is full" in health.body
    assert scene.ask("GET", "/api/v1/jobs").status == 200


def test_ballast_is_kept_once_and_freed_once(tmp_path: Path) -> None:
    assert ballast.lay(tmp_path)
    assert ballast.lay(tmp_path)

    assert (tmp_path / "ballast").stat().st_blocks * 512 >= ballast.BYTES
    assert ballast.free(tmp_path) == ballast.BYTES
    assert ballast.free(tmp_path) == 0


def test_no_ballast_is_laid_where_there_is_little_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballast, "_SPARE_BYTES", 1 << 60)

    assert not ballast.lay(tmp_path)
    assert list(tmp_path.iterdir()) == []
