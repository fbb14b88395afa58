"""Saying something to a server that may be away for a while."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import TypeVar

from foundations_wire.errors import (
    AtlasError,
    LeaseLost,
    StorageFull,
    Unavailable,
    VersionMismatch,
)

T = TypeVar("T")
_LOG = logging.getLogger(__name__)

# These pass: the server starts again, someone makes room, someone installs the same version.
RETRIED = (Unavailable, StorageFull, VersionMismatch)
_FIRST_DELAY_S = 0.1
_LONGEST_DELAY_S = 5.0
# An error inside the server may be a passing one, but waiting for its mending has no end.
_MAX_INTERNAL_ERRORS = 5


class Backoff:
    """Delays that grow to a ceiling, spread so that many workers do not come at once."""

    def __init__(self) -> None:
        self._ceiling_s = _FIRST_DELAY_S

    def next_delay(self) -> float:
        """Return the next delay in seconds."""
        delay = random.uniform(self._ceiling_s / 2, self._ceiling_s)  # noqa: S311 - no secret
        self._ceiling_s = min(self._ceiling_s * 2, _LONGEST_DELAY_S)
        return delay


class Delivery:
    """Repeats calls until the server answers or the attempt is lost."""

    def __init__(self, lost: threading.Event, unwanted: threading.Event | None = None) -> None:
        """Take what tells that the attempt is lost, and that it is being stopped.

        A stopped attempt does not wait for room on the server's disk.
        """
        self._lost = lost
        self._unwanted = unwanted or threading.Event()

    def deliver(self, what: str, call: Callable[[], T]) -> T:
        """Return what the call returns.

        Raises:
            LeaseLost: the attempt is no longer ours.
            AtlasError: the server refused, or has no room for what is being stopped.
        """
        backoff = Backoff()
        failures = 0
        while not self._lost.is_set():
            try:
                return call()
            except RETRIED as error:
                if isinstance(error, StorageFull) and self._unwanted.is_set():
                    raise
                problem: AtlasError = error
            except AtlasError as error:
                failures += 1
                if type(error) is not AtlasError or failures >= _MAX_INTERNAL_ERRORS:
                    raise
                problem = error
            _LOG.info("%s could not be sent and will be again: %s", what, problem)
            self._wait(backoff.next_delay(), is_full=isinstance(problem, StorageFull))
        raise LeaseLost("The attempt belongs to another worker now.")

    def _wait(self, delay_s: float, *, is_full: bool) -> None:
        if is_full:
            self._unwanted.wait(delay_s)
        else:
            self._lost.wait(delay_s)
