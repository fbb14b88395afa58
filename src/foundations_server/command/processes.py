"""Programs that outlive the command: started detached, found again, stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from foundations_server.platform.files import write_whole
from foundations_wire.errors import Refused

_LOOK_S = 0.05


@dataclass(frozen=True)
class Program:
    """A running program and the file that names it.

    The file holds the process id and, on a second line, when the kernel started it: a
    process that got a dead one's number is not taken for it.
    """

    pid: int
    started: str
    file: Path

    def is_alive(self) -> bool:
        return _find_start(self.pid) == self.started

    def forget(self) -> None:
        self.file.unlink(missing_ok=True)


def launch(command: list[str], *, home: Path, log: BinaryIO | None) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, its output going to `log` (None: to ours)."""
    return subprocess.Popen(
        command,
        cwd=home,  # not the caller's folder, whose modules would come before ours
        env=_make_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        start_new_session=True,
    )


def _make_environment(home: Path) -> dict[str, str]:
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    environment = {**os.environ, "FOUNDATIONS_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    if paths:  # relative ones meant the caller's folder
        environment["PYTHONPATH"] = os.pathsep.join(str(Path(path).absolute()) for path in paths)
    return environment


def remember(pid: int, file: Path) -> Program:
    """Write the file that lets another command find the process."""
    program = Program(pid, _find_start(pid) or "", file)
    write_whole(file, f"{program.pid}\n{program.started}\n")
    return program


def find(file: Path) -> Program | None:
    """Return the program that a file names, if it is still alive."""
    try:
        pid, started = file.read_text(encoding="utf-8").split("\n")[:2]
        program = Program(int(pid), started, file)
    except (OSError, ValueError):
        return None
    return program if program.is_alive() else None


def stop(programs: list[Program], patience_s: float) -> list[Program]:
    """End programs with TERM, after `patience_s` with KILL; return those that were killed."""
    for program in programs:
        _send(program, signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while any(program.is_alive() for program in programs) and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
    killed = [program for program in programs if program.is_alive()]
    for program in killed:
        _send(program, signal.SIGKILL)
    while any(program.is_alive() for program in killed):
        time.sleep(_LOOK_S)
    for program in programs:
        program.forget()
    return killed


def _send(program: Program, number: signal.Signals) -> None:
    if not program.is_alive():
        return
    try:
        os.kill(program.pid, number)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        raise Refused(
            f"Process {program.pid} belongs to another user; stop this Atlas as that user."
        ) from error


def _find_start(pid: int) -> str | None:
    """Return when the kernel started a process, None when it has ended.

    Where there is no /proc, an empty text says that the process exists.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return _find_without_proc(pid)
    return None if fields[0] in (b"Z", b"X") else fields[19].decode()


def _find_without_proc(pid: int) -> str | None:
    if Path("/proc/self").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""
