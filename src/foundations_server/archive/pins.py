"""Contents that somebody counts on but no job refers to yet.

A client asks what is missing, uploads that, and names all of it in a manifest. Between the
first and the last step another job's deletion must not take a content away.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from foundations_server.platform.clock import Clock

PIN_SECONDS = 3600.0


class Pins:
    """**Thread safety**: any thread may call."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, hashes: Iterable[str]) -> None:
        until = self._clock.monotonic() + PIN_SECONDS
        with self._lock:
            self._until.update(dict.fromkeys(hashes, until))

    def release(self, hashes: Iterable[str]) -> None:
        """A job refers to them now."""
        with self._lock:
            for sha256 in hashes:
                self._until.pop(sha256, None)

    def drop_expired(self) -> None:
        """Forget the contents whose client never came back."""
        now = self._clock.monotonic()
        with self._lock:
            self._until = {sha256: until for sha256, until in self._until.items() if until > now}

    def remove_unpinned(self, hashes: Iterable[str], remove: Callable[[str], None]) -> None:
        """Remove those that nobody counts on; who pins one meanwhile waits, and finds it gone."""
        for sha256 in hashes:
            with self._lock:
                if self._until.get(sha256, 0.0) <= self._clock.monotonic():
                    remove(sha256)
