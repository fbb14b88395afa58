"""Programs and servers of ours, as the benchmarks start them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.running import PROGRAMS, TESTS, Program
from support.server import running_server

SOURCE = TESTS.parent / "src"


def atlas_program(url: str, home: Path, file: str = "with_atlas.py", **variables: str) -> Program:
    """Return a program of ours that reports to a server and keeps its journal below `home`."""
    environment = {
        "PYTHONPATH": f"{SOURCE}:{TESTS}",
        "FOUNDATIONS_SERVER": url,
        "FOUNDATIONS_HOME": str(home),
        "FOUNDATIONS_PROJECT_NAME": "bench",
        **variables,
    }
    return Program(Path(sys.executable), PROGRAMS / file, environment)


def reading_program(url: str, home: Path) -> Program:
    """Return the program that reads with the SDK; it is no job."""
    return atlas_program(url, home, "reading_atlas.py", FOUNDATIONS_COMMAND_LINE="True")


@contextmanager
def atlas_server(home: Path) -> Iterator[tuple[str, int]]:
    """Lend the address and process id of a running server."""
    with running_server(home) as server:
        if server.process is None:
            raise AssertionError("a running server has a process")
        yield server.url, server.process.pid


def log_points(
    program: Program, count: int, budget_s: float = 60.0, timeout_s: float = 120.0
) -> dict[str, Any]:
    """Return what the timed loop of `with_atlas.py` tells, and stop it without its exit."""
    with program.started("log", timeout_s, count=count, budget_s=budget_s) as running:
        answer: dict[str, Any] = running.read()
    return answer
