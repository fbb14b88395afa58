"""Ingest: prepared batches over a few kept connections, from one lean process.

`PYTHONPATH=src:tests python -m benchmarks.ingest` prints points per second and the most
memory that the server held.
"""

from __future__ import annotations

import argparse
import http.client
import selectors
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from foundations_wire import batches
from foundations_wire.batches import FLOAT, MEDIA_TYPE, POINT_BYTES, Batch
from foundations_wire.events import Registered, to_wire
from support.server import Server, running_server

_RECORD = np.dtype(
    [("kind", "u1"), ("name", "<u2"), ("step", "<i8"), ("at", "<f8"), ("value", "<f8")]
)
_START = 1_700_000_000.0


@dataclass(frozen=True)
class Load:
    connections: int = 8
    batches: int = 200  # of each connection, which reports one job
    points: int = 1000  # of each batch
    metrics: int = 1


@dataclass(frozen=True)
class Result:
    points: int
    seconds: float
    most_bytes: int  # of the server's memory
    disk_bytes: int  # by which the database grew

    @property
    def rate(self) -> float:
        return self.points / self.seconds


class _Connection:
    """Sends its batches one after the other, each once the one before it is acknowledged."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = iter(requests)
        self._answer = b""

    def go_on(self) -> bool:
        """Send the next batch; False when there is none."""
        request = next(self._requests, None)
        if request is not None:
            self.socket.sendall(request)
        return request is not None

    def take_answer(self) -> bool:
        """Read what came; whether the answer, which may come in pieces, is whole."""
        self._answer += self.socket.recv(65536)
        if not self._answer.endswith(b"}"):
            return False
        if not self._answer.startswith(b"HTTP/1.1 200"):
            raise AssertionError(f"the server refused a batch: {self._answer!r}")
        self._answer = b""
        return True


def measure(server: Server, load: Load) -> Result:
    """Register jobs, then send everything as fast as it is acknowledged."""
    if server.process is None:
        raise AssertionError("the server does not run")
    jobs = [f"load-{index}" for index in range(load.connections)]
    for job in jobs:
        _register(server.port, job)
    prepared = [list(_prepare(job, load, seed)) for seed, job in enumerate(jobs)]
    database = server.home / "data" / "atlas.db"
    before = _measure_database(database)
    seconds = _send(server.port, prepared)
    points = load.connections * load.batches * load.points
    grown = _measure_database(database) - before
    return Result(points, seconds, _read_peak(server.process.pid), grown)


def _send(port: int, prepared: list[list[bytes]]) -> float:
    connections = [_Connection(port, requests) for requests in prepared]
    selector = selectors.DefaultSelector()
    started = time.perf_counter()
    for connection in connections:
        connection.go_on()
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    open_count = len(connections)
    while open_count:
        for key, _ in selector.select():
            connection = key.data
            if connection.take_answer() and not connection.go_on():
                selector.unregister(connection.socket)
                open_count -= 1
    seconds = time.perf_counter() - started
    for connection in connections:
        connection.socket.close()
    selector.close()
    return seconds


def _register(port: int, job: str) -> None:
    event = to_wire(Registered(_START, "benchmarks", "nobody", ["main.py"]))
    body = batches.encode(batches.from_events("p0", 0, [event]))
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", f"/api/v1/jobs/{job}/events", body, {"Content-Type": MEDIA_TYPE})
    answer = connection.getresponse()
    if answer.status != 200:
        raise AssertionError(answer.read())
    connection.close()


def _prepare(job: str, load: Load, seed: int) -> Iterator[bytes]:
    """Yield whole requests: a decaying loss with five per cent of noise."""
    noise = np.random.default_rng(seed)
    names = [f"loss{index}" for index in range(load.metrics)]
    for number in range(load.batches):
        index = np.arange(load.points) + number * load.points
        records = np.zeros(load.points, _RECORD)
        records["kind"], records["name"] = FLOAT, index % load.metrics
        records["step"], records["at"] = index // load.metrics, _START + index * 0.01
        records["value"] = np.exp(-index / 50_000) * (1 + noise.normal(0, 0.05, load.points))
        planes = batches.transpose(records.tobytes(), POINT_BYTES)
        first = number * load.points
        body = batches.encode(Batch("p1", first, load.points, names, planes))
        head = (
            f"POST /api/v1/jobs/{job}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body


def _measure_database(path: Path) -> int:
    """Return the bytes of all pages, those that are still in the write-ahead log included."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    pages, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    connection.close()
    return int(pages * size)


def _read_peak(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=Load.batches)
    parser.add_argument("--points", type=int, default=Load.points)
    parser.add_argument("--metrics", type=int, default=Load.metrics)
    options = parser.parse_args()
    load = Load(batches=options.batches, points=options.points, metrics=options.metrics)
    for _ in range(options.rounds):
        with (
            tempfile.TemporaryDirectory() as home,
            running_server(Path(home)) as server,
        ):
            found = measure(server, load)
        print(
            f"{found.rate:,.0f} points/s, server {found.most_bytes / 2**20:.0f} MiB, "
            f"{found.disk_bytes / found.points:.1f} bytes a point"
        )


if __name__ == "__main__":
    main()
