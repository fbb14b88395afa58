"""The server's routes as methods, in small groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO, Optional, TypeVar
from urllib.parse import quote, urlencode

from foundations_client.transport import HttpTransport, Request, Response, Transport
from foundations_wire import codec
from foundations_wire.archive import (
    ArtifactList,
    BlobAnswer,
    BlobQuery,
    BlobStored,
    LogStored,
    Manifest,
)
from foundations_wire.batches import MEDIA_TYPE, Batch, encode
from foundations_wire.errors import VersionMismatch, from_problem
from foundations_wire.events import BatchAccepted, EventBatch
from foundations_wire.jobs import (
    Cleared,
    JobPage,
    JobSpec,
    JobView,
    ProjectPage,
    ProjectView,
    Queue,
    QueueMove,
    ServerInfo,
)
from foundations_wire.metrics import MEDIA_TYPE as SERIES_TYPE
from foundations_wire.metrics import Series, SeriesAnswer, SeriesQuery
from foundations_wire.metrics import decode as decode_series
from foundations_wire.versions import (
    PROTOCOL,
    PROTOCOL_HEADER,
    VERSION,
    VERSION_HEADER,
    explain_mismatch,
)
from foundations_wire.workers import (
    POLL_SECONDS,
    AttemptFinished,
    AttemptStarted,
    Heartbeat,
    HeartbeatAnswer,
    LeaseAnswer,
    LeaseRequest,
    WorkerHello,
    WorkerList,
    WorkerWelcome,
)

T = TypeVar("T")
_JSON = {"Content-Type": "application/json"}
_UPLOAD_TIMEOUT_S = 600.0


class Client:
    """Everything a program can ask the server.

    **Errors**: every method raises the AtlasError that the server named, ServerUnreachable
    when nothing answers, and VersionMismatch when the peer speaks another protocol.
    **Thread safety**: as safe as its transport.
    """

    def __init__(self, transport: Transport) -> None:
        """Group the routes; nothing is sent."""
        calls = _Calls(transport)
        self.server = _Server(calls)
        self.projects = _Projects(calls)
        self.jobs = _Jobs(calls)
        self.queue = _Queue(calls)
        self.logs = _Logs(calls)
        self.archive = _Archive(calls)
        self.workers = _Workers(calls)
        self._transport = transport

    def close(self) -> None:
        """Close the calling thread's connection, if the transport keeps one open."""
        close = getattr(self._transport, "close", None)
        if close is not None:
            close()


def connect(server: str) -> Client:
    """Return a client of the server at an address such as `http://127.0.0.1:5555`."""
    return Client(HttpTransport(server))


class _Calls:
    """Sends, checks the peer's protocol, and turns problems into errors."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def raw(self, request: Request, sink: Optional[BinaryIO] = None) -> Response:
        response = self._answer(request, sink)
        if 200 <= response.status < 300:
            return response
        raise from_problem(_parse_problem(response), response.status)

    def _answer(self, request: Request, sink: Optional[BinaryIO] = None) -> Response:
        own = {VERSION_HEADER: VERSION, PROTOCOL_HEADER: str(PROTOCOL)}
        headers = {**own, **request.headers}
        sent = Request(
            request.method, request.path, headers, request.body, request.body_bytes,
            request.timeout_s,
        )  # fmt: skip
        response = self._transport.send(sent, sink)
        _check_protocol(response)
        return response

    def exists(self, path: str) -> bool:
        response = self._answer(Request("HEAD", path))
        if response.status == 404:
            return False
        if not 200 <= response.status < 300:  # a HEAD answer has no body to name the error
            raise from_problem(None, response.status)
        return True

    def get(self, kind: type[T], path: str, **query: Any) -> T:
        response = self.raw(Request("GET", path + _query(query)))
        return codec.build(kind, codec.decode(response.body))

    def send(self, method: str, path: str, body: Any, kind: type[T], timeout_s: float = 30.0) -> T:
        data = codec.encode(body) if body is not None else b""
        response = self.raw(Request(method, path, _JSON, data, timeout_s=timeout_s))
        return codec.build(kind, codec.decode(response.body))

    def do(self, method: str, path: str, body: Any = None) -> None:
        data = codec.encode(body) if body is not None else b""
        self.raw(Request(method, path, _JSON, data))

    def upload(self, kind: type[T], path: str, file: BinaryIO, size: int) -> T:
        headers = {"Content-Type": "application/octet-stream"}
        request = Request("PUT", path, headers, file, size, _UPLOAD_TIMEOUT_S)
        return codec.build(kind, codec.decode(self.raw(request).body))

    def download(self, path: str, sink: BinaryIO) -> None:
        self.raw(Request("GET", path, timeout_s=_UPLOAD_TIMEOUT_S), sink)


def _check_protocol(response: Response) -> None:
    theirs = response.headers.get(PROTOCOL_HEADER.lower())
    if theirs is not None and theirs != str(PROTOCOL):
        version = response.headers.get(VERSION_HEADER.lower(), "another version")
        raise VersionMismatch(explain_mismatch(mine=VERSION, their_name="server", theirs=version))


def _parse_problem(response: Response) -> Any:
    if "json" not in response.headers.get("content-type", ""):
        return None
    return codec.decode(response.body)


def _query(query: dict[str, Any]) -> str:
    kept = {key: value for key, value in query.items() if value is not None}
    return f"?{urlencode(kept)}" if kept else ""


def _segment(text: str) -> str:
    return quote(text, safe="")


@dataclass(frozen=True)
class _Group:
    calls: _Calls


class _Server(_Group):
    def info(self) -> ServerInfo:
        return self.calls.get(ServerInfo, "/api/v1/server")


class _Projects(_Group):
    def list(self, *, limit: int = 100, offset: int = 0) -> ProjectPage:
        return self.calls.get(ProjectPage, "/api/v1/projects", limit=limit, offset=offset)

    def get(self, name: str) -> ProjectView:
        return self.calls.get(ProjectView, f"/api/v1/projects/{_segment(name)}")


class _Jobs(_Group):
    def submit(self, job_id: str, spec: JobSpec) -> JobView:
        """Make the job durable and queued; the same call again answers the same job."""
        return self.calls.send("PUT", f"/api/v1/jobs/{_segment(job_id)}", spec, JobView)

    def get(self, job_id: str) -> JobView:
        return self.calls.get(JobView, f"/api/v1/jobs/{_segment(job_id)}")

    def list(
        self,
        *,
        project: Optional[str] = None,
        number: Optional[int] = None,
        status: Optional[str] = None,
        limit: int = 100,
        offset: int = 0,
    ) -> JobPage:
        """Return jobs, newest first. An unknown project raises UnknownProject."""
        return self.calls.get(
            JobPage,
            "/api/v1/jobs",
            project=project,
            number=number,
            status=status,
            limit=limit,
            offset=offset,
        )

    def stop(self, job_id: str) -> JobView:
        return self.calls.send("POST", f"/api/v1/jobs/{_segment(job_id)}/stop", None, JobView)

    def delete(self, job_id: str) -> None:
        self.calls.do("DELETE", f"/api/v1/jobs/{_segment(job_id)}")

    def send_events(self, job_id: str, batch: EventBatch) -> BatchAccepted:
        path = f"/api/v1/jobs/{_segment(job_id)}/events"
        return self.calls.send("POST", path, batch, BatchAccepted)

    def send_batch(self, job_id: str, batch: Batch) -> BatchAccepted:
        """Send events with their points in columns; answers and errors as in `send_events`."""
        path = f"/api/v1/jobs/{_segment(job_id)}/events"
        headers = {"Content-Type": MEDIA_TYPE}
        response = self.calls.raw(Request("POST", path, headers, encode(batch)))
        return codec.build(BatchAccepted, codec.decode(response.body))

    def series(
        self, job_id: str, metric: str, *, start: int = 0, limit: Optional[int] = None
    ) -> Series:
        """Return points `start` and following of one metric, at most `limit`."""
        path = f"/api/v1/jobs/{_segment(job_id)}/series"
        return self.calls.get(Series, path, metric=metric, start=start, limit=limit)

    def query_series(self, query: SeriesQuery) -> SeriesAnswer:
        """Return points or buckets of several series at once, in columns.

        What one answer does not hold (`is_end`) is asked for with `after`.
        """
        headers = {**_JSON, "Accept": SERIES_TYPE}
        request = Request("POST", "/api/v1/series", headers, codec.encode(query), timeout_s=120.0)
        return decode_series(self.calls.raw(request).body)

    def artifacts(self, job_id: str) -> ArtifactList:
        return self.calls.get(ArtifactList, f"/api/v1/jobs/{_segment(job_id)}/artifacts")


class _Queue(_Group):
    def get(self) -> Queue:
        return self.calls.get(Queue, "/api/v1/queue")

    def clear(self) -> Cleared:
        """Stop every waiting job of every project; running jobs are untouched."""
        return self.calls.send("POST", "/api/v1/queue/clear", None, Cleared)

    def move(self, job_id: str, position: int) -> Queue:
        return self.calls.send("POST", "/api/v1/queue/move", QueueMove(job_id, position), Queue)


@dataclass(frozen=True)
class LogChunk:
    """Bytes of a log from `offset`; `is_ended` once nothing can follow them."""

    offset: int
    data: bytes
    is_ended: bool


class _Logs(_Group):
    def read(self, job_id: str, *, offset: int = 0, wait_s: float = 0.0) -> LogChunk:
        """Return what follows `offset`, at most 1 MiB, waiting up to `wait_s` for any."""
        path = f"/api/v1/jobs/{_segment(job_id)}/log"
        query = _query({"offset": offset, "wait": wait_s})
        response = self.calls.raw(Request("GET", path + query, timeout_s=wait_s + 30))
        return LogChunk(offset, response.body, response.headers.get("log-ended") == "true")

    def append(self, job_id: str, offset: int, data: bytes) -> LogStored:
        """Store bytes at an offset; those already stored there are skipped.

        Raises OffsetGap (`expected`) when bytes before them are missing.
        """
        path = f"/api/v1/jobs/{_segment(job_id)}/log{_query({'offset': offset})}"
        headers = {"Content-Type": "application/octet-stream"}
        response = self.calls.raw(Request("PUT", path, headers, data))
        return codec.build(LogStored, codec.decode(response.body))


class _Archive(_Group):
    def find_missing(self, sha256: list[str]) -> list[str]:
        """Return those contents that the server lacks."""
        query = BlobQuery(sha256)
        return self.calls.send("POST", "/api/v1/blobs/missing", query, BlobAnswer).missing

    def put_blob(self, sha256: str, file: BinaryIO, size: int) -> BlobStored:
        return self.calls.upload(BlobStored, f"/api/v1/blobs/{sha256}", file, size)

    def get_blob(self, sha256: str, sink: BinaryIO) -> None:
        self.calls.download(f"/api/v1/blobs/{sha256}", sink)

    def has_bundle(self, sha256: str) -> bool:
        """Whether the server holds a bundle (HEAD of its address), so that it need not travel."""
        return self.calls.exists(f"/api/v1/bundles/{sha256}")

    def put_bundle(self, sha256: str, file: BinaryIO, size: int) -> BlobStored:
        """Upload a bundle; the server refuses what is not a safe tar.gz (InvalidBundle)."""
        return self.calls.upload(BlobStored, f"/api/v1/bundles/{sha256}", file, size)

    def get_bundle(self, sha256: str, sink: BinaryIO) -> None:
        self.calls.download(f"/api/v1/bundles/{sha256}", sink)

    def put_manifest(self, job_id: str, manifest: Manifest) -> None:
        path = f"/api/v1/jobs/{_segment(job_id)}/archive/{manifest.area}"
        self.calls.do("PUT", path, manifest)

    def get_manifest(self, job_id: str, area: str) -> Manifest:
        return self.calls.get(Manifest, f"/api/v1/jobs/{_segment(job_id)}/archive/{area}")

    def get_archive(self, job_id: str, sink: BinaryIO) -> None:
        """Write the job's `artifacts` area as tar.gz with the top folder `<job_id>/`."""
        self.calls.download(f"/api/v1/jobs/{_segment(job_id)}/archive.tgz", sink)


class _Workers(_Group):
    def list(self) -> WorkerList:
        return self.calls.get(WorkerList, "/api/v1/workers")

    def hello(self, worker_id: str, hello: WorkerHello) -> WorkerWelcome:
        return self.calls.send("PUT", f"/api/v1/workers/{worker_id}", hello, WorkerWelcome)

    def lease(self, worker_id: str, request: LeaseRequest) -> LeaseAnswer:
        """Wait for work or stop orders, at most POLL_SECONDS."""
        path = f"/api/v1/workers/{worker_id}/leases"
        return self.calls.send("POST", path, request, LeaseAnswer, POLL_SECONDS + 15)

    def heartbeat(self, worker_id: str, beat: Heartbeat) -> HeartbeatAnswer:
        path = f"/api/v1/workers/{worker_id}/heartbeat"
        return self.calls.send("POST", path, beat, HeartbeatAnswer)

    def goodbye(self, worker_id: str) -> None:
        """Say that the worker ends; its attempts stay its own and it may come back."""
        self.calls.do("POST", f"/api/v1/workers/{worker_id}/goodbye")

    def started(self, attempt_id: str, report: AttemptStarted) -> None:
        self.calls.do("POST", f"/api/v1/attempts/{attempt_id}/started", report)

    def finish(self, attempt_id: str, report: AttemptFinished) -> None:
        self.calls.do("POST", f"/api/v1/attempts/{attempt_id}/finish", report)
