"""Hints that something changed: look again. They carry no data and may be lost.

Published after the commit, from any thread; waited for on the event loop. A subscriber
subscribes first and looks at the database second, so that no change falls between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Hint:
    topic: str
    id: str
    kind: str
    project: str | None = None


class Subscription:
    """What one waiter wants to hear. Equal hints that wait together become one."""

    def __init__(self, wants: Callable[[Hint], bool]) -> None:
        self._wants = wants
        self._pending: dict[Hint, None] = {}
        self._woken = asyncio.Event()
        self.is_closed = False

    async def wait(self, timeout_s: float) -> list[Hint]:
        """Return what was hinted since the last call; empty when time ran out or at the end."""
        try:
            async with asyncio.timeout(max(timeout_s, 0)):
                await self._woken.wait()
        except TimeoutError:
            return []
        hints = list(self._pending)
        self._pending.clear()
        if not self.is_closed:
            self._woken.clear()
        return hints

    def offer(self, hint: Hint) -> None:
        if self._wants(hint):
            self._pending[hint] = None
            self._woken.set()

    def close(self) -> None:
        self.is_closed = True
        self._woken.set()


class HintBus:
    """**Thread safety**: `publish` from any thread, the rest on the event loop."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.is_closed = False

    def start(self) -> None:
        """Deliver on the running event loop from now on."""
        self._loop = asyncio.get_running_loop()
        self.is_closed = False

    def publish(self, *hints: Hint) -> None:
        """Wake who waits for these. Call it after the commit."""
        loop = self._loop
        if loop is not None and self._subscriptions and not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, hints)

    def close(self) -> None:
        """Wake everybody for good: the server is stopping."""
        self.is_closed = True
        for subscription in self._subscriptions:
            subscription.close()

    @contextmanager
    def subscribe(self, wants: Callable[[Hint], bool]) -> Iterator[Subscription]:
        subscription = Subscription(wants)
        if self.is_closed:
            subscription.close()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def _deliver(self, hints: tuple[Hint, ...]) -> None:
        for subscription in self._subscriptions:
            for hint in hints:
                subscription.offer(hint)
