"""Who has been heard from. Kept in memory: silence counts from what this process received."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from foundations_server.platform.clock import Clock
from foundations_wire.workers import LEASE_SECONDS

# A lease may be on its way when a heartbeat is written; only an older one is missed.
_ON_THE_WAY_SECONDS = 5.0


class Presence:
    """**Thread safety**: any thread may call."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._start = clock.monotonic()
        self._heard: dict[str, tuple[float, float]] = {}  # monotonic, wall
        self._polls: dict[str, list[list[int]]] = {}  # free slots of each open request
        self._held: dict[str, tuple[float, frozenset[str]]] = {}  # wall, attempt ids

    def hear(self, worker_id: str) -> None:
        with self._lock:
            self._heard[worker_id] = (self._clock.monotonic(), self._clock.now())

    def note_held(self, worker_id: str, attempt_ids: Iterable[str]) -> None:
        """Remember which attempts a worker says it holds."""
        with self._lock:
            self._held[worker_id] = (self._clock.now(), frozenset(attempt_ids))

    @contextmanager
    def polling(self, worker_id: str, free_slots: int = 0) -> Iterator[None]:
        """A worker with an open request is there, however long that takes."""
        self.hear(worker_id)
        poll = [free_slots]
        with self._lock:
            self._polls.setdefault(worker_id, []).append(poll)
        try:
            yield
        finally:
            with self._lock:
                self._polls[worker_id] = [p for p in self._polls[worker_id] if p is not poll]
            self.hear(worker_id)

    def use_slots(self, worker_id: str, number: int) -> None:
        """Note that the answer to a worker's open request will take slots (or fewer)."""
        with self._lock:
            for poll in self._polls.get(worker_id, [])[-1:]:
                poll[0] -= number

    def list_open(self) -> dict[str, int]:
        """Return the workers that wait for work now, with the slots that they say are free."""
        with self._lock:
            return {worker: polls[-1][0] for worker, polls in self._polls.items() if polls}

    def is_connected(self, worker_id: str) -> bool:
        """Whether it was heard from lately, by this process."""
        with self._lock:
            return worker_id in self._heard and not self._is_silent(worker_id)

    def is_silent(self, worker_id: str) -> bool:
        """Whether it had LEASE_SECONDS to speak, since this process began, and did not."""
        with self._lock:
            return self._is_silent(worker_id)

    def seen_at(self, worker_id: str, otherwise: float) -> float:
        with self._lock:
            return self._heard.get(worker_id, (0.0, otherwise))[1]

    def is_unaware(self, worker_id: str, attempt_id: str, leased_at: float) -> bool:
        """Whether the answer that carried a lease seems not to have arrived."""
        with self._lock:
            said_at, held = self._held.get(worker_id, (0.0, frozenset()))
        return said_at > leased_at + _ON_THE_WAY_SECONDS and attempt_id not in held

    def _is_silent(self, worker_id: str) -> bool:
        if self._polls.get(worker_id):
            return False
        heard = self._heard.get(worker_id, (self._start, 0.0))[0]
        return self._clock.monotonic() - heard > LEASE_SECONDS
