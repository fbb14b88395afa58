"""Starting a program of ours and seeing that it came up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from foundations_server.command import processes
from foundations_server.command.installations import CommandFailed
from foundations_server.command.processes import Program

START_PATIENCE_S = 15.0
STOP_PATIENCE_S = 15.0
_LOOK_S = 0.05
_SHOWN_LINES = 15

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """The home folder that a program gets, its log and the file that names its process."""

    home: Path
    log: Path
    pid: Path


def bring_up(run: Run, command: list[str], *, is_foreground: bool) -> Program:
    """Start a program; in the foreground it writes where we do."""
    if is_foreground:
        process = processes.launch(command, home=run.home, log=None)
    else:
        with run.log.open("ab") as file:
            process = processes.launch(command, home=run.home, log=file)
    return processes.remember(process.pid, run.pid)


def wait(program: Program, name: str, log: Path, is_ready: Callable[[], bool]) -> None:
    """Return when the program is ready.

    Raises:
        CommandFailed: it is not in time, and was stopped; the end of its log says why.
    """
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline and program.is_alive():
        if is_ready():
            return
        time.sleep(_LOOK_S)
    what = f"did not answer within {START_PATIENCE_S:g} s" if program.is_alive() else "has ended"
    processes.stop([program], STOP_PATIENCE_S)
    raise CommandFailed(f"The {name} {what}. The end of {log}:\n{_read_end(log)}")


def _read_end(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").splitlines()[-_SHOWN_LINES:]
    except OSError:
        lines = []
    return "\n".join(f"  {line}" for line in lines) or "  (nothing)"
