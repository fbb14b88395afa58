from __future__ import annotations

from typing import BinaryIO

import pytest

from foundations_client.bounded import BoundedTransport
from foundations_client.transport import HttpTransport, Request, Response
from foundations_wire.errors import ServerUnreachable


class Echo(HttpTransport):
    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9")
        self.seen: list[float] = []

    def send(self, request: Request, sink: BinaryIO | None = None) -> Response:
        self.seen.append(request.timeout_s)
        return Response(200, {}, b"")


def test_a_request_waits_no_longer_than_there_is_time() -> None:
    left = iter([100.0, 3.0])
    echo = Echo()
    transport = BoundedTransport(echo, lambda: next(left))

    transport.send(Request("GET", "/", timeout_s=30.0))
    transport.send(Request("GET", "/", timeout_s=30.0))

    assert echo.seen == [30.0, 3.0]


def test_nothing_is_sent_when_the_time_is_over() -> None:
    echo = Echo()

    with pytest.raises(ServerUnreachable, match="no time left"):
        BoundedTransport(echo, lambda: 0.0).send(Request("GET", "/"))

    assert echo.seen == []
