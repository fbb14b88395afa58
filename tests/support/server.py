"""A real server: a process of its own on a free port with a home of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from foundations_client.client import Client
from foundations_client.transport import HttpTransport, Request, Response


class _OneShotTransport(HttpTransport):
    """Keeps no connection, so that none is left open in whichever thread used it."""

    def send(self, request: Request, sink: BinaryIO | None = None) -> Response:
        try:
            return super().send(request, sink)
        finally:
            self.close()


_SOURCE = Path(__file__).resolve().parents[2] / "src"
_START_SECONDS = 30.0
_STOP_SECONDS = 15.0


@dataclass
class Server:
    """A running server process. `port` 0 lets it choose at its first start.

    `prefix` is a program that becomes the server, such as `ip netns exec`; `variables` are
    added to its environment.
    """

    home: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    prefix: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.home / "logs" / "server.log"

    def connect(self) -> Client:
        return Client(_OneShotTransport(self.url))

    def start(self) -> None:
        """Start it, on the same port if it ran before, and wait until it listens."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [
            *self.prefix, sys.executable, "-m", "foundations_server.serving",
            "--home", str(self.home), "--port", str(self.port),
        ]  # fmt: skip
        environment = {**os.environ, **self.variables, "PYTHONPATH": str(_SOURCE)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log, stdout=log)
        self.port = self._wait_for_port(self.process)

    def stop(self) -> int:
        """End it with TERM and return its exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it with KILL, in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        status = self.process.wait(_STOP_SECONDS)
        self.process = None
        return status

    def _wait_for_port(self, process: subprocess.Popen[bytes]) -> int:
        deadline = time.monotonic() + _START_SECONDS
        file = self.home / "run" / "server.json"
        while time.monotonic() < deadline:
            try:
                facts = json.loads(file.read_text(encoding="utf-8"))
            except FileNotFoundError:
                facts = {}
            if facts.get("pid") == process.pid:
                return int(facts["port"])
            if process.poll() is not None:
                break
            time.sleep(0.02)
        process.kill()
        process.wait()
        raise AssertionError(f"the server did not start: {self.log.read_text()[-2000:]}")


@contextmanager
def running_server(home: Path, *, prefix: tuple[str, ...] = ()) -> Iterator[Server]:
    """Lend a started server; it is stopped at the end."""
    server = Server(home, prefix=prefix)
    server.start()
    try:
        yield server
    finally:
        server.stop()
