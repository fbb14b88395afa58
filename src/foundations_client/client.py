"""The server's routes as methods, in small groups."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from foundations_client.arrays import ArrayCalls
from foundations_client.calls import JSON_HEADERS, Calls, Group, quote_segment
from foundations_client.inlet import Events, Inlet
from foundations_client.queue import LimitCalls, QueueCalls
from foundations_client.schedules import Schedules
from foundations_client.transport import HttpTransport, Request, Transport
from foundations_wire import codec
from foundations_wire.archive import ArtifactList
from foundations_wire.events import BatchAccepted, EventBatch
from foundations_wire.jobs import (
    JobPage,
    JobSpec,
    JobView,
    ProjectPage,
    ProjectView,
    ServerInfo,
)
from foundations_wire.many import (
    DryRun,
    JobsChanged,
    JobSelection,
)
from foundations_wire.metrics import MEDIA_TYPE as SERIES_TYPE
from foundations_wire.metrics import Series, SeriesAnswer, SeriesQuery
from foundations_wire.metrics import decode as decode_series
from foundations_wire.search import FilterCheck, FilterText, JobColumn, JobColumns, JobQuery
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
    WorkerView,
    WorkerWelcome,
)

_QUERY_TIMEOUT_S = 120.0  # a million jobs take their time


class Client(Inlet):
    """Everything a program can ask the server.

    **Errors**: every method raises the AtlasError that the server named, ServerUnreachable
    when nothing answers, and VersionMismatch when the peer speaks another protocol.
    **Thread safety**: as safe as its transport.
    """

    jobs: Jobs

    def __init__(self, transport: Transport) -> None:
        """Group the routes; nothing is sent."""
        super().__init__(transport)
        calls = Calls(transport)
        self.server = _Server(calls)
        self.projects = _Projects(calls)
        self.jobs = Jobs(calls)
        self.queue = QueueCalls(calls)
        self.limits = LimitCalls(calls)
        self.arrays = ArrayCalls(calls)
        self.workers = _Workers(calls)
        self.schedules = Schedules(calls)


def connect(server: str) -> Client:
    """Return a client of the server at an address such as `http://127.0.0.1:5555`."""
    return Client(HttpTransport(server))


class _Server(Group):
    def info(self) -> ServerInfo:
        return self.calls.get(ServerInfo, "/api/v1/server")


class _Projects(Group):
    def list(self, *, limit: int = 100, offset: int = 0) -> ProjectPage:
        return self.calls.get(ProjectPage, "/api/v1/projects", limit=limit, offset=offset)

    def get(self, name: str) -> ProjectView:
        return self.calls.get(ProjectView, f"/api/v1/projects/{quote_segment(name)}")


class Jobs(Events):
    """What is asked about jobs, and done to them."""

    def submit(self, job_id: str, spec: JobSpec) -> JobView:
        """Make the job durable and queued; the same call again answers the same job."""
        return self.calls.send("PUT", f"/api/v1/jobs/{quote_segment(job_id)}", spec, JobView)

    def get(self, job_id: str) -> JobView:
        return self.calls.get(JobView, f"/api/v1/jobs/{quote_segment(job_id)}")

    def list(
        self,
        *,
        project: Optional[str] = None,
        number: Optional[int] = None,
        status: Optional[str] = None,
        filter: str = "",  # noqa: A002 - its name in the address
        sort: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> JobPage:
        """Return jobs, newest first unless `sort` says otherwise.

        An unknown project raises UnknownProject, a wrong filter or sort InvalidFilter.
        """
        return self.calls.get(
            JobPage,
            "/api/v1/jobs",
            project=project,
            number=number,
            status=status,
            filter=filter or None,
            sort=sort or None,
            limit=limit,
            offset=offset,
        )

    def query(self, query: JobQuery) -> JobColumns:
        """Return jobs as columns; errors as in `list`."""
        body = codec.encode(query)
        request = Request(
            "POST", "/api/v1/jobs/query", JSON_HEADERS, body, timeout_s=_QUERY_TIMEOUT_S
        )
        # Millions of values need no check one by one; they are JSON of the server's own.
        read = json.loads(self.calls.raw(request).body)
        return JobColumns(read["total"], [JobColumn(**column) for column in read["columns"]])

    def check_filter(self, text: FilterText) -> FilterCheck:
        """Return what is to be said about a filter: clauses, the fault, completions."""
        return self.calls.send("POST", "/api/v1/filter/check", text, FilterCheck)

    def stop(self, job_id: str) -> JobView:
        return self.calls.send("POST", f"/api/v1/jobs/{quote_segment(job_id)}/stop", None, JobView)

    def delete(self, job_id: str) -> None:
        self.calls.do("DELETE", f"/api/v1/jobs/{quote_segment(job_id)}")

    def stop_many(self, selection: JobSelection) -> JobsChanged:
        """Stop the chosen jobs that can be; of those named by id the answer says which not."""
        return self._send_many("stop", selection)

    def delete_many(self, selection: JobSelection) -> JobsChanged:
        """Delete the chosen jobs that are final; the answer names the others."""
        return self._send_many("delete", selection)

    def spec(self, job_id: str) -> JobSpec:
        """Return what a job was submitted with; Conflict when it ran where it was started."""
        return self.calls.get(JobSpec, f"/api/v1/jobs/{quote_segment(job_id)}/spec")

    def rerun(self, job_id: str, changes: Optional[Mapping[str, Any]] = None) -> JobView:
        """Queue a job like another one, with some fields of its spec changed (see Rerun).

        With an `id` among them the same call again answers the same job.
        """
        path = f"/api/v1/jobs/{quote_segment(job_id)}/rerun"
        return self.calls.send("POST", path, dict(changes or {}), JobView)

    def dry_run(self, spec: JobSpec) -> DryRun:
        """Return what would become of a job now; raise what `submit` would."""
        return self.calls.send("POST", "/api/v1/jobs/dry-run", spec, DryRun)

    def _send_many(self, word: str, selection: JobSelection) -> JobsChanged:
        path = f"/api/v1/jobs/{word}"
        return self.calls.send("POST", path, selection, JobsChanged, _QUERY_TIMEOUT_S)

    def send_events(self, job_id: str, batch: EventBatch) -> BatchAccepted:
        path = f"/api/v1/jobs/{quote_segment(job_id)}/events"
        return self.calls.send("POST", path, batch, BatchAccepted)

    def series(
        self, job_id: str, metric: str, *, start: int = 0, limit: Optional[int] = None
    ) -> Series:
        """Return points `start` and following of one metric, at most `limit`."""
        path = f"/api/v1/jobs/{quote_segment(job_id)}/series"
        return self.calls.get(Series, path, metric=metric, start=start, limit=limit)

    def query_series(self, query: SeriesQuery) -> SeriesAnswer:
        """Return points or buckets of several series at once, in columns.

        What one answer does not hold (`is_end`) is asked for with `after`.
        """
        headers = {**JSON_HEADERS, "Accept": SERIES_TYPE}
        request = Request("POST", "/api/v1/series", headers, codec.encode(query), timeout_s=120.0)
        return decode_series(self.calls.raw(request).body)

    def artifacts(self, job_id: str) -> ArtifactList:
        return self.calls.get(ArtifactList, f"/api/v1/jobs/{quote_segment(job_id)}/artifacts")


class _Workers(Group):
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

    def drain(self, worker_id: str) -> WorkerView:
        """Give a worker no new job; those it has go on."""
        return self.calls.send("POST", f"/api/v1/workers/{worker_id}/drain", None, WorkerView)

    def resume(self, worker_id: str) -> WorkerView:
        """Give a worker that was drained or declared lost new jobs again."""
        return self.calls.send("POST", f"/api/v1/workers/{worker_id}/resume", None, WorkerView)

    def declare_lost(self, worker_id: str) -> WorkerView:
        """Say that a worker's machine is gone for good, so that its jobs end as failed.

        They start anew as far as their `max_infra_retries` allow. Conflict while the worker
        is connected.
        """
        return self.calls.send("POST", f"/api/v1/workers/{worker_id}/lost", None, WorkerView)

    def remove(self, worker_id: str) -> None:
        """Forget a worker that is not connected and holds no job; else Conflict."""
        self.calls.do("DELETE", f"/api/v1/workers/{worker_id}")

    def started(self, attempt_id: str, report: AttemptStarted) -> None:
        self.calls.do("POST", f"/api/v1/attempts/{attempt_id}/started", report)

    def finish(self, attempt_id: str, report: AttemptFinished) -> None:
        self.calls.do("POST", f"/api/v1/attempts/{attempt_id}/finish", report)
