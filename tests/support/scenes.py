"""A server in this process and the few calls that bring it into a state worth testing."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundations_client.client import Client
from foundations_client.transport import Request, Response
from foundations_server.archive.blobs import BlobStore
from foundations_server.platform.clock import FakeClock
from foundations_server.platform.settings import Settings
from foundations_wire import codec, events
from foundations_wire.jobs import JobSpec, JobView
from foundations_wire.workers import (
    AttemptFinished,
    AttemptStarted,
    Device,
    Lease,
    LeaseRequest,
    WorkerHello,
)
from support.app_transport import AppTransport, running_app


@dataclass
class Scene:
    """One server with a clock that stands still."""

    transport: AppTransport
    clock: FakeClock
    home: Path
    _sent: dict[str, int] = field(default_factory=dict)

    @property
    def client(self) -> Client:
        return Client(self.transport)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        """Send a request as it is; header names with `_` for `-`."""
        data = body if isinstance(body, bytes) else codec.encode(body) if body is not None else b""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.transport.send(Request(method, path, named, data))

    def submit(self, job_id: str, project: str = "birds", **options: Any) -> JobView:
        spec = JobSpec(project=project, command=["main.py"], **options)
        return self.client.jobs.submit(job_id, spec)

    def start_local(self, job_id: str, project: str = "birds") -> None:
        """Make a job as `python main.py` does."""
        self.send(job_id, events.Registered(self.clock.now(), project, "ada", ["main.py"]))

    def send(self, job_id: str, *reported: events.Event) -> None:
        """Send the next events of the job's only producer."""
        first = self._sent.get(job_id, 0)
        batch = events.EventBatch("p1", first, [events.to_wire(event) for event in reported])
        self._sent[job_id] = self.client.jobs.send_events(job_id, batch).next

    def log_metric(self, job_id: str, name: str, values: Sequence[float | int]) -> None:
        at = self.clock.now()
        self.send(
            job_id,
            *(
                events.MetricLogged(at + step, name, step, value)
                for step, value in enumerate(values)
            ),
        )

    def finish_local(self, job_id: str, status: str = "completed") -> None:
        self.send(job_id, events.Finished(self.clock.now(), status, None, 0))

    def hello(self, worker_id: str = "w1", *, slots: int = 2, gpus: int = 0) -> None:
        name = f"worker-{worker_id}"
        devices = [Device(f"{worker_id}-gpu-{number}") for number in range(gpus)]
        self.client.workers.hello(
            worker_id, WorkerHello(name, "host", "process", slots, devices, "0.1.0")
        )

    def lease(self, worker_id: str = "w1", free_slots: int = 1) -> list[Lease]:
        return self.client.workers.lease(worker_id, LeaseRequest(free_slots)).leases

    def run(self, job_id: str, **options: Any) -> Lease:
        """Submit a job and bring it to running on the worker w1."""
        self.submit(job_id, **options)
        self.hello()
        lease = self.lease()[0]
        self.start(lease)
        return lease

    def start(self, lease: Lease) -> None:
        """Report that the code of an attempt runs."""
        report = AttemptStarted(lease.token, self.clock.now())
        self.client.workers.started(lease.attempt_id, report)

    def finish(
        self, lease: Lease, status: str = "completed", reason: str | None = None, **more: Any
    ) -> None:
        more.setdefault("exit_code", 0)
        report = AttemptFinished(lease.token, self.clock.now(), status, reason, **more)
        self.client.workers.finish(lease.attempt_id, report)

    def put_blob(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self.client.archive.put_blob(sha256, io.BytesIO(data), len(data))
        return sha256

    def put_bundle(self) -> str:
        """Store a bundle of one small program."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            info = tarfile.TarInfo("main.py")
            info.size = 8
            tar.addfile(info, io.BytesIO(b"print(1)"))
        data = buffer.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        self.client.archive.put_bundle(sha256, io.BytesIO(data), len(data))
        return sha256

    def save_artifact(self, job_id: str, key: str, path: str, data: bytes) -> None:
        sha256 = self.put_blob(data)
        at = self.clock.now()
        self.send(job_id, events.ArtifactSaved(at, key, path, sha256, len(data)))


@contextmanager
def open_scene(
    home: Path,
    *,
    blobs: BlobStore | None = None,
    bundles: BlobStore | None = None,
    settings: Settings | None = None,
) -> Iterator[Scene]:
    """Lend a server with this home."""
    clock = FakeClock()
    with running_app(
        home, clock=clock, blobs=blobs, bundles=bundles, settings=settings
    ) as transport:
        yield Scene(transport, clock, home)
