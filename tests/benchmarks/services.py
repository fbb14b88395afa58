"""Servers to measure against, and HTTP to ask them."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from benchmarks.measuring import Plan, say
from benchmarks.peers.installed import MLFLOW, TRACKIO, Peer
from benchmarks.running import Program, ProgramFailed
from foundations_wire import batches
from support.ports import find_free_port

_START_S = 120.0


class Api:
    """One kept connection to a server, for questions that are timed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str, **query: Any) -> Any:
        status, body = self.send("GET", f"{path}?{urlencode(query)}" if query else path)
        return check(status, body)

    def post(self, path: str, body: Any) -> Any:
        return check(*self.send("POST", path, json.dumps(body).encode(), "application/json"))

    def post_batch(self, job_id: str, batch: batches.Batch) -> Any:
        path = f"/api/v1/jobs/{job_id}/events"
        return check(*self.send("POST", path, batches.encode(batch), batches.MEDIA_TYPE))

    def send(
        self, method: str, path: str, body: bytes | None = None, media_type: str = ""
    ) -> tuple[int, bytes]:
        headers = {"Content-Type": media_type} if media_type else {}
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def count_points(self, job_id: str, metric: str) -> int:
        """Return how many points of a series can be read; 0 while there is none."""
        query = urlencode({"metric": metric, "start": 0, "limit": 1})
        status, body = self.send("GET", f"/api/v1/jobs/{job_id}/series?{query}")
        return int(check(status, body)["total"]) if status != http.HTTPStatus.NOT_FOUND else 0


def check(status: int, body: bytes) -> Any:
    if status >= http.HTTPStatus.BAD_REQUEST:
        raise ProgramFailed(f"the server answered {status}: {body[:500].decode()}")
    return json.loads(body) if body else None


def wait_for_points(url: str, job_ids: list[str], points: int, timeout_s: float = 120.0) -> float:
    """Ask until every job has its points of `loss`; return the time of the last answer."""
    deadline = time.monotonic() + timeout_s
    with Api(url) as api:
        for job_id in job_ids:
            while api.count_points(job_id, "loss") < points:
                if time.monotonic() > deadline:
                    raise ProgramFailed(f"{points} points of a job had not arrived in time")
                time.sleep(0.002)
    return time.time()


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Hold a process still: connections to it open, and nothing is answered."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@dataclass(frozen=True)
class Service:
    """A peer's server. Its processes stand still but while it is measured."""

    url: str
    group: int

    @contextmanager
    def awake(self) -> Iterator[str]:
        os.killpg(self.group, signal.SIGCONT)
        try:
            yield self.url
        finally:
            os.killpg(self.group, signal.SIGSTOP)


Make = Callable[[Path], AbstractContextManager[Service]]


def lend(plan: Plan, stack: ExitStack, peer: Peer, make: Make) -> Service | None:
    """Return a server of a peer for as long as the stack, or None where it is not to be had."""
    if not plan.has(peer):
        return None
    try:
        return stack.enter_context(make(plan.make_folder(peer.name)))
    except ProgramFailed as error:
        say(f"  {peer.title}'s server is left out: {error}")
        return None


@contextmanager
def mlflow_server(home: Path) -> Iterator[Service]:
    """Lend a new MLflow server."""
    port = find_free_port()
    program = MLFLOW.program(home)
    command = [
        str(program.python.parent / "mlflow"), "server", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1",
        "--backend-store-uri", program.environment["MLFLOW_TRACKING_URI"],
        "--artifacts-destination", str(home / "artifacts"),
    ]  # fmt: skip
    with served(command, program, f"http://127.0.0.1:{port}", "/health") as group:
        yield Service(f"http://127.0.0.1:{port}", group)


@contextmanager
def trackio_server(home: Path) -> Iterator[Service]:
    """Lend a new trackio server; its address holds the token that may write."""
    port = find_free_port()
    program = TRACKIO.program(home)
    command = [str(program.python), str(program.file), "serve", json.dumps({"port": port})]
    writable = program.having(TRACKIO_WRITE_TOKEN="bench")
    with served(command, writable, f"http://127.0.0.1:{port}", "/") as group:
        yield Service(f"http://127.0.0.1:{port}/?write_token=bench", group)


@contextmanager
def served(command: list[str], program: Program, url: str, path: str) -> Iterator[int]:
    """Run a server until the end of the block; lend its process group, asleep."""
    tests = Path(__file__).resolve().parents[1]
    environment = {**os.environ, "PYTHONPATH": str(tests), **program.environment}
    with subprocess.Popen(
        command, env=environment, cwd=program.environment["HOME"], start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            wait_for_answer(process, url, path)
            os.killpg(process.pid, signal.SIGSTOP)
            yield process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for_answer(process: subprocess.Popen[bytes], url: str, path: str) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with Api(url) as api:
                if api.send("GET", path)[0] == http.HTTPStatus.OK:
                    return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    raise ProgramFailed(f"the server at {url} did not start")
