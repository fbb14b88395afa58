"""What is asked about the queue and its limits, and done to them."""

from __future__ import annotations

from typing import Optional
from urllib.parse import quote

from foundations_client.calls import Group, quote_segment
from foundations_wire.jobs import Cleared, JobView, Queue, QueueMove
from foundations_wire.queue import (
    LimitList,
    LimitSettings,
    LimitView,
    PriorityChange,
    QueueClear,
)


class QueueCalls(Group):
    """The queue. Jobs that do not wait raise WrongStatus where only waiting ones will do."""

    def get(self, *, limit: int = 100, offset: int = 0) -> Queue:
        """Return a page of what runs and of what waits, each job with the reason why."""
        return self.calls.get(Queue, "/api/v1/queue", limit=limit, offset=offset)

    def clear(self, project: Optional[str] = None) -> Cleared:
        """Stop every waiting job, or those of a project; running jobs are untouched."""
        return self.calls.send("POST", "/api/v1/queue/clear", QueueClear(project), Cleared)

    def move(self, job_id: str, position: int) -> Queue:
        """Put a waiting job at a position among those of its priority; 1 is the head."""
        return self.calls.send("POST", "/api/v1/queue/move", QueueMove(job_id, position), Queue)

    def hold(self, job_id: str) -> JobView:
        """Keep a waiting job from starting until it is released."""
        return self._change(job_id, "hold")

    def release(self, job_id: str) -> JobView:
        return self._change(job_id, "release")

    def set_priority(self, job_id: str, priority: int) -> JobView:
        """Give a waiting job another priority; it goes behind those that have that one."""
        return self._change(job_id, "priority", PriorityChange(priority))

    def _change(self, job_id: str, what: str, body: object = None) -> JobView:
        path = f"/api/v1/jobs/{quote_segment(job_id)}/{what}"
        return self.calls.send("POST", path, body, JobView)


class LimitCalls(Group):
    """How much the jobs of a project or of a user may hold at once.

    `scope` is `project` or `user`; the name `*` is for all without a limit of their own.
    """

    def list(self) -> LimitList:
        return self.calls.get(LimitList, "/api/v1/limits")

    def put(
        self,
        scope: str,
        name: str,
        *,
        running: Optional[int] = None,
        gpus: Optional[int] = None,
    ) -> LimitView:
        """Set a limit, instead of the present one."""
        body = LimitSettings(running, gpus)
        return self.calls.send("PUT", _path(scope, name), body, LimitView)

    def remove(self, scope: str, name: str) -> None:
        """Remove a limit; that there is none is no error."""
        self.calls.do("DELETE", _path(scope, name))


def _path(scope: str, name: str) -> str:
    return f"/api/v1/limits/{quote_segment(scope)}/{quote(name)}"
