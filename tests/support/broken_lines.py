"""Transports between which and the server something goes wrong."""

from __future__ import annotations

from typing import BinaryIO

from foundations_client.transport import Request, Response, Transport
from foundations_wire.errors import ServerUnreachable


class BrokenLine:
    """Passes requests on; `is_away` refuses them, `loses_answers` loses what comes back."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self.is_away = False
        self.loses_answers = False
        self.requests: list[str] = []

    def send(self, request: Request, sink: BinaryIO | None = None) -> Response:
        """See Transport."""
        if self.is_away:
            raise ServerUnreachable("Nothing answers.") from ConnectionRefusedError()
        self.requests.append(f"{request.method} {request.path}")
        response = self._inner.send(request, sink)
        if self.loses_answers:
            raise ServerUnreachable("The answer was lost.")
        return response
