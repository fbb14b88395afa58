from __future__ import annotations

from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response

from foundations_server.metrics.reading import SeriesReader
from foundations_server.metrics.service import MetricService
from foundations_server.platform.parameters import Bounds, RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, parse
from foundations_server.platform.routing import Routes
from foundations_wire.jobs import MetricSummary
from foundations_wire.metrics import MEDIA_TYPE, Series, SeriesAnswer, SeriesQuery


class MetricRoutes:
    def __init__(self, metrics: MetricService, reader: SeriesReader) -> None:
        self._metrics = metrics
        self._reader = reader

    def declare(self, routes: Routes) -> None:
        job = "/jobs/{job_id}"
        routes.add("GET", f"{job}/series", self.read_series, needs=Permission.VIEW, answer=Series)
        routes.add(
            "POST", "/series", self.query_series, needs=Permission.VIEW, body=SeriesQuery,
            answer=SeriesAnswer,
        )  # fmt: skip
        routes.add(
            "GET", f"{job}/metrics", self.list_metrics, needs=Permission.VIEW,
            answer=list[MetricSummary],
        )  # fmt: skip

    def query_series(self, request: Request, body: RawBody) -> Response:
        """Answer in JSON, or in bytes to whom takes only those."""
        query = parse(SeriesQuery, body)
        if request.headers.get("accept") == MEDIA_TYPE:
            return Response(self._reader.read_columns(query), media_type=MEDIA_TYPE)
        return answer(self._reader.read_json(query))

    def read_series(
        self,
        job_id: str,
        metric: str,
        start: Annotated[int, Bounds(0, 1 << 62)] = 0,
        limit: Annotated[int | None, Bounds(0)] = None,
    ) -> Response:
        return answer(self._metrics.read_series(job_id, metric, start, limit))

    def list_metrics(self, job_id: str) -> Response:
        return answer(self._metrics.list_summaries(job_id))
