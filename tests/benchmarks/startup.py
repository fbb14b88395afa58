"""How long `atlas-server start` takes to answer, and what server and worker hold when idle."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Bar, Figure
from support.ports import find_free_port

IDLE_SECONDS = 5.0  # long enough for start-up work to be over


def measure_startup(rounds: int) -> list[Figure]:
    """Return time until /healthz answers, and PSS of both processes together, idle."""
    answers: list[float] = []
    restarts: list[float] = []
    memory: list[float] = []
    with tempfile.TemporaryDirectory() as home, started(home):
        pass  # the first start of a checkout compiles its bytecode
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            with started(home) as seconds:
                answers.append(seconds)
                time.sleep(IDLE_SECONDS)
                memory.append(sum(read_pss_mib(pid) for pid in read_pids(home)))
            with started(home) as seconds:
                restarts.append(seconds)
    return [
        Figure(
            "`atlas-server start` until `/healthz` answers, new home", "s", tuple(answers), Bar(2)
        ),
        Figure("the same on a home with a database", "s", tuple(restarts), Bar(2)),
        Figure("server and worker idle, PSS together", "MiB", tuple(memory), Bar(150)),
    ]


@contextmanager
def started(home: str) -> Iterator[float]:
    """Start Atlas on a free port; yield the seconds until it answered; stop it."""
    port = find_free_port()
    environment = {**os.environ, "FOUNDATIONS_HOME": home}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode
    command = [sys.executable, "-m", "foundations_server"]
    begun = time.perf_counter()
    starting = subprocess.Popen(
        [*command, "start", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        yield wait_for_answer(port) - begun
    finally:
        starting.wait()
        subprocess.run([*command, "stop"], env=environment, check=True, stdout=subprocess.DEVNULL)


def wait_for_answer(port: int) -> float:
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return time.perf_counter()
        except (urllib.error.URLError, OSError):
            time.sleep(0.005)
    raise TimeoutError(f"nothing answered on port {port}")


def read_pids(home: str) -> list[int]:
    files = (Path(home) / "run").glob("*.pid")
    return [int(file.read_text().split()[0]) for file in files]


def read_pss_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no PSS for process {pid}")
