"""The server as a process: start, stop, restart, refusals."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from foundations_client.client import Client
from foundations_server.serving import FAILED, REFUSED_BY_POLICY
from foundations_wire import events
from foundations_wire.errors import ServerUnreachable, StorageFull
from foundations_wire.events import EventBatch
from foundations_wire.jobs import JobSpec, JobStatus
from foundations_wire.versions import PROTOCOL
from foundations_wire.workers import AttemptFinished, AttemptStarted, LeaseRequest, WorkerHello
from support.server import Server, running_server

SOURCE = Path(__file__).resolve().parents[2] / "src"
HELLO = WorkerHello("worker", "host", "process", 2, [], "0.1.0")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "home") as started:
        yield started


def serve(home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a server that is expected to refuse."""
    command = [sys.executable, "-m", "foundations_server.serving", "--home", str(home), *options]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_server_says_where_it_listens_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "home"
    facts_file = home / "run" / "server.json"
    with running_server(home) as server:
        facts = json.loads(facts_file.read_text())
        info = server.connect().server.info()
        status = server.stop()

    socket_file = str(home / "run" / "server.sock")
    where = {"host": "127.0.0.1", "port": server.port, "socket": socket_file}
    assert facts == {**where, "pid": facts["pid"]}
    assert info.protocol == PROTOCOL
    assert status == 0
    assert not facts_file.exists()


def test_restart_and_kill_lose_nothing_that_was_acknowledged(server: Server) -> None:
    client = server.connect()
    client.jobs.submit("queued", JobSpec("birds", ["main.py"]))
    client.jobs.submit("held", JobSpec("birds", ["main.py"], priority=5))
    client.workers.hello("w1", HELLO)
    lease = client.workers.lease("w1", LeaseRequest(1)).leases[0]
    client.workers.started(lease.attempt_id, AttemptStarted(lease.token, time.time()))
    points = [events.MetricLogged(time.time(), "loss", step, step / 4) for step in range(100)]
    batch = EventBatch("p1", 0, [events.to_wire(point) for point in points])
    client.jobs.send_events("held", batch)
    client.logs.append("held", 0, b"line\n")

    server.kill()
    server.start()

    assert client.jobs.get("queued").status is JobStatus.QUEUED
    held = client.jobs.get("held")
    assert (held.status, held.log_bytes) == (JobStatus.RUNNING, 5)
    assert client.jobs.series("held", "loss").values == [step / 4 for step in range(100)]
    assert client.jobs.send_events("held", batch).next == 100
    assert [known.attempt_id for known in client.workers.hello("w1", HELLO).leases] == [
        lease.attempt_id
    ]
    client.workers.finish(lease.attempt_id, AttemptFinished(lease.token, time.time(), "completed"))
    assert client.jobs.get("held").status is JobStatus.COMPLETED


def test_open_polls_and_streams_end_at_once_when_the_server_stops(server: Server) -> None:
    client = server.connect()
    client.workers.hello("w1", HELLO)
    client.jobs.submit("j1", JobSpec("birds", ["main.py"]))
    stream = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    stream.request("GET", "/api/v1/events")
    answer = stream.getresponse()
    answer.readline()
    with ThreadPoolExecutor(2) as pool:
        polls: list[Future[Any]] = [
            pool.submit(client.workers.lease, "w1", LeaseRequest(0)),
            pool.submit(client.logs.read, "j1", wait_s=20),
        ]
        time.sleep(0.5)  # let both requests arrive
        begin = time.monotonic()
        status = server.stop()
        took = time.monotonic() - begin
        rest = answer.read()
        outcomes = [poll.exception(10) for poll in polls]

    stream.close()
    assert status == 0
    assert took < 2
    assert all(outcome is None or isinstance(outcome, ServerUnreachable) for outcome in outcomes)
    assert b"protocol" in rest


def test_taken_port_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ended = serve(tmp_path, "--port", str(port))

    assert ended.returncode == FAILED
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr
    assert "--port" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])  # noqa: S104 - refused
def test_address_that_others_reach_is_refused(tmp_path: Path, host: str) -> None:
    ended = serve(tmp_path, "--host", host)

    assert ended.returncode == REFUSED_BY_POLICY
    assert host in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_second_server_on_the_home_is_refused(server: Server) -> None:
    ended = serve(server.home, "--port", "0")

    assert ended.returncode == FAILED
    assert "Another server already uses" in ended.stderr
    assert server.connect().server.info().protocol == PROTOCOL


def test_upload_that_breaks_off_leaves_nothing(server: Server) -> None:
    blobs = server.home / "data" / "blobs"

    def wait_until(has_file: bool) -> None:  # noqa: FBT001 - reads well where it is called
        deadline = time.monotonic() + 10
        while any(path.is_file() for path in blobs.rglob("*")) is not has_file:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    with socket.create_connection(("127.0.0.1", server.port)) as cut:
        cut.sendall(
            b"PUT /api/v1/blobs/" + b"0" * 64 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Length: 1000000\r\n\r\n" + b"x" * 100_000
        )
        wait_until(has_file=True)

    wait_until(has_file=False)
    assert server.connect().server.info().protocol == PROTOCOL
    assert b"Traceback" not in server.log.read_bytes()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("needs root and mount, for a disk of 8 MiB")
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let us mount a disk of 8 MiB")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(ballast: Path) -> None:
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def submit_many(client: Client) -> None:
    for number in range(2, 1000):
        client.jobs.submit(f"j{number}", JobSpec("birds", ["main.py"], user="u" * 5000))


def test_full_disk_is_told_and_nothing_acknowledged_is_lost(small_disk: Path) -> None:
    home = small_disk / "home"
    with running_server(home) as server:
        client = server.connect()
        client.jobs.submit("j1", JobSpec("birds", ["main.py"]))
        ballast = small_disk / "ballast"
        fill(ballast)
        with pytest.raises(StorageFull):
            client.logs.append("j1", 0, b"x" * 100_000)
        with pytest.raises(StorageFull):
            submit_many(client)
        known = {job.id for job in client.jobs.list(limit=500).items}

        ballast.unlink()
        client.jobs.submit("after", JobSpec("birds", ["main.py"]))

        assert client.jobs.get("j1").log_bytes == 0
        assert {job.id for job in client.jobs.list(limit=500).items} == known | {"after"}
