"""Ends and removes attempts that nobody waits for any more."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection

from foundations_wire.failpoints import reach
from foundations_worker.executors.base import Condition, Executor, Handle

_LOG = logging.getLogger(__name__)


class Strays:
    """Remembers since when attempts are here of which the server has not said a word.

    **Thread safety**: one thread at a time.
    """

    def __init__(self, grace_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Take how long an attempt is left alone: the server may be about to name it."""
        self._grace_s = grace_s
        self._clock = clock
        self._since: dict[str, float] = {}

    def note(self, found: Collection[str]) -> list[str]:
        """Take the unknown ones of now; return those that were unknown all the time."""
        now = self._clock()
        self._since = {key: self._since.get(key, now) for key in found}
        return [key for key, since in self._since.items() if now - since >= self._grace_s]


def clean_up(executor: Executor, attempt_id: str, grace_s: float) -> None:
    """End an attempt that nobody waits for, and remove what it left.

    What cannot be done now is tried again when the worker next compares notes.
    """
    try:
        handle, condition = executor.recover(attempt_id)
        if condition is Condition.RUNNING:
            executor.stop(handle, grace_s)
            if executor.wait(handle, grace_s) is None:
                return
    except OSError as error:
        _LOG.warning("Attempt %s cannot be ended now: %s", attempt_id, error)
        return
    remove_safely(executor, attempt_id)


def remove_safely(executor: Executor, attempt_id: str) -> None:
    """Remove what an ended attempt left; if that fails, its slot is free all the same."""
    reach("dispatch.before_12_remove")
    try:
        executor.remove(Handle(executor.name, attempt_id))
    except OSError as error:
        _LOG.warning("What attempt %s left is removed later: %s", attempt_id, error)
    reach("dispatch.after_12_remove")
