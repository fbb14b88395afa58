"""Forks guards: one small process, so that no job waits for an interpreter to start.

`python -I -S nursery.py <source folder> <socket>`. Each message is the path of a launch file
and comes with the write end of a pipe, the *line*, which the guard holds as long as it lives
and into which it writes the exit record. The nursery ends with the worker; guards do not.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable

MESSAGE_BYTES = 1 << 16
_SET_CHILD_SUBREAPER = 36


def main(source: str, number: int) -> None:
    """Fork a guard for each message until the worker is gone."""
    sys.path.insert(0, source)
    from foundations_worker import guard  # noqa: PLC0415 - `source` is known only now

    prctl, reach = _find_prctl(), _find_failpoints()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a guard ended
    with socket.socket(fileno=number) as orders:
        while True:
            message, lines, _flags, _address = socket.recv_fds(orders, MESSAGE_BYTES, 1)
            if not message:
                return
            if os.fork() == 0:
                orders.close()
                _become_guard(lines[0], prctl)
                os._exit(guard.run(message.decode(), lines[0], reach))
            os.close(lines[0])


def _become_guard(line: int, prctl: Callable[..., int] | None) -> None:
    os.set_inheritable(line, False)
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if prctl is not None:  # whoever of the job loses its parent becomes our child
        prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _find_prctl() -> Callable[..., int] | None:
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes  # noqa: PLC0415 - optional

        found: Callable[..., int] = ctypes.CDLL(None).prctl
        return found
    return None


def _find_failpoints() -> Callable[[str], None]:
    names = ("FOUNDATIONS_FAILPOINTS", "FOUNDATIONS_FAILPOINTS_LOG")
    if not any(map(os.environ.get, names)):
        return lambda _name: None
    from foundations_wire.failpoints import reach  # noqa: PLC0415 - for tests only

    return reach


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
