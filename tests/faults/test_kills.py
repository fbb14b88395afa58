"""Clients and servers killed at random moments lose no point and store none twice.

`ROUNDS` is small in `make test`; `make test-faults` runs with ATLAS_FAULT_ROUNDS=200. The counts
come from the script's own file of what it logged, never from our interface alone.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_client.shipping import drain
from support.server import Server, running_server

SOURCE = Path(__file__).resolve().parents[2] / "src"
ROUNDS = int(os.environ.get("ATLAS_FAULT_ROUNDS", "6"))
SEED = int(os.environ.get("ATLAS_FAULT_SEED", str(random.randrange(1 << 32))))  # noqa: S311

# Writes down each number once `log_metric` has returned for it.
SCRIPT = """
import os, sys
import foundations
ledger = os.open(sys.argv[1], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
number = 0
while True:
    foundations.log_metric("count", number, step=number)
    os.write(ledger, b"%d\\n" % number)
    number += 1
"""


@pytest.fixture
def dice() -> random.Random:
    print(f"ATLAS_FAULT_SEED={SEED}")
    return random.Random(SEED)  # noqa: S311 - chance, not a secret


def start_client(folder: Path, job_id: str, server: Server) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True)
    (folder / "main.py").write_text(SCRIPT)
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCE),
        "FOUNDATIONS_JOB_ID": job_id,
        "FOUNDATIONS_PROJECT_NAME": "kills",
        "FOUNDATIONS_SERVER": server.url,
    }
    return subprocess.Popen(
        [sys.executable, "main.py", str(folder / "ledger")],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def wait_for_points(folder: Path) -> None:
    deadline = time.monotonic() + 30
    while not (folder / "ledger").exists() or not (folder / "ledger").stat().st_size:
        assert time.monotonic() < deadline, "the script logged nothing"
        time.sleep(0.01)


def read_ledger(folder: Path) -> list[int]:
    return [int(line) for line in (folder / "ledger").read_text().split("\n")[:-1]]


def read_points(client: Client, job_id: str) -> list[int]:
    points: list[int] = []
    while True:
        series = client.jobs.series(job_id, "count", start=len(points))
        assert series.steps == series.values
        points.extend(series.values)
        if len(points) >= series.total:
            return points


def test_no_point_is_lost_or_doubled_when_clients_and_servers_are_killed(
    tmp_path: Path, dice: random.Random
) -> None:
    home = Path(os.environ["FOUNDATIONS_HOME"])
    with running_server(tmp_path / "server") as server:
        for round_number in range(ROUNDS):
            folder, job_id = tmp_path / f"client-{round_number}", f"kill-{round_number}"
            process = start_client(folder, job_id, server)
            wait_for_points(folder)
            for _ in range(dice.randrange(3)):
                time.sleep(dice.uniform(0, 0.4))
                server.kill()
                server.start()
            time.sleep(dice.uniform(0, 0.5))
            process.send_signal(signal.SIGKILL)
            process.wait()

        client = server.connect()
        while drain(home / "journal", client).shipped:
            pass

        for round_number in range(ROUNDS):
            logged = read_ledger(tmp_path / f"client-{round_number}")
            stored = read_points(client, f"kill-{round_number}")
            # The process may die between the return of log_metric and its own note of it.
            assert stored in (logged, [*logged, len(logged)])
            job = client.jobs.get(f"kill-{round_number}")
            assert (job.status.value, job.reason) == (
                "failed", "the process ended without reporting (killed?)",
            )  # fmt: skip
