"""What a job printed: read while it grows, appended by offset."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from foundations_server.archive.logs import JobLogs
from foundations_server.archive.sending import name_download
from foundations_server.jobs.service import require
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.platform.parameters import Bounds, RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer
from foundations_server.platform.routing import Routes
from foundations_wire.archive import LogStored
from foundations_wire.jobs import JobStatus

MAX_WAIT_SECONDS = 20.0
_MAX_PIECE = 1 << 20
_TEXT = "text/plain; charset=utf-8"
_Offset = Annotated[int, Bounds(0, 1 << 62)]


@dataclass(frozen=True)
class _Piece:
    data: bytes
    size: int
    is_ended: bool


class LogRoutes:
    def __init__(self, database: Database, logs: JobLogs, hints: HintBus) -> None:
        self._database = database
        self._logs = logs
        self._hints = hints

    def declare(self, routes: Routes) -> None:
        path = "/jobs/{job_id}/log"
        routes.add("GET", path, self.read_log, needs=Permission.VIEW, answer="text/plain")
        routes.add(
            "PUT", path, self.append_log, needs=Permission.REPORT,
            body="application/octet-stream", answer=LogStored,
        )  # fmt: skip

    async def read_log(
        self,
        job_id: str,
        request: Request,
        *,
        offset: _Offset = 0,
        wait: Annotated[float, Bounds(0)] = 0.0,
        download: bool = False,
    ) -> Response:
        """Return bytes from an offset; wait for some when there are none yet."""
        if download:
            return await run_in_threadpool(self._send_whole, job_id)
        deadline = asyncio.get_running_loop().time() + min(wait, MAX_WAIT_SECONDS)
        with self._hints.subscribe(lambda h: h.topic == "job" and h.id == job_id) as changes:
            while True:
                piece = await run_in_threadpool(self._read, job_id, offset)
                left = deadline - asyncio.get_running_loop().time()
                if piece.data or piece.is_ended or left <= 0 or changes.is_closed:
                    break
                await changes.wait(left)
                if await request.is_disconnected():
                    break
        headers = {"Log-Size": str(piece.size), "Log-Ended": str(piece.is_ended).lower()}
        return Response(piece.data, headers=headers, media_type=_TEXT)

    def append_log(self, job_id: str, offset: _Offset, body: RawBody) -> Response:
        with self._database.read() as connection:
            project = require(connection, job_id).project
        size = self._logs.append(job_id, offset, body)
        self._hints.publish(Hint("job", job_id, "log", project))
        return answer(LogStored(size))

    def _read(self, job_id: str, offset: int) -> _Piece:
        with self._database.read() as connection:
            row = require(connection, job_id)
        data = self._logs.read(job_id, offset, _MAX_PIECE)
        size = max(self._logs.size(job_id), offset + len(data) if data else 0)
        is_ended = JobStatus(row.status).is_final and offset + len(data) >= size
        return _Piece(data, size, is_ended)

    def _send_whole(self, job_id: str) -> Response:
        with self._database.read() as connection:
            row = require(connection, job_id)
        headers = {"Content-Disposition": name_download(f"{row.name}.log")}
        return StreamingResponse(self._read_all(job_id), headers=headers, media_type=_TEXT)

    def _read_all(self, job_id: str) -> Iterator[bytes]:
        offset = 0
        while data := self._logs.read(job_id, offset, _MAX_PIECE):
            offset += len(data)
            yield data
