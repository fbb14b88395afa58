"""Routes about the server itself: its health, its version, its stream of hints."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import Response, StreamingResponse

from foundations_server.platform.clock import Clock
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, encode
from foundations_server.platform.routing import Routes
from foundations_wire.errors import AtlasError
from foundations_wire.jobs import ServerInfo
from foundations_wire.times import to_iso
from foundations_wire.versions import PROTOCOL, VERSION

HEARTBEAT_SECONDS = 15.0
# Between two looks at what is pending, so that one busy job sends at most 4 hints a second.
_PAUSE_SECONDS = 0.25


class SystemRoutes:
    """`find_trouble` returns what keeps the database from storing, if anything does."""

    def __init__(
        self,
        clock: Clock,
        hints: HintBus,
        document: Callable[[], Any],
        find_trouble: Callable[[], AtlasError | None],
    ) -> None:
        self._find_trouble = find_trouble
        self._clock = clock
        self._hints = hints
        self._document = document

    def declare(self, health: Routes, routes: Routes) -> None:
        health.add("GET", "/healthz", self.health, needs=Permission.PUBLIC, answer=dict[str, str])
        routes.add("GET", "/server", self.server, needs=Permission.PUBLIC, answer=ServerInfo)
        routes.add(
            "GET", "/openapi.json", self.openapi, needs=Permission.PUBLIC, answer=dict[str, Any]
        )
        routes.add(
            "GET", "/events", self.events, needs=Permission.VIEW, answer="text/event-stream"
        )

    async def health(self) -> Response:
        trouble = self._find_trouble()
        if trouble is None:
            return answer({"status": "ok", "version": VERSION})
        return answer({"status": trouble.code, "version": VERSION, "reason": trouble.message})

    async def server(self) -> Response:
        return answer(ServerInfo(VERSION, PROTOCOL, to_iso(self._clock.now())))

    def openapi(self) -> Response:
        return answer(self._document())

    async def events(self) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(), headers=headers, media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[bytes]:
        with self._hints.subscribe(lambda _hint: True) as subscription:
            yield _event("hello", {"version": VERSION, "protocol": PROTOCOL})
            while not subscription.is_closed:
                hints = await subscription.wait(HEARTBEAT_SECONDS)
                if hints:
                    yield b"".join(_event("hint", _describe(hint)) for hint in hints)
                    await asyncio.sleep(_PAUSE_SECONDS)
                elif not subscription.is_closed:
                    yield b": still here\n\n"


def _describe(hint: Hint) -> dict[str, Any]:
    return {"topic": hint.topic, "id": hint.id, "project": hint.project, "kind": hint.kind}


def _event(name: str, data: Any) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + encode(data) + b"\n\n"
