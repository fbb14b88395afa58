from __future__ import annotations

from typing import Annotated

from starlette.responses import Response

from foundations_server.platform.parameters import Bounds, RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, parse
from foundations_server.platform.routing import Routes
from foundations_server.search.service import SearchService
from foundations_wire.jobs import JobPage, JobStatus
from foundations_wire.search import FilterCheck, FilterText, JobColumns, JobQuery


class SearchRoutes:
    def __init__(self, search: SearchService) -> None:
        self._search = search

    def declare(self, routes: Routes) -> None:
        view = Permission.VIEW
        routes.add("GET", "/jobs", self.list_jobs, needs=view, answer=JobPage)
        routes.add(
            "POST", "/jobs/query", self.query_jobs, needs=view, body=JobQuery, answer=JobColumns
        )
        routes.add(
            "POST", "/filter/check", self.check_filter, needs=view, body=FilterText,
            answer=FilterCheck,
        )  # fmt: skip

    def list_jobs(
        self,
        project: str | None = None,
        number: Annotated[int, Bounds(0, 1 << 62)] | None = None,
        status: JobStatus | None = None,
        filter: str = "",  # noqa: A002 - its name in the address
        sort: str = "",
        limit: Annotated[int, Bounds(1, 500)] = 100,
        offset: Annotated[int, Bounds(0, 1 << 62)] = 0,
    ) -> Response:
        query = JobQuery(project, filter, sort, None, limit, offset)
        return answer(self._search.list_page(query, number, status))

    def query_jobs(self, body: RawBody) -> Response:
        columns = self._search.read_columns(parse(JobQuery, body))
        return Response(columns, media_type="application/json")

    def check_filter(self, body: RawBody) -> Response:
        return answer(self._search.check(parse(FilterText, body)))
