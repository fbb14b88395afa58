"""A real server whose disk or database does not do what it should."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from foundations_client.transport import HttpTransport, Request
from foundations_wire import events
from foundations_wire.errors import AtlasError, ServerUnreachable, Unavailable
from support.server import Server, running_server

AT = 1_900_000_000.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path) as started:
        yield started


def register(server: Server) -> None:
    event = events.to_wire(events.Registered(AT, "birds", "ada", ["main.py"]))
    server.connect().jobs.send_events("j1", events.EventBatch("p1", 0, [event]))


def log(server: Server, number: int) -> None:
    event = events.to_wire(events.MetricLogged(AT, "loss", number, float(number)))
    server.connect().jobs.send_events("j1", events.EventBatch("p1", number + 1, [event]))


def log_until_refused(server: Server) -> int:
    """Return how many points were acknowledged."""
    for number in range(5000):
        try:
            log(server, number)
        except AtlasError:
            return number
    raise AssertionError("the server took everything")


def test_locked_database_is_told_after_five_seconds_and_health_stays_quick(
    server: Server,
) -> None:
    register(server)
    transport = HttpTransport(server.url)
    times = []
    database = server.home / "data" / "atlas.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(1) as pool:
            started = time.monotonic()
            asked = pool.submit(log, server, 0)
            while not asked.done():
                before = time.monotonic()
                assert transport.send(Request("GET", "/healthz")).status == 200
                times.append(time.monotonic() - before)
                time.sleep(0.02)
            with pytest.raises(Unavailable, match="locked"):
                asked.result()
            waited = time.monotonic() - started
        other.execute("ROLLBACK")
    transport.close()

    log(server, 0)

    assert 4 < waited < 8
    assert statistics.median(times) < 0.1
    assert server.connect().jobs.series("j1", "loss").values == [0.0]


def test_server_ends_when_the_disk_fails_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    server = Server(tmp_path)
    server.start()
    assert server.process is not None
    register(server)
    fault = ["-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=20+"]
    tracer = subprocess.Popen(
        [strace, "-f", "-qq", "-o", os.devnull, *fault, "-p", str(server.process.pid)]
    )
    try:
        acknowledged = log_until_refused(server)
        try:
            status = server.process.wait(15)
        except subprocess.TimeoutExpired:
            pytest.skip("this process may not trace others")
    finally:
        tracer.send_signal(signal.SIGTERM)
        tracer.wait(10)
        server.kill()

    lines = server.log.read_text(encoding="utf-8").splitlines()
    assert status == 1
    assert [line for line in lines if line.startswith("atlas-server: The disk failed")]
    server.start()
    try:
        values = server.connect().jobs.series("j1", "loss", limit=None).values
        assert len(values) >= acknowledged > 0
        assert values[:acknowledged] == [float(number) for number in range(acknowledged)]
    finally:
        server.stop()


def test_server_killed_while_it_merges_chunks_loses_nothing(server: Server) -> None:
    register(server)
    number = 0
    for _ in range(5):
        for _ in range(40):
            log(server, number)
            number += 1
        time.sleep(0.5)
        server.kill()
        server.start()

    values = server.connect().jobs.series("j1", "loss").values

    assert values == [float(index) for index in range(number)]


def test_stopped_server_is_unreachable_not_broken(server: Server) -> None:
    server.stop()

    with pytest.raises(ServerUnreachable):
        register(server)
