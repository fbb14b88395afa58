"""What a job printed: read while it grows, appended by offset."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Annotated

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from foundations_server.archive.logs import JobLogs, Piece
from foundations_server.archive.sending import name_download
from foundations_server.jobs.service import require
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.platform.parameters import Bounds, RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer
from foundations_server.platform.routing import Routes
from foundations_wire import logs
from foundations_wire.archive import LogStored
from foundations_wire.errors import InvalidRequest, LeaseLost
from foundations_wire.jobs import JobStatus
from foundations_wire.times import from_iso

MAX_WAIT_SECONDS = 20.0
_TEXT = "text/plain; charset=utf-8"
_MOST = 1 << 62
_Offset = Annotated[int, Bounds(0, _MOST)]
_Lines = Annotated[int, Bounds(0, 1_000_000)]
_AGO = re.compile(r"(\d{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class _Answer:
    piece: Piece
    size: int
    is_ended: bool


@dataclass(frozen=True)
class _Place:
    """Where a reader wants to begin; the first of these that is given counts."""

    since: str | None
    lines: int | None
    tail: int | None
    offset: int


class LogRoutes:
    def __init__(
        self, database: Database, job_logs: JobLogs, hints: HintBus, clock: Clock
    ) -> None:
        self._database = database
        self._logs = job_logs
        self._hints = hints
        self._clock = clock

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
        tail: _Offset | None = None,
        lines: _Lines | None = None,
        since: str | None = None,
        wait: Annotated[float, Bounds(0)] = 0.0,
        download: bool = False,
    ) -> Response:
        """Return bytes from an offset; wait for some when there are none yet.

        Instead of an offset: the last bytes or lines, or what came since a moment (ISO 8601)
        or for a time (`90s`, `10m`, `2h`, `1d`).
        """
        if download:
            return await run_in_threadpool(self._send_whole, job_id)
        place = _Place(since, lines, tail, offset)
        deadline = asyncio.get_running_loop().time() + min(wait, MAX_WAIT_SECONDS)
        with self._hints.subscribe(lambda h: h.topic == "job" and h.id == job_id) as changes:
            begin = await run_in_threadpool(self._find, job_id, place)
            while True:
                found = await run_in_threadpool(self._read, job_id, begin)
                left = deadline - asyncio.get_running_loop().time()
                is_news = found.piece.data or found.piece.missing
                if is_news or found.is_ended or left <= 0 or changes.is_closed:
                    break
                await changes.wait(left)
                if await request.is_disconnected():
                    break
        headers = _describe(found, is_asked=begin == offset)
        return Response(found.piece.data, headers=headers, media_type=_TEXT)

    def append_log(
        self,
        job_id: str,
        offset: _Offset,
        body: RawBody,
        skipped: _Offset = 0,
        attempt: str | None = None,
    ) -> Response:
        """Append bytes, or those that follow `skipped` ones which nobody will send.

        Those of an `attempt` are taken only while it is the job's newest: what a worker that
        was away still has to tell must not mix with what the next attempt prints.
        """
        if offset + skipped > _MOST:
            raise InvalidRequest(f"'offset' and 'skipped' are together more than {_MOST}.")
        with self._database.read() as connection:
            row = require(connection, job_id)
        if attempt is not None and attempt != row.attempt_id:
            raise LeaseLost(f"Attempt `{attempt[:100]}` of job `{job_id}` is over.")
        size = self._logs.append(job_id, offset, body, skipped)
        self._hints.publish(Hint("job", job_id, "log", row.project))
        return answer(LogStored(size))

    def _find(self, job_id: str, place: _Place) -> int:
        with self._database.read() as connection:
            require(connection, job_id)
        if place.since is not None:
            return self._logs.find_time(job_id, _read_moment(place.since, self._clock.now()))
        if place.lines is not None:
            return self._logs.find_lines(job_id, place.lines)
        if place.tail is not None:
            return max(self._logs.size(job_id) - place.tail, 0)
        return place.offset

    def _read(self, job_id: str, offset: int) -> _Answer:
        # The status first: what a final job printed is all there.
        with self._database.read() as connection:
            row = require(connection, job_id)
        piece = self._logs.read(job_id, offset)
        size = max(self._logs.size(job_id), piece.end if piece.data else 0)
        return _Answer(piece, size, JobStatus(row.status).is_final and piece.end >= size)

    def _send_whole(self, job_id: str) -> Response:
        with self._database.read() as connection:
            row = require(connection, job_id)
        headers = {"Content-Disposition": name_download(f"{row.name}.log")}
        return StreamingResponse(self._logs.read_all(job_id), headers=headers, media_type=_TEXT)


def _describe(found: _Answer, *, is_asked: bool) -> dict[str, str]:
    """Return the headers; bytes are missing only from what was asked for by its offset."""
    headers = {
        logs.SIZE: str(found.size),
        logs.START: str(found.piece.start),
        logs.ENDED: str(found.is_ended).lower(),
    }
    if is_asked and found.piece.missing:
        headers[logs.MISSING] = str(found.piece.missing)
    return headers


def _read_moment(text: str, now: float) -> float:
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - float(ago[1]) * _SECONDS[ago[2]]
    try:
        return from_iso(text)
    except ValueError:
        raise InvalidRequest(
            f"'since' must be a time such as 2031-05-02T09:00:00Z or one that has passed, such "
            f"as 90s, 10m, 2h or 1d, not {text[:60]!r}."
        ) from None
