"""One request, one response: the seam between the client and the network."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Optional, Protocol, Union
from urllib.parse import SplitResult, urlsplit

from foundations_wire import unix_sockets
from foundations_wire.errors import AtlasError, InvalidRequest, ServerUnreachable

_CHUNK_BYTES = 1 << 20
# Nobody is there, or nobody whom we may speak to: waiting a few seconds changes nothing.
_ABSENT = (
    ConnectionRefusedError, FileNotFoundError, PermissionError, socket.gaierror, ssl.SSLError,
)  # fmt: skip
_ABSENT_NUMBERS = (errno.ENETUNREACH, errno.EHOSTUNREACH)


@dataclass(frozen=True)
class Request:
    """`path` begins with a slash and carries the query. A file body is read from its position."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Union[bytes, BinaryIO, None] = None
    body_bytes: Optional[int] = None  # length of a file body
    timeout_s: float = 30.0


@dataclass(frozen=True)
class Response:
    """Header names are lower case. `body` is empty when a sink took it."""

    status: int
    headers: dict[str, str]
    body: bytes


class Transport(Protocol):
    """Carries requests to one server.

    **Thread safety**: any thread may call. **Errors**: only ServerUnreachable is raised, when
    no complete answer came; every HTTP status is a Response.
    """

    def send(self, request: Request, sink: Optional[BinaryIO] = None) -> Response:
        """Return the answer; a 2xx body is written to `sink` if there is one.

        Raises:
            ServerUnreachable: refused, reset, timed out, or cut short.
        """
        ...


class HttpTransport:
    """Keep-alive HTTP over the standard library, one connection for each calling thread."""

    def __init__(self, server: str) -> None:
        """Take the address; nothing is opened yet.

        It looks like `http://127.0.0.1:5555`, or like `unix:///home/ada/server.sock` for a
        Unix socket, whose path stands there as it is.

        Raises:
            InvalidRequest: the address is neither http(s)://host[:port] nor unix:///path.
        """
        server = server.strip()
        self._socket = _find_socket(server)
        parts = _split("http://localhost" if self._socket else server)
        if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidRequest(
                f"{server!r} is no server address; it looks like http://127.0.0.1:5555 or "
                f"unix:///path/to/server.sock."
            )
        self.server = server.rstrip("/")
        self._parts = parts
        self._local = threading.local()

    def send(self, request: Request, sink: Optional[BinaryIO] = None) -> Response:
        """See Transport. A kept connection that the server has closed is opened once more."""
        try:
            return _read(self._ask(request), sink)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._unreachable(error) from error

    def close(self) -> None:
        """Close this thread's connection; the next request opens another."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()

    def _ask(self, request: Request) -> http.client.HTTPResponse:
        """Return the answer's head; only here, before any of it was used, may we try again."""
        is_fresh = getattr(self._local, "connection", None) is None
        file = request.body if not isinstance(request.body, bytes) else None
        start = file.tell() if file else 0
        try:
            return self._ask_once(request)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if is_fresh or isinstance(error, TimeoutError):
                raise
        if file:
            file.seek(start)
        return self._ask_once(request)

    def _ask_once(self, request: Request) -> http.client.HTTPResponse:
        connection = self._connect(request.timeout_s)
        headers = dict(request.headers)
        if request.body_bytes is not None:
            headers["Content-Length"] = str(request.body_bytes)
        path = self._parts.path.rstrip("/") + request.path
        connection.request(request.method, path, body=request.body, headers=headers)
        return connection.getresponse()

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        connection: Optional[http.client.HTTPConnection]
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._make_connection()
            self._local.connection = connection
        connection.timeout = timeout_s
        if connection.sock is not None:
            connection.sock.settimeout(timeout_s)
        return connection

    def _make_connection(self) -> http.client.HTTPConnection:
        if self._socket is not None:
            return _UnixConnection(self._socket)
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, context=context)
        return http.client.HTTPConnection(host, port)

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        return ServerUnreachable(
            f"No Atlas server answers at {self.server} ({_cause(error)}). Start one with "
            f"`atlas-server start`, or name yours with --server or FOUNDATIONS_SERVER."
        )


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket. Its `Host` is localhost, which every server answers to."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            opened.settimeout(self.timeout)
            with unix_sockets.within_reach(self._path) as name:
                opened.connect(name)
        except BaseException:
            opened.close()
            raise
        self.sock = opened


def is_nobody_there(error: AtlasError) -> bool:
    """Whether an error says that there is no such server, so that waiting has no point.

    The address refuses, does not resolve, cannot be reached, or has no certificate that fits.
    A server that is slow, or that hangs up, is there.
    """
    cause = error.__cause__ if isinstance(error, ServerUnreachable) else None
    return isinstance(cause, _ABSENT) or getattr(cause, "errno", None) in _ABSENT_NUMBERS


def _find_socket(server: str) -> Optional[Path]:
    path = unix_sockets.find_path(server)
    if path is not None and not hasattr(socket, "AF_UNIX"):
        raise InvalidRequest(f"{server!r} names a Unix socket, which this system does not have.")
    return path


def _split(server: str) -> Optional[SplitResult]:
    """Return the parts of an address, or None when it is none."""
    try:
        parts = urlsplit(server)
        is_plain = server.isascii() and parts.port != 0  # the port is checked when it is read
    except ValueError:
        return None
    return parts if is_plain else None


def _read(answer: http.client.HTTPResponse, sink: Optional[BinaryIO]) -> Response:
    names = {name.lower(): value for name, value in answer.getheaders()}
    if sink is None or not 200 <= answer.status < 300:
        return Response(answer.status, names, answer.read())
    while chunk := answer.read(_CHUNK_BYTES):
        sink.write(chunk)
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return Response(answer.status, names, b"")


def _cause(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "timed out"
    return str(error) or type(error).__name__
