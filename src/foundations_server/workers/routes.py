from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from foundations_server.platform.hints import Hint, HintBus
from foundations_server.platform.parameters import RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, no_content, parse
from foundations_server.platform.routing import Routes
from foundations_server.workers.ending import Endings
from foundations_server.workers.leasing import LeaseService
from foundations_server.workers.service import WorkerService
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


class WorkerRoutes:
    def __init__(
        self, workers: WorkerService, leases: LeaseService, endings: Endings, hints: HintBus
    ) -> None:
        self._workers = workers
        self._endings = endings
        self._leases = leases
        self._hints = hints

    def declare(self, routes: Routes) -> None:
        work, worker = Permission.WORK, "/workers/{worker_id}"
        routes.add("GET", "/workers", self.list_workers, needs=Permission.VIEW, answer=WorkerList)
        routes.add("PUT", worker, self.hello, needs=work, body=WorkerHello, answer=WorkerWelcome)
        routes.add(
            "POST", f"{worker}/leases", self.lease, needs=work, body=LeaseRequest,
            answer=LeaseAnswer,
        )  # fmt: skip
        routes.add(
            "POST", f"{worker}/heartbeat", self.heartbeat, needs=work, body=Heartbeat,
            answer=HeartbeatAnswer,
        )  # fmt: skip
        routes.add("POST", f"{worker}/goodbye", self.goodbye, needs=work, status=204)
        manage = Permission.MANAGE
        for word, endpoint in (
            ("drain", self.drain), ("resume", self.resume), ("lost", self.declare_lost),
        ):  # fmt: skip
            routes.add("POST", f"{worker}/{word}", endpoint, needs=manage, answer=WorkerView)
        routes.add("DELETE", worker, self.remove, needs=manage, status=204)
        attempt = "/attempts/{attempt_id}"
        routes.add(
            "POST", f"{attempt}/started", self.start, needs=work, body=AttemptStarted, status=204
        )
        routes.add(
            "POST", f"{attempt}/finish", self.finish, needs=work, body=AttemptFinished, status=204
        )

    def list_workers(self) -> Response:
        return answer(self._workers.list_all())

    def hello(self, worker_id: str, body: RawBody) -> Response:
        return answer(self._workers.hello(worker_id, parse(WorkerHello, body)))

    async def lease(self, worker_id: str, request: Request, body: RawBody) -> Response:
        """Answer as soon as there is something to start or stop."""
        wish = await run_in_threadpool(self._read_wish, worker_id, body)
        deadline = asyncio.get_running_loop().time() + POLL_SECONDS
        with (
            self._hints.subscribe(lambda hint: _concerns(hint, worker_id)) as changes,
            self._leases.presence.polling(worker_id, wish.free_slots),
        ):
            while not changes.is_closed and not await request.is_disconnected():
                found = await run_in_threadpool(self._leases.take, worker_id, wish)
                left = deadline - asyncio.get_running_loop().time()
                if found.leases or found.stops or left <= 0:
                    return answer(found)
                await changes.wait(left)
        # Others may have left jobs to this worker; it hung up, so they look again.
        self._hints.publish(Hint("queue", "", "status"))
        return answer(LeaseAnswer())

    def _read_wish(self, worker_id: str, body: bytes) -> LeaseRequest:
        self._leases.require(worker_id)
        return parse(LeaseRequest, body)

    def heartbeat(self, worker_id: str, body: RawBody) -> Response:
        return answer(self._leases.heartbeat(worker_id, parse(Heartbeat, body)))

    def goodbye(self, worker_id: str) -> Response:
        self._workers.goodbye(worker_id)
        return no_content()

    def drain(self, worker_id: str) -> Response:
        return answer(self._workers.drain(worker_id))

    def resume(self, worker_id: str) -> Response:
        return answer(self._workers.resume(worker_id))

    def declare_lost(self, worker_id: str) -> Response:
        return answer(self._workers.declare_lost(worker_id))

    def remove(self, worker_id: str) -> Response:
        self._workers.remove(worker_id)
        return no_content()

    def start(self, attempt_id: str, body: RawBody) -> Response:
        self._endings.start(attempt_id, parse(AttemptStarted, body))
        return no_content()

    def finish(self, attempt_id: str, body: RawBody) -> Response:
        self._endings.finish(attempt_id, parse(AttemptFinished, body))
        return no_content()


def _concerns(hint: Hint, worker_id: str) -> bool:
    if hint.topic == "queue":
        return hint.kind != "started"  # which leaves nothing to take for others
    return hint.topic == "worker" and hint.id == worker_id
