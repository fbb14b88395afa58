"""Carries a job's output to the server while it grows."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from foundations_client.client import Client
from foundations_wire.errors import AtlasError, LeaseLost, OffsetGap
from foundations_worker.delivery import RETRIED, Backoff, Delivery
from foundations_worker.watching.spool import Spool

_LOG = logging.getLogger(__name__)
# A person who follows a log does not notice a tenth of a second.
_POLL_S = 0.1
# The disk is looked after beside the sending, which waits for the server.
_LOOK_S, _HURRIED_S = 0.2, 0.05
_HURRY_BYTES = 8 << 20
_LAST_S = 10.0  # how long the end of a job may wait for the rest of what it printed


class LogShipping:
    """Two threads for one file: one sends, one sees to it that the file stays small."""

    def __init__(
        self,
        client: Client,
        job_id: str,
        path: Path,
        *,
        log_start: int = 0,
        attempt: str | None = None,
    ) -> None:
        """Take the file, and where in the job's log it begins; nothing runs before `start`."""
        self._client = client
        self._job_id = job_id
        self._log_start = log_start
        self._attempt = attempt
        self._spool = Spool(path)
        self.is_refused = False
        self._is_over = threading.Event()
        self._is_done = threading.Event()
        self._last_until = float("inf")
        self._thread = threading.Thread(target=self._run, name=f"log {job_id}", daemon=True)
        self._keeper = threading.Thread(target=self._keep, name=f"spool {job_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._keeper.start()

    def finish(self, delivery: Delivery) -> None:
        """Return when the server has everything, or has refused the log; see `is_refused`.

        What a slow line cannot carry in ten seconds is given up, but for the last mebibyte.

        Raises:
            LeaseLost: the attempt is no longer ours.
        """
        self._last_until = time.monotonic() + _LAST_S
        self._is_over.set()
        self._thread.join()
        if not self.is_refused:
            delivery.deliver("the log", self._ship)
        self.close()

    def close(self) -> None:
        """Let the threads end, whatever is left."""
        self._is_over.set()
        self._is_done.set()

    def _run(self) -> None:
        backoff = Backoff()
        while not self._is_over.wait(_POLL_S):
            try:
                self._ship()
                backoff = Backoff()
            except RETRIED:
                self._is_over.wait(backoff.next_delay())
            except LeaseLost:
                return  # who runs the attempt meets it too

    def _keep(self) -> None:
        pause = _LOOK_S
        while not self._is_done.wait(pause):
            pause = _HURRIED_S if self._spool.look() > _HURRY_BYTES else _LOOK_S

    def _ship(self) -> None:
        try:
            while self._ship_piece():
                if time.monotonic() > self._last_until:
                    self._spool.give_up()
        except (*RETRIED, LeaseLost):
            raise
        except AtlasError as error:
            self.is_refused = True
            self._is_over.set()
            _LOG.warning("The server refused the log of job %s: %s", self._job_id, error)

    def _ship_piece(self) -> bool:
        piece = self._spool.take()
        if piece is None:
            return False
        offset = self._log_start + piece.offset
        try:
            self._client.logs.append(
                self._job_id, offset, piece.data, skipped=piece.skipped, attempt=self._attempt
            )
        except OffsetGap as gap:
            expected = gap.details.get("expected")
            if not isinstance(expected, int) or expected >= offset:
                raise
            self._spool.rewind(expected - self._log_start)
        else:
            self._spool.confirm()
        return True
