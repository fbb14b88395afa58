"""Modules that the background thread imports, because the program should not wait for them.

A fork amid an import would leave the child with half a module and a lock that nobody opens.
So a fork waits until the import is done, which takes a moment.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import threading
from collections.abc import Iterator
from typing import Any

_PATIENCE_S = 10.0  # a fork goes on then, whatever comes of it


class _Guard:
    """Keeps forks and imports apart."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a module may fork while it is imported
        self._is_held = False
        self._is_installed = False

    def install(self) -> None:
        if not self._is_installed and hasattr(os, "register_at_fork"):
            self._is_installed = True
            os.register_at_fork(
                before=self._hold, after_in_parent=self._release, after_in_child=self._renew
            )

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        with self._lock:
            yield

    def _hold(self) -> None:
        self._is_held = self._lock.acquire(timeout=_PATIENCE_S)

    def _release(self) -> None:
        if self._is_held:
            self._is_held = False
            self._lock.release()

    def _renew(self) -> None:
        """Begin anew: after a fork that did not wait any longer, the parent's lock stays shut."""
        self._is_held = False
        self._lock = threading.RLock()


_guard = _Guard()


def prepare() -> None:
    """Make forks wait for imports; called before a thread is started that imports.

    `logging` has locks that it takes before a fork and opens after it. Imported while a fork
    waits, it would open in the parent what was never taken, so it is imported now.
    """
    importlib.import_module("logging")
    _guard.install()


def load(name: str) -> Any:
    """Return a module, imported now if it has not been."""
    with _guard.holding():
        return importlib.import_module(name)


def holding_forks() -> contextlib.AbstractContextManager[None]:
    """Let forks of other threads wait until a block is done that imports more than it names."""
    return _guard.holding()
