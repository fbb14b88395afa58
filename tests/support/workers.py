"""A real worker beside a real server, and the few things that tests do with the pair."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundations_client import bundles
from foundations_client.client import Client
from foundations_client.transport import HttpTransport
from foundations_wire.errors import ServerUnreachable
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec, JobView
from support.server import Server

_SOURCE = Path(__file__).resolve().parents[2] / "src"
PATIENCE_S = 60.0


@dataclass
class WorkerProcess:
    """`python -m foundations_worker` with a home of its own."""

    server: str
    home: Path
    slots: int = 2
    process: subprocess.Popen[bytes] | None = None
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.home / "worker-test.log"

    @property
    def attempts(self) -> Path:
        return self.home / "worker" / "attempts"

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        self.home.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable, "-m", "foundations_worker", "--server", self.server,
            "--home", str(self.home), "--slots", str(self.slots), "--name", "tester", *options,
        ]  # fmt: skip
        environment = {**os.environ, **self.variables, "PYTHONPATH": str(_SOURCE)}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stderr=log, stdout=log)
        return self.process

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE_S)
        self.process = None
        return status


@dataclass
class Lab:
    """A server, a worker, and jobs made from a few lines of text."""

    server: Server
    worker: WorkerProcess
    folder: Path

    def __post_init__(self) -> None:
        self.transport = HttpTransport(self.server.url)
        self.client = Client(self.transport)

    def submit(self, files: Mapping[str, str], *command: str, **spec: Any) -> str:
        """Queue a job with these files and return its id."""
        job_id = new_id()
        folder = self.folder / job_id
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        buffer = io.BytesIO()
        bundle = bundles.pack(folder, buffer)
        buffer.seek(0)
        self.client.archive.put_bundle(bundle.sha256, buffer, bundle.size)
        command = command or ("main.py",)
        wish = JobSpec("lab", list(command), bundle=bundle.sha256, user="ada", **spec)
        self.client.jobs.submit(job_id, wish)
        return job_id

    def wait_for(self, what: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
        """Return when the condition holds; a server that is away makes it not hold."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                if what():
                    return
            except ServerUnreachable:
                pass
            time.sleep(0.02)
        raise AssertionError(f"it did not happen; the worker says {self.worker.log.read_text()}")

    def wait_until_final(self, job_id: str, timeout_s: float = PATIENCE_S) -> JobView:
        self.wait_for(lambda: self.client.jobs.get(job_id).status.is_final, timeout_s)
        return self.client.jobs.get(job_id)

    def wait_for_line(self, job_id: str, text: str) -> None:
        self.wait_for(lambda: text in self.log_of(job_id))

    def log_of(self, job_id: str) -> str:
        return self.client.logs.read(job_id).data.decode()


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody reads does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0]
    except FileNotFoundError:
        return False
    return state not in "ZX"
