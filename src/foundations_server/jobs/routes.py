from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from foundations_server.jobs.ingesting import Ingester
from foundations_server.jobs.service import JobService
from foundations_server.platform.parameters import RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, no_content, parse
from foundations_server.platform.routing import Routes
from foundations_wire.batches import MEDIA_TYPE
from foundations_wire.events import BatchAccepted, EventBatch
from foundations_wire.jobs import JobSpec, JobView

_JOB = "/jobs/{job_id}"


@dataclass(frozen=True)
class TagValue:
    """The body of a tag."""

    value: str = ""


class JobRoutes:
    def __init__(self, jobs: JobService, ingester: Ingester) -> None:
        self._jobs = jobs
        self._ingester = ingester

    def declare(self, routes: Routes) -> None:
        view, edit, report = Permission.VIEW, Permission.EDIT, Permission.REPORT
        routes.add(
            "PUT", _JOB, self.submit_job, needs=edit, body=JobSpec, answer=JobView, status=201
        )
        routes.add("GET", _JOB, self.get_job, needs=view, answer=JobView)
        routes.add("DELETE", _JOB, self.delete_job, needs=edit, status=204)
        routes.add("POST", f"{_JOB}/stop", self.stop_job, needs=edit, answer=JobView)
        routes.add(
            "POST", f"{_JOB}/events", self.accept_events, needs=report, body=EventBatch,
            answer=BatchAccepted,
        )  # fmt: skip
        tag = f"{_JOB}/tags/{{key:path}}"
        routes.add("PUT", tag, self.set_tag, needs=edit, body=TagValue, status=204)
        routes.add("DELETE", tag, self.remove_tag, needs=edit, status=204)

    def submit_job(self, job_id: str, body: RawBody) -> Response:
        view, is_new = self._jobs.submit(job_id, parse(JobSpec, body))
        return answer(view, 201 if is_new else 200)

    def get_job(self, job_id: str) -> Response:
        return answer(self._jobs.get(job_id))

    def delete_job(self, job_id: str) -> Response:
        self._jobs.delete(job_id)
        return no_content()

    def stop_job(self, job_id: str) -> Response:
        return answer(self._jobs.stop(job_id))

    async def accept_events(self, job_id: str, request: Request, body: RawBody) -> Response:
        """Take a batch in columns, as the SDK sends it, or in JSON."""
        if request.headers.get("content-type") == MEDIA_TYPE:
            return answer(await self._ingester.accept_columns(job_id, body))
        return answer(await run_in_threadpool(self._accept_json, job_id, body))

    def _accept_json(self, job_id: str, body: bytes) -> BatchAccepted:
        return self._ingester.accept(job_id, parse(EventBatch, body))

    def set_tag(self, job_id: str, key: str, body: RawBody) -> Response:
        self._jobs.set_tag(job_id, key, parse(TagValue, body).value)
        return no_content()

    def remove_tag(self, job_id: str, key: str) -> Response:
        self._jobs.remove_tag(job_id, key)
        return no_content()
