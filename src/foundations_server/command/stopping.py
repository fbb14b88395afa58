"""`atlas-server stop`, following the logs, and staying in the foreground."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import BinaryIO

from foundations_server.command import processes
from foundations_server.command.asking import count_jobs
from foundations_server.command.installations import Installation
from foundations_server.command.launching import STOP_PATIENCE_S, Tell

_LOOK_S = 0.2


def stop(installation: Installation, tell: Tell) -> bool:
    """Stop what runs; return whether anything did. Jobs go on."""
    found = [*installation.find_workers(), installation.find_server()]
    programs = [program for program in found if program]
    if not programs:
        return False
    running = installation.recall()
    jobs = count_jobs(running.address) if running and installation.find_server() else None
    killed = processes.stop(programs, STOP_PATIENCE_S)
    if killed:
        tell(f"It did not end within {STOP_PATIENCE_S:g} s and was killed; nothing is lost.")
    if jobs and jobs[0]:
        what = "1 job goes" if jobs[0] == 1 else f"{jobs[0]} jobs go"
        tell(f"{what} on running; the next `atlas-server start` takes note of the outcome.")
    return True


def follow_logs(installation: Installation, tell: Tell) -> None:
    """Print what both programs write, until they have ended or Ctrl-C."""
    files = {
        "server": _open_at_end(installation.server_log.open("ab+")),
        "worker": _open_at_end(installation.worker_log.open("ab+")),
    }
    try:
        while installation.find_server():
            for name, file in files.items():
                for line in file.readlines():
                    tell(f"[{name}] {line.decode('utf-8', 'replace').rstrip()}")
            time.sleep(_LOOK_S)
    finally:
        for file in files.values():
            file.close()


def _open_at_end(file: BinaryIO) -> BinaryIO:
    file.seek(0, 2)
    return file


def catch_signals() -> list[int]:
    """Return a list that TERM and INT are written to from now on, instead of ending us."""
    caught: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        caught.append(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, remember)
    return caught


def stay(installation: Installation, signals: list[int], tell: Tell) -> int:
    """Wait for a signal or the end of either program, then end both; return the status."""
    wanted = _count(installation)
    while not signals and _count(installation) == wanted:
        time.sleep(_LOOK_S)
    if not signals:
        tell("One of the two programs has ended; stopping the other.")
    stop(installation, tell)
    return 0 if signals else 1


def _count(installation: Installation) -> int:
    finders: list[Callable[[], object]] = [installation.find_server, installation.find_worker]
    return sum(find() is not None for find in finders)
