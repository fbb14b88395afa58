"""Carries a job's output to the server while it grows."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from foundations_client.client import Client
from foundations_client.output import ship_output
from foundations_wire.errors import AtlasError
from foundations_worker.delivery import RETRIED, Backoff, Delivery

_LOG = logging.getLogger(__name__)
# A person who follows a log does not notice a sixth of a second.
_POLL_S = 0.15


class LogShipping:
    """One thread that looks at one file. The server skips bytes that it has."""

    def __init__(self, client: Client, job_id: str, path: Path, offset: int) -> None:
        """Take where the server's log of the job ends; nothing runs before `start`."""
        self._client = client
        self._job_id = job_id
        self._path = path
        self._offset = offset
        self.is_refused = False
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"log {job_id}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self, delivery: Delivery) -> None:
        """Return when the server has everything, or has refused the log; see `is_refused`."""
        self.close()
        self._thread.join()
        if not self.is_refused:
            delivery.deliver("the log", self._ship)

    def close(self) -> None:
        """Let the thread end, whatever is left."""
        self._is_over.set()

    def _run(self) -> None:
        backoff = Backoff()
        while not self._is_over.wait(_POLL_S):
            try:
                if self._size() > self._offset:
                    self._ship()
                    backoff = Backoff()
            except RETRIED:
                self._is_over.wait(backoff.next_delay())

    def _ship(self) -> None:
        try:
            self._offset = ship_output(self._client, self._job_id, self._path, self._offset)
        except RETRIED:
            raise
        except AtlasError as error:
            self.is_refused = True
            self._is_over.set()
            _LOG.warning("The server refused the log of job %s: %s", self._job_id, error)

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0
