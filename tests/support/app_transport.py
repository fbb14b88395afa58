"""The real server application in this process, behind the client's Transport."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import CancelledError, Future, wait
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, TypeVar
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Message

from foundations_client.client import Client
from foundations_client.transport import Request, Response
from foundations_server.app import create_app
from foundations_server.archive.blobs import BlobStore
from foundations_server.platform.clock import Clock
from foundations_server.platform.settings import Settings
from foundations_wire.errors import ServerUnreachable

T = TypeVar("T")
_START_SECONDS = 20.0
_CHUNK_BYTES = 1 << 16


class AppTransport:
    """Runs an ASGI application on a thread of its own and sends it requests, without sockets.

    Close it, or use it in a `with`: that ends the application's lifespan.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._lock = threading.Lock()
        self._is_closed = False
        self._open: set[Future[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="app", daemon=True)
        self._thread.start()
        self._lifespan = _Lifespan(app)
        try:
            self._run(self._lifespan.start(), _START_SECONDS)
        except BaseException:
            self._stop_loop()
            raise

    def send(self, request: Request, sink: BinaryIO | None = None) -> Response:
        """See Transport."""
        exchange = _Exchange(request)
        future = self._begin(exchange)
        try:
            future.result(request.timeout_s)
        except (TimeoutError, CancelledError, ConnectionError) as error:
            future.cancel()
            raise ServerUnreachable(f"The application did not answer: {error!r}") from error
        body = exchange.body.getvalue()
        if sink is not None and 200 <= exchange.status < 300:
            sink.write(body)
            body = b""
        return Response(exchange.status, exchange.headers, body)

    @contextmanager
    def stream(self, request: Request) -> Iterator[Exchange]:
        """Lend an exchange whose answer is still coming; leaving it hangs up."""
        exchange = _Exchange(request)
        future = self._begin(exchange)
        try:
            yield exchange
        finally:
            self._loop.call_soon_threadsafe(exchange.hang_up.set)
            future.result(_START_SECONDS)

    def close(self) -> None:
        """Hang up on open requests and end the lifespan; a second call does nothing."""
        with self._lock:
            is_closed, self._is_closed = self._is_closed, True
            left = list(self._open)
        if not is_closed:
            for future in left:
                future.cancel()
            wait(left, _START_SECONDS)
            try:
                self._run(self._lifespan.end(), _START_SECONDS)
            finally:
                self._stop_loop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _begin(self, exchange: _Exchange) -> Future[None]:
        with self._lock:
            if self._is_closed:
                raise ServerUnreachable("The application has been closed.")
            future = asyncio.run_coroutine_threadsafe(exchange.run(self.app), self._loop)
            self._open.add(future)
        future.add_done_callback(self._open.discard)
        return future

    def _run(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout_s)
        except TimeoutError:
            future.cancel()
            raise

    def _stop_loop(self) -> None:
        asyncio.run_coroutine_threadsafe(
            self._loop.shutdown_default_executor(), self._loop
        ).result(_START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Lifespan:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()

    async def start(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._task = asyncio.ensure_future(
            _as_coroutine(self._app(scope, self._inbox.get, self._outbox.put))
        )
        await self._ask("lifespan.startup")

    async def end(self) -> None:
        await self._ask("lifespan.shutdown")
        if self._task is not None:
            await self._task

    async def _ask(self, what: str) -> None:
        await self._inbox.put({"type": what})
        answer = await self._outbox.get()
        if answer["type"] != f"{what}.complete":
            if self._task is not None:
                await self._task  # raises what went wrong
            raise RuntimeError(answer.get("message", what))


async def _as_coroutine(awaitable: Any) -> None:
    await awaitable


class _Exchange:
    """One request and its answer, as far as it has come."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._body = _pieces(request)
        self._arrived = threading.Condition()
        self.hang_up = asyncio.Event()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = io.BytesIO()

    def wait_for(self, text: bytes, timeout_s: float = 10.0) -> bytes:
        """Return the body so far, once it holds a text."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: text in self.body.getvalue(), timeout_s):
                raise AssertionError(f"{text!r} never came; {self.body.getvalue()!r} did")
            return self.body.getvalue()

    async def run(self, app: ASGIApp) -> None:
        await app(_scope(self._request), self._receive, self._send)

    async def _receive(self) -> Message:
        for data in self._body:
            return {"type": "http.request", "body": data, "more_body": True}
        if self._body is not _NOTHING:
            self._body = _NOTHING
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.hang_up.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        with self._arrived:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in message["headers"]
                }
            else:
                self.body.write(message.get("body", b""))
            self._arrived.notify_all()


Exchange = _Exchange
_NOTHING: Iterator[bytes] = iter(())


def _pieces(request: Request) -> Iterator[bytes]:
    if request.body is None:
        return
    if isinstance(request.body, bytes):
        yield request.body
        return
    left = request.body_bytes
    while left is None or left > 0:
        data = request.body.read(_CHUNK_BYTES if left is None else min(left, _CHUNK_BYTES))
        if not data:
            return
        left = None if left is None else left - len(data)
        yield data


def _scope(request: Request) -> dict[str, Any]:
    raw_path, _, query = request.path.partition("?")
    headers = {"host": "127.0.0.1:5555", **{k.lower(): v for k, v in request.headers.items()}}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote_to_bytes(raw_path).decode("utf-8", "replace"),
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 5555),
        "state": {},
    }


@contextmanager
def running_app(
    home: Path,
    *,
    clock: Clock | None = None,
    blobs: BlobStore | None = None,
    bundles: BlobStore | None = None,
    settings: Settings | None = None,
) -> Iterator[AppTransport]:
    """Lend the transport of a server with this home, without sockets."""
    app = create_app(settings or Settings(home=home), clock=clock, blobs=blobs, bundles=bundles)
    with AppTransport(app) as transport:
        yield transport


@contextmanager
def running_client(home: Path, *, clock: Clock | None = None) -> Iterator[Client]:
    """Lend a client of a server with this home, without sockets."""
    with running_app(home, clock=clock) as transport:
        yield Client(transport)
