"""Another program locks the database, or reads it for long (R53)."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pytest

from foundations_client.client import Client
from support.points import Tally, count, is_known, read_ledger, read_series
from support.rounds import pick
from support.scripts import Desk
from support.server import Server
from support.streams import ask
from support.waiting import wait_until

PATIENCE_S = 5
HEALTH_S = 0.1
WAL_BYTES = 256 * 2**20

WRITER = """
import os, sys, time
import foundations
ledger = os.open(sys.argv[1], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
number = 0
while not os.path.exists(sys.argv[2]):
    for number in range(number, number + 10):
        foundations.log_metric("loss", (number * 7919 % 1000003) / 7)
        os.write(ledger, b"%d\\n" % number)
    number += 1
    time.sleep(0.01)
"""


@dataclass
class HealthWatch:
    """Asks for the server's health again and again in a thread of its own."""

    server: Server
    times: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch, name="health")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            begin = time.monotonic()
            ask(self.server, "GET", "/healthz")
            self.times.append(time.monotonic() - begin)

    @property
    def p99(self) -> float:
        return sorted(self.times)[len(self.times) * 99 // 100]


@contextmanager
def writing(desk: Desk, names: list[str]) -> Iterator[None]:
    """Let scripts log until the end of the block, and end by themselves."""
    desk.write("main.py", WRITER)
    desk.home.mkdir(exist_ok=True)
    stop = desk.home / f"stop-{names[0]}"
    ledgers = [desk.home / name for name in names]
    processes = [
        desk.start(
            "main.py", str(ledger), str(stop),
            FOUNDATIONS_JOB_ID=ledger.name, FOUNDATIONS_EXIT_SECONDS="60",
        )
        for ledger in ledgers
    ]  # fmt: skip
    try:
        wait_until(lambda: all(ledger.exists() for ledger in ledgers), "all writers log")
        yield
    finally:
        stop.touch()
        ended = [process.communicate(timeout=90) for process in processes]
    assert {process.returncode for process in processes} == {0}, ended


def open_database(server: Server) -> sqlite3.Connection:
    path = server.home / "data" / "atlas.db"
    return sqlite3.connect(path, isolation_level=None, timeout=30)


def test_writes_wait_5_s_and_are_then_refused_when_the_database_is_locked(
    desk: Desk, server: Server, client: Client
) -> None:
    watch = HealthWatch(server)
    with closing(open_database(server)) as other, writing(desk, ["locked"]):
        wait_until(lambda: is_known(client, "locked"), "the job is there")
        other.execute("BEGIN EXCLUSIVE")
        begin = time.monotonic()
        with watch.watching():
            refused = ask(
                server, "PUT", "/api/v1/jobs/late", {"project": "b", "command": ["a.py"]}
            )
            waited = time.monotonic() - begin
            listed = ask(server, "GET", "/api/v1/jobs")
            time.sleep(max(pick(7, 30) - waited, 0))  # the rest of the lock's time
        other.execute("ROLLBACK")
        begin = time.monotonic()
        wait_until(lambda: can_write(server), "the server stores again", timeout_s=10)
        recovery = time.monotonic() - begin

    tally = count(client, "locked", "loss", read_ledger(desk.home / "locked"))
    print(
        f"refused after {waited:.1f} s, recovered in {recovery:.2f} s, "
        f"health p99 {watch.p99 * 1e3:.0f} ms, {tally}"
    )
    assert refused.status == 503, refused
    assert int(refused.headers["retry-after"]) > 0
    assert PATIENCE_S - 1 < waited < PATIENCE_S + 2
    assert listed.status == 200
    assert watch.p99 < HEALTH_S
    assert tally.is_exact


def can_write(server: Server) -> bool:
    body = {"project": "b", "command": ["a.py"]}
    return ask(server, "PUT", "/api/v1/jobs/again", body).status < 300


def test_a_short_lock_is_not_noticed(desk: Desk, server: Server, client: Client) -> None:
    with closing(open_database(server)) as other, writing(desk, ["brief"]):
        for _ in range(pick(3, 30)):
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(0.3)
            other.execute("ROLLBACK")
            assert can_write(server)

    assert count(client, "brief", "loss", read_ledger(desk.home / "brief")).is_exact
    assert "Traceback" not in server.log.read_text()


def test_the_log_of_changes_stays_small_when_a_reader_stays_long(
    desk: Desk, server: Server, client: Client
) -> None:
    names = [f"under-reader-{number}" for number in range(pick(3, 20))]
    wal, largest = server.home / "data" / "atlas.db-wal", 0
    with closing(open_database(server)) as other, writing(desk, names):
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM jobs").fetchone()
        end = time.monotonic() + pick(4, 600)
        while time.monotonic() < end:
            largest = max(largest, wal.stat().st_size)
            time.sleep(0.1)
        other.execute("ROLLBACK")

    tally = sum((count(client, n, "loss", read_ledger(desk.home / n)) for n in names), Tally())
    print(f"log at most {largest / 2**20:.1f} MiB; {tally}")
    assert tally.is_exact
    assert largest < WAL_BYTES


def test_the_log_grows_no_more_when_the_long_reader_has_gone(
    desk: Desk, server: Server, client: Client
) -> None:
    wal = server.home / "data" / "atlas.db-wal"
    with closing(open_database(server)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM jobs").fetchone()
        ran = desk.run_source(
            "import foundations\nfor n in range(60000): foundations.log_metric('loss', n)\n",
            FOUNDATIONS_JOB_ID="much", FOUNDATIONS_EXIT_SECONDS="60",
        )  # fmt: skip
        grown = wal.stat().st_size
        other.execute("ROLLBACK")

    assert ran.code == 0, ran
    for number in range(5):
        ask(server, "PUT", f"/api/v1/jobs/after-{number}", {"project": "b", "command": ["a.py"]})
    print(f"{grown / 2**20:.1f} MiB, then {wal.stat().st_size / 2**20:.1f} MiB")
    assert len(read_series(client, "much", "loss")[0]) == 60_000
    # The log begins anew with the first change that finds it written back, so one may be added.
    assert wal.stat().st_size <= max(grown, 8 * 2**20) + 2**20


@pytest.fixture(autouse=True)
def no_failures_in_the_log(server: Server) -> Iterator[None]:
    yield
    assert "Traceback" not in server.log.read_text()
