"""One request, one response: the seam between the client and the network."""

from __future__ import annotations

import errno
import importlib
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Optional, Protocol, Union
from urllib.parse import SplitResult, urlsplit

from foundations_client.http_connection import Head, HttpConnection
from foundations_wire import unix_sockets
from foundations_wire.errors import AtlasError, InvalidRequest, ServerUnreachable

# Nobody is there, or nobody whom we may speak to: waiting a few seconds changes nothing.
_ABSENT = (ConnectionRefusedError, FileNotFoundError, PermissionError, socket.gaierror)
_TIMEOUTS = (TimeoutError, socket.timeout)  # one and the same from Python 3.10 on
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
        connection = self._connection()
        try:
            status, headers = self._ask(connection, request)
            if sink is None or not 200 <= status < 300:
                return Response(status, headers, b"".join(connection.read()))
            for piece in connection.read():
                sink.write(piece)
            return Response(status, headers, b"")
        except OSError as error:
            self.close()
            raise self._unreachable(error) from error

    def close(self) -> None:
        """Close this thread's connection; the next request opens another."""
        connection: Optional[HttpConnection] = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()

    def _connection(self) -> HttpConnection:
        connection: Optional[HttpConnection] = getattr(self._local, "connection", None)
        if connection is None:
            host = "localhost" if self._socket else self._parts.netloc.rpartition("@")[2]
            connection = self._local.connection = HttpConnection(self._open, host)
        return connection

    def _ask(self, connection: HttpConnection, request: Request) -> Head:
        """Return the answer's head; only here, before any of it was used, may we try again."""
        is_fresh = not connection.is_open
        file = request.body if not isinstance(request.body, bytes) else None
        start = file.tell() if file else 0
        path = self._parts.path.rstrip("/") + request.path
        what = (request.method, path, request.headers, request.body, request.timeout_s)
        try:
            return connection.ask(*what)
        except OSError as error:
            connection.close()
            if is_fresh or isinstance(error, _TIMEOUTS):
                raise
        if file:
            file.seek(start)
        return connection.ask(*what)

    def _open(self, timeout_s: float) -> socket.socket:
        if self._socket is not None:
            return _open_unix(self._socket, timeout_s)
        host, is_secure = self._parts.hostname or "", self._parts.scheme == "https"
        port = self._parts.port or (443 if is_secure else 80)
        # As bytes, for a text makes Python load the tables of international names.
        name: Any = host.encode("ascii") if host.isascii() else host
        opened = socket.create_connection((name, port), timeout_s)
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _secure(opened, host) if is_secure else opened
        except BaseException:
            opened.close()
            raise

    def _unreachable(self, error: Exception) -> ServerUnreachable:
        return ServerUnreachable(
            f"No Atlas server answers at {self.server} ({_cause(error)}). Start one with "
            f"`atlas-server start`, or name yours with --server or FOUNDATIONS_SERVER."
        )


def _open_unix(path: Path, timeout_s: float) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        opened.settimeout(timeout_s)
        with unix_sockets.within_reach(path) as name:
            opened.connect(name)
    except BaseException:
        opened.close()
        raise
    return opened


def _secure(opened: socket.socket, host: str) -> socket.socket:
    ssl: Any = importlib.import_module("ssl")  # long to import, and seldom needed
    secured: socket.socket = ssl.create_default_context().wrap_socket(opened, server_hostname=host)
    return secured


def is_nobody_there(error: AtlasError) -> bool:
    """Whether an error says that there is no such server, so that waiting has no point.

    The address refuses, does not resolve, cannot be reached, or has no certificate that fits.
    A server that is slow, or that hangs up, is there.
    """
    cause = error.__cause__ if isinstance(error, ServerUnreachable) else None
    is_uncertified = type(cause).__module__ == "ssl"  # not imported before it is needed
    is_absent = isinstance(cause, _ABSENT) or getattr(cause, "errno", None) in _ABSENT_NUMBERS
    return is_absent or is_uncertified


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


def _cause(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, _TIMEOUTS):
        return "timed out"
    return str(error) or type(error).__name__
