"""A transport whose requests share one limit of time."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO, Callable, Optional

from foundations_client.transport import HttpTransport, Request, Response
from foundations_wire.errors import ServerUnreachable


class BoundedTransport:
    """Hands requests on as long as there is time; no answer is waited for beyond it."""

    def __init__(self, inner: HttpTransport, seconds_left: Callable[[], float]) -> None:
        """Take what to send through, and what tells how long."""
        self._inner = inner
        self._seconds_left = seconds_left

    def send(self, request: Request, sink: Optional[BinaryIO] = None) -> Response:
        """See Transport; ServerUnreachable too when the time is over."""
        left = self._seconds_left()
        if left <= 0:
            raise ServerUnreachable(f"There is no time left to ask {self._inner.server}.")
        return self._inner.send(replace(request, timeout_s=min(request.timeout_s, left)), sink)

    def close(self) -> None:
        """Close the calling thread's connection."""
        self._inner.close()
