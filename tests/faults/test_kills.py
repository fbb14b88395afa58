"""Clients and servers killed at random moments lose no point and store none twice (R1, R7).

The counts come from what the scripts themselves wrote down, never from our interface alone.
"""

from __future__ import annotations

import random
import signal
import sqlite3
import statistics
import subprocess
import time
from collections import deque
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from foundations_client.client import Client
from support.points import Tally, count, read_ledger
from support.rounds import ROUNDS, pick
from support.scripts import Desk
from support.server import Server
from support.waiting import wait_until

# Logs in small bursts until USR1, then as fast as it can, so that the KILL which follows hits
# it in the middle of a call. Each number is written down once its call has returned.
KILLED = """
import os, signal, sys, time
import foundations
ledger = os.open(sys.argv[1], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
pauses = [0.01]
signal.signal(signal.SIGUSR1, lambda *_: pauses.clear())
number = 0
while True:
    for number in range(number, number + 30):
        if number % 1000 == 0:
            foundations.log_param("at-%d" % number, number)
        foundations.log_metric("loss", (number * 7919 % 1000003) / 7)
        os.write(ledger, b"%d\\n" % number)
    number += 1
    if pauses:
        time.sleep(pauses[0])
"""

# Logs until the file `stop` is there, and ends by itself.
WRITER = """
import os, sys, time
import foundations
ledger = os.open(sys.argv[1], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
number = 0
while not os.path.exists(sys.argv[2]):
    foundations.log_metric("loss", (number * 7919 % 1000003) / 7)
    os.write(ledger, b"%d\\n" % number)
    number += 1
    time.sleep(0.005)
"""
AT_ONCE = 3  # clients


@dataclass
class Killed:
    """A client that will be killed."""

    job_id: str
    ledger: Path
    process: subprocess.Popen[str]

    def kill(self, dice: random.Random) -> None:
        self.process.send_signal(signal.SIGUSR1)
        time.sleep(dice.uniform(0, 0.02))
        self.process.kill()
        self.process.communicate()


def start_killed(desk: Desk, number: int) -> Killed:
    job_id, ledger = f"kill-{number}", desk.home / f"ledger-{number}"
    process = desk.start("main.py", str(ledger), FOUNDATIONS_JOB_ID=job_id)
    wait_until(lambda: ledger.exists() and ledger.stat().st_size, "the first point is logged")
    return Killed(job_id, ledger, process)


def kill_and_start(server: Server, dice: random.Random, times: int) -> None:
    for _ in range(times):
        time.sleep(dice.uniform(0, 0.2))
        server.kill()
        server.start()


def check_killed(client: Client, killed: Killed) -> Tally:
    logged = read_ledger(killed.ledger)
    job = client.jobs.get(killed.job_id)
    expected = {f"at-{number}": number for number in range(0, logged, 1000)}
    assert expected.items() <= job.params.items()
    assert (job.status.value, job.reason) == (
        "failed", "the process ended without reporting (killed?)",
    )  # fmt: skip
    return count(client, killed.job_id, "loss", logged, or_more=1)


def check_database(server: Server) -> None:
    """Look at the file itself, once the server has ended."""
    with closing(sqlite3.connect(server.home / "data" / "atlas.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_no_point_is_lost_or_doubled_when_clients_and_servers_are_killed(
    desk: Desk, server: Server, dice: random.Random
) -> None:
    begin, server_kills = time.monotonic(), 0
    desk.write("main.py", KILLED)
    desk.home.mkdir()
    running: deque[Killed] = deque()
    dead: list[Killed] = []
    try:
        for number in range(ROUNDS):
            running.append(start_killed(desk, number))
            times = 1 + number % 2
            kill_and_start(server, dice, times)
            server_kills += times
            if len(running) == AT_ONCE:
                running[0].kill(dice)
                dead.append(running.popleft())
    finally:
        for killed in running:
            killed.kill(dice)
            dead.append(killed)

    synced = desk.command("sync")
    client = server.connect()
    tally = sum((check_killed(client, killed) for killed in dead), Tally())
    again = desk.command("sync")
    server.stop()
    check_database(server)
    server.start()

    took = time.monotonic() - begin
    print(f"{len(dead)} clients and {server_kills} servers killed in {took:.0f} s: {tally}")
    assert synced.code == 0, synced
    assert "Nothing to bring in" in again.out
    assert tally.is_exact
    assert tally.stored >= pick(1_000, 1_000_000)


def test_nobody_notices_when_the_server_is_restarted_under_writers(
    desk: Desk, server: Server, dice: random.Random
) -> None:
    writers, restarts = pick(6, 20), pick(3, 50)
    took: list[float] = []
    desk.write("main.py", WRITER)
    desk.home.mkdir()
    stop = desk.home / "stop"
    ledgers = [desk.home / f"ledger-{number}" for number in range(writers)]
    processes = [
        desk.start("main.py", str(ledger), str(stop), FOUNDATIONS_JOB_ID=f"writer-{number}")
        for number, ledger in enumerate(ledgers)
    ]
    wait_until(lambda: all(ledger.exists() for ledger in ledgers), "all writers log")
    for number in range(restarts):
        time.sleep(dice.uniform(0.05, 0.3))
        server.stop() if number % 2 else server.kill()
        begin = time.monotonic()
        server.start()
        took.append(time.monotonic() - begin)
    stop.touch()
    ended = [process.communicate(timeout=60) for process in processes]

    client = server.connect()
    counted = [
        count(client, f"writer-{number}", "loss", read_ledger(ledger))
        for number, ledger in enumerate(ledgers)
    ]
    tally = sum(counted, Tally())
    print(
        f"{restarts} restarts under {writers} writers: {tally}, ready after "
        f"{statistics.median(took):.2f} s, at most {max(took):.2f} s"
    )
    assert [process.returncode for process in processes] == [0] * writers, ended
    assert not any("Traceback" in err for _, err in ended), ended
    assert tally.is_exact
    assert {client.jobs.get(f"writer-{n}").status.value for n in range(writers)} == {"completed"}
    assert statistics.median(took) < 3
