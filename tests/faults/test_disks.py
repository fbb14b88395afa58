"""A full disk and a disk that fails: nothing acknowledged is lost, and it is told (R51, R54)."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foundations_wire.errors import AtlasError, StorageFull
from support.disks import SmallDisk, lent_disk
from support.points import count, read_ledger
from support.programs import require_program
from support.scripts import Desk
from support.server import Server, running_server
from support.streams import Stream, ask
from support.waiting import wait_until

RECOVERY_S = 10

WRITER = """
import os, sys, time
import foundations
ledger = os.open(sys.argv[1], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
number = 0
while not os.path.exists(sys.argv[2]):
    foundations.log_metric("loss", (number * 7919 % 1000003) / 7)
    os.write(ledger, b"%d\\n" % number)
    number += 1
    time.sleep(0.002)
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with lent_disk(tmp_path / "disk", "64m") as lent:
        yield lent


def fill_until_refused(disk: SmallDisk, stream: Stream) -> None:
    def is_refused() -> bool:
        disk.fill()
        try:
            stream.send(500)
        except StorageFull:
            return True
        return False

    wait_until(is_refused, "a write is refused", timeout_s=60)


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, disk: SmallDisk) -> None:
    with running_server(disk.folder / "home") as server:
        desk = Desk(tmp_path / "desk", tmp_path / "home", server.url)
        desk.write("main.py", WRITER)
        desk.home.mkdir()
        ledger, stop = desk.home / "ledger", desk.home / "stop"
        stream = Stream(server.connect(), "direct")
        stream.begin()
        stream.send()
        writer = desk.start(
            "main.py", str(ledger), str(stop),
            FOUNDATIONS_JOB_ID="full", FOUNDATIONS_EXIT_SECONDS="60",
        )  # fmt: skip
        wait_until(lambda: ledger.exists() and ledger.stat().st_size, "the first point is logged")

        fill_until_refused(disk, stream)
        refused = ask(server, "PUT", "/api/v1/jobs/new", {"project": "birds", "command": ["a.py"]})
        health = ask(server, "GET", "/healthz")
        listed = ask(server, "GET", "/api/v1/jobs")
        stored = count(stream.client, "direct", "loss", stream.acknowledged, or_more=500)
        disk.free()
        begin = time.monotonic()
        wait_until(lambda: can_send(stream), "the server stores again", timeout_s=RECOVERY_S)
        recovery = time.monotonic() - begin
        stop.touch()
        _, err = writer.communicate(timeout=90)

        client = server.connect()
        tally = count(client, "full", "loss", read_ledger(ledger))
        print(f"recovered in {recovery:.2f} s; {tally}; healthz {health.body!r}")
        assert refused.status == 507
        assert int(refused.headers["retry-after"]) > 0
        assert "disk is full" in json.loads(refused.body)["detail"]
        assert json.loads(health.body)["status"] != "ok"
        assert "disk is full" in health.body.decode()
        assert json.loads(ask(server, "GET", "/healthz").body)["status"] == "ok"
        assert listed.status == 200
        assert stored.is_exact
        assert writer.returncode == 0, err
        assert tally.is_exact
        assert client.jobs.get("full").status.value == "completed"
        server.kill()
        server.start()
        assert count(server.connect(), "direct", "loss", stream.acknowledged).is_exact


def test_a_full_disk_can_be_put_in_order_when_the_ballast_is_freed(
    tmp_path: Path, disk: SmallDisk
) -> None:
    home = disk.folder / "home"
    (home / "data").mkdir(parents=True)
    (home / "data" / "ballast").write_bytes(bytes(8 << 20))  # 64 MiB on a disk with room for it
    with running_server(home) as server:
        stream = Stream(server.connect(), "direct")
        stream.begin()
        stream.send()
        fill_until_refused(disk, stream)

        freed = Desk(tmp_path / "desk", home).run(
            "-m", "foundations_server", "free-ballast", "--home", str(home)
        )
        took = wait_until(lambda: can_send(stream), "it stores again", timeout_s=RECOVERY_S)

        print(f"{freed.out.strip()} Stored again after {took:.2f} s")
        assert freed.code == 0, freed
        assert count(stream.client, "direct", "loss", stream.acknowledged).is_exact


def can_send(stream: Stream) -> bool:
    try:
        stream.send()
    except AtlasError:
        return False
    return True


@contextmanager
def failing_disk(server: Server, which: str) -> Iterator[None]:
    """Let the server's fsync fail: `which` is the number of the first, `+` for all after it."""
    assert server.process is not None
    pid = server.process.pid
    calls = "fsync,fdatasync"
    command = [
        "strace", "-f", "-qq", "-o", "/dev/null", "-p", str(pid), "-e", f"trace={calls}",
        "-e", f"inject={calls}:error=EIO:when={which}",
    ]  # fmt: skip
    strace = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: is_traced(pid) or strace.poll() is not None, "strace is attached")
        if strace.poll() is not None:
            pytest.skip("this machine does not let us trace a process")
        yield
    finally:
        strace.terminate()
        strace.communicate(timeout=10)


def is_traced(pid: int) -> bool:
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    return all("TracerPid:\t0\n" not in (task / "status").read_text() for task in tasks)


@pytest.mark.parametrize("lasting", ["once", "for good"])
def test_the_server_ends_and_has_lost_nothing_acknowledged_when_fsync_fails(
    tmp_path: Path, dice: random.Random, lasting: str
) -> None:
    require_program("strace")
    with running_server(tmp_path / "server") as server:
        stream = Stream(server.connect(), "direct")
        stream.begin()
        stream.send()
        failing = str(dice.randint(2, 12)) + ("+" if lasting == "for good" else "")

        with failing_disk(server, failing):
            with pytest.raises(AtlasError):
                send_for_ever(stream)
            assert server.process is not None
            status = server.process.wait(15)

        told = server.log.read_text()
        server.start()
        tally = count(server.connect(), "direct", "loss", stream.acknowledged, or_more=50)
        print(f"fsync {failing} failed; status {status}; {tally}")
        assert status > 0
        assert "disk" in told.splitlines()[-1] or "disk" in told
        assert "Traceback" not in told
        assert tally.is_exact
        assert stream.acknowledged > 0


def send_for_ever(stream: Stream) -> None:
    while True:
        stream.send()
