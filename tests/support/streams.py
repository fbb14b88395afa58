"""Points sent straight to the server, one batch after the other, and what it acknowledged."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from foundations_client.client import Client
from foundations_client.transport import HttpTransport, Request, Response
from foundations_wire import events
from support.points import value_of
from support.server import Server


@dataclass
class Stream:
    """A producer of one job; `acknowledged` counts its points, as the answers told."""

    client: Client
    job_id: str
    acknowledged: int = 0
    most: int = 0  # points that were sent, whatever became of them

    def begin(self) -> None:
        self._send(0, [events.Registered(time.time(), "streams", "ada", ["main.py"])])

    def send(self, points: int = 50) -> None:
        """Send the next points; an error of the server's is raised and nothing counted."""
        first, at = self.acknowledged, time.time()
        batch = [
            events.MetricLogged(at, "loss", number, value_of(number), "number")
            for number in range(first, first + points)
        ]
        self.most = max(self.most, first + points)
        self.acknowledged = self._send(1 + first, list(batch)) - 1

    def _send(self, first: int, made: list[events.Event]) -> int:
        batch = events.EventBatch("p1", first, [events.to_wire(event) for event in made])
        return self.client.jobs.send_events(self.job_id, batch).next


def ask(server: Server, method: str, path: str, body: object = None) -> Response:
    """Return the bare answer, with its headers; connections are not kept."""
    transport = HttpTransport(server.url)
    data = None if body is None else json.dumps(body).encode()
    try:
        return transport.send(Request(method, path, {"Content-Type": "application/json"}, data))
    finally:
        transport.close()
