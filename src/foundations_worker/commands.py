"""Runs a program of the worker's own, with its output in a job's log."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

_POLL_S = 0.1
_GRACE_S = 2.0


class Cancelled(Exception):
    """The program was ended because nobody wants its result any more."""


@dataclass(frozen=True)
class Command:
    """`keep_open` are descriptors that the program shall hold as long as it runs."""

    argv: list[str]
    folder: Path
    environment: dict[str, str]
    keep_open: tuple[int, ...] = field(default=())


def run(command: Command, output: Path, cancelled: threading.Event) -> int:
    """Return the program's exit status.

    Raises:
        Cancelled: the event was set meanwhile; the program and its children are gone.
        OSError: it cannot be started.
    """
    with output.open("ab") as log:
        process = subprocess.Popen(
            command.argv,
            cwd=command.folder,
            env=command.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=command.keep_open,
        )
    with process:
        while True:
            try:
                return process.wait(_POLL_S)
            except subprocess.TimeoutExpired:
                if cancelled.is_set():
                    _end(process)
                    raise Cancelled from None


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
