from __future__ import annotations

from typing import Annotated, Any

from starlette.responses import Response

from foundations_server.jobs.arrays import ArrayService
from foundations_server.jobs.many import ManyJobs
from foundations_server.jobs.repeating import Repeater
from foundations_server.jobs.trying import DryRunner
from foundations_server.platform.parameters import Bounds, RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, parse
from foundations_server.platform.routing import Routes
from foundations_wire.jobs import JobSpec, JobView
from foundations_wire.many import ArraySpec, ArrayView, DryRun, JobsChanged, JobSelection, Rerun

_PAGE = 100
_MOST = 500  # jobs in one answer


class ManyRoutes:
    """Many jobs at once, jobs made from others, jobs that are only tried out."""

    def __init__(
        self, many: ManyJobs, arrays: ArrayService, repeater: Repeater, dry_runner: DryRunner
    ) -> None:
        self._dry_runner = dry_runner
        self._many = many
        self._arrays = arrays
        self._repeater = repeater

    def declare(self, routes: Routes) -> None:
        view, edit, array = Permission.VIEW, Permission.EDIT, "/arrays/{array_id}"
        for word, endpoint in (("stop", self.stop_many), ("delete", self.delete_many)):
            routes.add(
                "POST", f"/jobs/{word}", endpoint, needs=edit, body=JobSelection,
                answer=JobsChanged,
            )  # fmt: skip
        routes.add(
            "PUT", array, self.submit_array, needs=edit, body=ArraySpec, answer=ArrayView,
            status=201,
        )  # fmt: skip
        routes.add("GET", array, self.get_array, needs=view, answer=ArrayView)
        routes.add("POST", f"{array}/stop", self.stop_array, needs=edit, answer=JobsChanged)
        routes.add("POST", "/jobs/dry-run", self.try_out, needs=edit, body=JobSpec, answer=DryRun)
        routes.add("GET", "/jobs/{job_id}/spec", self.get_spec, needs=view, answer=JobSpec)
        routes.add(
            "POST", "/jobs/{job_id}/rerun", self.rerun, needs=edit, body=Rerun, answer=JobView,
            status=201,
        )  # fmt: skip

    def stop_many(self, body: RawBody) -> Response:
        return answer(self._many.stop(parse(JobSelection, body)))

    def delete_many(self, body: RawBody) -> Response:
        return answer(self._many.delete(parse(JobSelection, body)))

    def submit_array(self, array_id: str, body: RawBody) -> Response:
        view, is_new = self._arrays.submit(array_id, parse(ArraySpec, body), _PAGE)
        return answer(view, 201 if is_new else 200)

    def get_array(
        self,
        array_id: str,
        limit: Annotated[int, Bounds(0, _MOST)] = _PAGE,
        offset: Annotated[int, Bounds(0, 1 << 62)] = 0,
    ) -> Response:
        return answer(self._arrays.get(array_id, limit, offset))

    def stop_array(self, array_id: str) -> Response:
        return answer(self._arrays.stop(array_id))

    def try_out(self, body: RawBody) -> Response:
        return answer(self._dry_runner.try_out(parse(JobSpec, body)))

    def get_spec(self, job_id: str) -> Response:
        return answer(self._repeater.get_spec(job_id))

    def rerun(self, job_id: str, body: RawBody) -> Response:
        changes: dict[str, Any] = parse(dict[str, Any], body) if body else {}
        view, is_new = self._repeater.rerun(job_id, changes)
        return answer(view, 201 if is_new else 200)
