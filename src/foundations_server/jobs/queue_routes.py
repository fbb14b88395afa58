from __future__ import annotations

from typing import Annotated

from starlette.responses import Response

from foundations_server.jobs.limits import LimitService
from foundations_server.jobs.queue import PAGE, QueueService
from foundations_server.platform.parameters import Bounds, RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, no_content, parse
from foundations_server.platform.routing import Routes
from foundations_wire.jobs import Cleared, JobView, Queue, QueueMove
from foundations_wire.queue import (
    LimitList,
    LimitSettings,
    LimitView,
    PriorityChange,
    QueueClear,
)

_MOST = 500  # jobs in one answer


class QueueRoutes:
    def __init__(self, queue: QueueService, limits: LimitService) -> None:
        self._queue = queue
        self._limits = limits

    def declare(self, routes: Routes) -> None:
        view, edit, job = Permission.VIEW, Permission.EDIT, "/jobs/{job_id}"
        routes.add("GET", "/queue", self.get_queue, needs=view, answer=Queue)
        routes.add(
            "POST", "/queue/clear", self.clear_queue, needs=edit, body=QueueClear, answer=Cleared
        )
        routes.add(
            "POST", "/queue/move", self.move_in_queue, needs=edit, body=QueueMove, answer=Queue
        )
        routes.add("POST", f"{job}/hold", self.hold_job, needs=edit, answer=JobView)
        routes.add("POST", f"{job}/release", self.release_job, needs=edit, answer=JobView)
        routes.add(
            "POST", f"{job}/priority", self.set_priority, needs=edit, body=PriorityChange,
            answer=JobView,
        )  # fmt: skip
        limit = "/limits/{scope}/{name:path}"
        routes.add("GET", "/limits", self.list_limits, needs=view, answer=LimitList)
        routes.add("PUT", limit, self.put_limit, needs=edit, body=LimitSettings, answer=LimitView)
        routes.add("DELETE", limit, self.remove_limit, needs=edit, status=204)

    def get_queue(
        self,
        limit: Annotated[int, Bounds(0, _MOST)] = PAGE,
        offset: Annotated[int, Bounds(0, 1 << 62)] = 0,
    ) -> Response:
        return answer(self._queue.get(limit, offset))

    def clear_queue(self, body: RawBody) -> Response:
        return answer(self._queue.clear(parse(QueueClear, body) if body else QueueClear()))

    def move_in_queue(self, body: RawBody) -> Response:
        return answer(self._queue.move(parse(QueueMove, body)))

    def hold_job(self, job_id: str) -> Response:
        return answer(self._queue.hold(job_id))

    def release_job(self, job_id: str) -> Response:
        return answer(self._queue.release(job_id))

    def set_priority(self, job_id: str, body: RawBody) -> Response:
        return answer(self._queue.set_priority(job_id, parse(PriorityChange, body)))

    def list_limits(self) -> Response:
        return answer(self._limits.list_all())

    def put_limit(self, scope: str, name: str, body: RawBody) -> Response:
        return answer(self._limits.put(scope, name, parse(LimitSettings, body)))

    def remove_limit(self, scope: str, name: str) -> Response:
        self._limits.remove(scope, name)
        return no_content()
