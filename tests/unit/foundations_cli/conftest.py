"""The command against the real server application, without sockets."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest

from foundations_cli.main import main
from foundations_client import bundles
from foundations_client.client import Client
from foundations_client.transport import HttpTransport, Request, Response
from foundations_wire.archive import ARTIFACTS, FileEntry, Manifest
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec
from foundations_wire.workers import (
    AttemptFinished,
    AttemptStarted,
    Lease,
    LeaseRequest,
    WorkerHello,
)
from support.app_transport import AppTransport, running_app


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process and return what it printed."""

    def run(*words: str) -> Outcome:
        capsys.readouterr()
        status = main(list(words))
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTransport]:
    """Put the server application where the network would be."""
    with running_app(tmp_path / "server-home") as transport:

        def send(_self: HttpTransport, request: Request, sink: BinaryIO | None = None) -> Response:
            return transport.send(request, sink)

        monkeypatch.setattr(HttpTransport, "send", send)
        yield transport


@pytest.fixture
def client(app: AppTransport) -> Client:
    return Client(app)


@dataclass(frozen=True)
class Jobs:
    """Brings jobs into the states that a command meets."""

    client: Client
    folder: Path

    def queue(self, project: str = "birds", job_id: str | None = None) -> str:
        sink = io.BytesIO()
        bundle = bundles.pack(self.folder, sink)
        sink.seek(0)
        self.client.archive.put_bundle(bundle.sha256, sink, bundle.size)
        spec = JobSpec(project, ["main.py"], bundle=bundle.sha256, params={"lr": 0.1})
        return self.client.jobs.submit(job_id or new_id(), spec).id

    def start(self, project: str = "birds") -> str:
        return self._lease(project).job_id

    def end(self, status: str = "completed", *, log: bytes = b"", exit_code: int = 0) -> str:
        lease = self._lease("birds")
        if log:
            self.client.logs.append(lease.job_id, 0, log)
        report = AttemptFinished(lease.token, 1.0, status, exit_code=exit_code)
        self.client.workers.finish(lease.attempt_id, report)
        return lease.job_id

    def archive(self, job_id: str, files: dict[str, bytes]) -> None:
        entries = []
        for path, data in files.items():
            sha256 = hashlib.sha256(data).hexdigest()
            self.client.archive.put_blob(sha256, io.BytesIO(data), len(data))
            entries.append(FileEntry(path, sha256, len(data), 0o755))
        self.client.archive.put_manifest(job_id, Manifest(ARTIFACTS, entries))

    def _lease(self, project: str) -> Lease:
        self.queue(project)
        hello = WorkerHello("vm", "vm", "process", 8, [], "0")
        self.client.workers.hello("worker-1", hello)
        lease = self.client.workers.lease("worker-1", LeaseRequest(1)).leases[0]
        self.client.workers.started(lease.attempt_id, AttemptStarted(lease.token, 1.0))
        return lease


@pytest.fixture
def jobs(client: Client, tmp_path: Path) -> Jobs:
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "main.py").write_text("print(1)")
    return Jobs(client, folder)
