from __future__ import annotations

from typing import Annotated

from starlette.responses import Response

from foundations_server.metrics.service import MetricService
from foundations_server.platform.parameters import Bounds
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer
from foundations_server.platform.routing import Routes
from foundations_wire.jobs import MetricSummary
from foundations_wire.metrics import Series


class MetricRoutes:
    def __init__(self, metrics: MetricService) -> None:
        self._metrics = metrics

    def declare(self, routes: Routes) -> None:
        job = "/jobs/{job_id}"
        routes.add("GET", f"{job}/series", self.read_series, needs=Permission.VIEW, answer=Series)
        routes.add(
            "GET", f"{job}/metrics", self.list_metrics, needs=Permission.VIEW,
            answer=list[MetricSummary],
        )  # fmt: skip

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
