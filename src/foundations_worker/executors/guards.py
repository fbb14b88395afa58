"""How the worker gets guards and hears from them."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

from foundations_worker import nursery

_SOURCE = Path(__file__).resolve().parents[2]
_CHUNK_BYTES = 4096
_ORDERS = 3  # the number of the nursery's end


class Line:
    """The worker's end of a guard's pipe. **Thread safety**: any thread may call."""

    def __init__(self, number: int) -> None:
        """Take the read end; it is closed with this object."""
        os.set_blocking(number, False)
        self._number = number
        self._lock = threading.Lock()
        self._said = b""
        self._is_over = False
        weakref.finalize(self, os.close, number)

    @property
    def record(self) -> dict[str, Any] | None:
        """The exit record, once the guard has written it."""
        if not self._said.endswith(b"\n"):
            return None
        found: dict[str, Any] = json.loads(self._said)
        return found

    @property
    def is_over(self) -> bool:
        """Whether the guard is gone."""
        return self._is_over

    def wait(self, timeout_s: float, *, for_end: bool = False) -> None:
        """Return when there is a record, or the guard is gone, or after `timeout_s`."""
        if self._is_over or (self._said and not for_end):
            return
        poll = select.poll()
        poll.register(self._number, select.POLLIN)
        if poll.poll(timeout_s * 1000):
            self._read()

    def _read(self) -> None:
        with self._lock, contextlib.suppress(BlockingIOError):
            while not self._is_over:
                piece = os.read(self._number, _CHUNK_BYTES)
                self._is_over = not piece
                self._said += piece


class Guards:
    """Starts guards by a nursery, which is started with the first one.

    **Thread safety**: any thread may call.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: socket.socket | None = None
        self._nursery = 0

    def start(self, launch_file: Path) -> Line:
        """Return the line of a new guard, which reads the file.

        Raises:
            OSError: there is no guard.
        """
        hear, tell = os.pipe()
        try:
            with self._lock:
                try:
                    self._order(launch_file, tell)
                except (BrokenPipeError, ConnectionError):  # somebody killed the nursery
                    self._forget()
                    self._order(launch_file, tell)
        except BaseException:
            os.close(hear)
            raise
        finally:
            os.close(tell)
        return Line(hear)

    def _order(self, launch_file: Path, line: int) -> None:
        if self._orders is None:
            self._orders = self._start_nursery()
            weakref.finalize(self, self._orders.close)
        socket.send_fds(self._orders, [os.fsencode(launch_file)], [line])

    def _start_nursery(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [
            sys.executable, "-I", "-S", nursery.__file__, str(_SOURCE), str(_ORDERS),
        ]  # fmt: skip
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            with theirs:
                self._nursery = os.posix_spawn(
                    sys.executable, command, os.environ,
                    file_actions=[
                        (os.POSIX_SPAWN_DUP2, nothing, 0),
                        (os.POSIX_SPAWN_DUP2, theirs.fileno(), _ORDERS),
                    ],
                )  # fmt: skip
        finally:
            os.close(nothing)
        return ours

    def _forget(self) -> None:
        """Let go of a nursery that is gone."""
        if self._orders is not None:
            self._orders.close()
            self._orders = None
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._nursery, os.WNOHANG)
