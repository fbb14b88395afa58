"""The background thread that carries a journal to the server."""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
import time
from typing import Callable, Optional

from foundations import reporting
from foundations_client.refusals import JobGone
from foundations_wire.errors import (
    AtlasError,
    InvalidRequest,
    Refused,
    TooLarge,
    UnknownBlob,
    UnknownJob,
    VersionMismatch,
)

_PERIOD_S = 0.2  # how old a point may be before it leaves
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0
_QUICK_PAUSE_S = 0.5  # between tries when the program waits for the server
_SYNC_S = 1.0  # how old a point may be before a power cut spares it, when it cannot leave
_PATIENT_TRIES = 60  # a child may be quicker than its parent registers its job, a rank by long
_LONGEST_PATIENCE_S = 1.0

# Nothing gets better by asking again.
_HOPELESS = (InvalidRequest, JobGone, Refused, TooLarge, UnknownBlob, VersionMismatch)

Tell = Callable[[str], None]


class Delivery:
    """Calls `ship` until all has arrived, again and again, with back-off.

    The first trouble is told once; nothing is raised. **Thread safety**: `start`, `close` and
    `flush` belong to the process's own threads, `step` to the background thread.
    """

    def __init__(
        self,
        ship: Callable[[], bool],
        tell: Tell = reporting.warn,
        hang_up: Callable[[], None] = lambda: None,
        sync: Callable[[], None] = lambda: None,
    ) -> None:
        """Take what ships one piece and answers whether that was all.

        `hang_up` is called at the end in the background thread; `sync` each second in which
        the server does not answer, in a thread of its own.
        """
        self._hang_up = hang_up
        self._sync = sync
        self.is_complete = False
        self._ship = ship
        self._tell = tell
        self._has_told = False
        self._failures = 0
        self._answered_at = time.monotonic()
        self._waiting = 0  # how many threads are in `flush`
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._moved = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="foundations", daemon=True)

    def start(self) -> None:
        """Begin to ship; at interpreter exit, when no thread can start, nothing happens."""
        try:
            self._thread.start()
        except RuntimeError:
            self._ended.set()

    def flush(self, is_done: Callable[[], bool], timeout_s: float) -> bool:
        """Ship without pauses until that is so, for at most so long; return whether it is."""
        deadline = time.monotonic() + timeout_s
        with self._moved:
            self._waiting += 1
            self._wake.set()
            try:
                while not is_done() and not self._ended.is_set():
                    left = deadline - time.monotonic()
                    if left <= 0:
                        break
                    self._moved.wait(left)
            finally:
                self._waiting -= 1
        return is_done()

    def close(self, timeout_s: float) -> bool:
        """Ship what is left for at most so long; return whether all has arrived."""
        self._closing.set()
        self._wake.set()
        self._ended.wait(timeout_s)
        return self._ended.is_set() and self.is_complete

    def _run(self) -> None:
        keeper = threading.Thread(target=self._keep, name="foundations-sync", daemon=True)
        with contextlib.suppress(RuntimeError):  # the interpreter is ending
            keeper.start()
        try:
            while True:
                pause = self.step()
                with self._moved:
                    self._moved.notify_all()
                if pause is None:
                    return
                self._wait(pause)
        finally:
            self._hang_up()
            self._ended.set()
            with self._moved:
                self._moved.notify_all()

    def _keep(self) -> None:
        while not self._ended.wait(_SYNC_S):
            if time.monotonic() - self._answered_at > _SYNC_S:
                self._sync()

    def _wait(self, pause: float) -> None:
        if self._closing.is_set():
            time.sleep(min(pause, _QUICK_PAUSE_S))
        else:
            self._wake.wait(min(pause, _QUICK_PAUSE_S) if self._waiting else pause)
            if not self._closing.is_set():
                self._wake.clear()

    def step(self) -> Optional[float]:
        """Ship once; return the seconds until the next step, or None after the last."""
        is_closing = self._closing.is_set()  # read first: what came before it must be shipped
        try:
            self.is_complete = self._ship()
        except AtlasError as error:
            return self._take_trouble(error, is_closing=is_closing)
        except Exception as error:  # noqa: BLE001 - a boundary: user code must not suffer
            self.is_complete = False  # or the journal would be taken for delivered
            reporting.trace("Shipping failed.")
            self._tell_once(f"What this job reports cannot be sent ({error!r}).")
            return None
        self._failures = 0
        self._answered_at = time.monotonic()
        if not self.is_complete:
            return 0.0
        return None if is_closing else _PERIOD_S

    def _take_trouble(self, error: AtlasError, *, is_closing: bool) -> Optional[float]:
        self.is_complete = False
        self._failures += 1
        is_early = isinstance(error, UnknownJob) and not isinstance(error, JobGone)
        if is_early and self._failures < _PATIENT_TRIES:
            return min(_QUICK_PAUSE_S / 10 * self._failures, _LONGEST_PATIENCE_S)
        self._tell_once(error.message)
        if isinstance(error, _HOPELESS):
            return None
        if is_closing and _is_nobody_there(error):
            return None
        ceiling: float = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(self._failures, 10))
        jitter = int.from_bytes(os.urandom(2), "little") / 0xFFFF
        return ceiling * (0.5 + jitter / 2)

    def _tell_once(self, sentence: str) -> None:
        if not self._has_told:
            self._has_told = True
            self._tell(sentence)


def _is_nobody_there(error: AtlasError) -> bool:
    """See there; who met the error has loaded the module."""
    transport = importlib.import_module("foundations_client.transport")
    return bool(transport.is_nobody_there(error))
