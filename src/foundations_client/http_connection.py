"""One HTTP/1.1 connection. `http.client` does more, and its import takes as long as ours all."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import BinaryIO, Callable, NamedTuple, Optional, Union

Body = Union[bytes, BinaryIO, None]
_CHUNK_BYTES = 1 << 20
_MOST_LINE_BYTES = 1 << 16
_MOST_HEADERS = 200
_AT_ONCE_BYTES = 1 << 16  # of a body that leaves in one piece with its head


class BrokenAnswer(ConnectionError):
    """What came back is not HTTP, or ends before it is complete."""


class HungUp(BrokenAnswer, ConnectionResetError):
    """Nothing came back: the other side had closed the connection."""


class Head(NamedTuple):
    """The beginning of an answer; header names are lower case."""

    status: int
    headers: dict[str, str]


class HttpConnection:
    """Sends requests one after the other; any OSError means that it is of no more use.

    `open_socket` is given the seconds that it may take. `host` is what the header says.
    """

    def __init__(self, open_socket: Callable[[float], socket.socket], host: str) -> None:
        """Take how to connect; nothing is opened yet."""
        self._open_socket = open_socket
        self._host = host
        self._socket: Optional[socket.socket] = None
        self._file: Optional[BinaryIO] = None
        self._method = ""
        self._head = Head(0, {})

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: Body, timeout_s: float
    ) -> Head:
        """Send a request, whose body is bytes or a file from its position; return the head.

        Raises:
            OSError: the connection failed, or took longer at one step.
        """
        opened = self._open(timeout_s)
        size = _measure(body)
        if size is not None and (size or method not in ("GET", "HEAD", "DELETE")):
            headers = {**headers, "Content-Length": str(size)}
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if any(character < " " for line in lines for character in line) or " " in path:
            raise BrokenAnswer(f"{path!r} cannot be asked for")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self._method = method
        for piece in _pieces(head, body):
            opened.sendall(piece)
        return self._read_head()

    def read(self) -> Iterator[bytes]:
        """Yield the body of the answer; it must be read before the next request.

        Raises:
            OSError: it is cut short.
        """
        status, headers = self._head
        if self._method == "HEAD" or status in (204, 304):
            pass
        elif "chunked" in headers.get("transfer-encoding", "").lower():
            yield from self._read_chunks()
        elif "content-length" in headers:
            yield from self._read_exactly(_to_size(headers["content-length"]))
        else:
            yield from self._read_to_end()
        if headers.get("connection", "").lower() == "close":
            self.close()

    def close(self) -> None:
        """Close it; the next request opens it again."""
        opened, self._socket = self._socket, None
        file, self._file = self._file, None
        if file is not None:
            file.close()
        if opened is not None:
            opened.close()

    @property
    def is_open(self) -> bool:
        """Whether a connection stands, as far as we know."""
        return self._socket is not None

    def _open(self, timeout_s: float) -> socket.socket:
        if self._socket is None:
            self._socket = self._open_socket(timeout_s)
            self._file = self._socket.makefile("rb")
        self._socket.settimeout(timeout_s)
        return self._socket

    def _read_head(self) -> Head:
        while True:
            line = self._read_line()
            if not line:
                raise HungUp("the server closed the connection")
            version, _, rest = line.partition(" ")
            status = rest[:3]
            if not version.startswith("HTTP/1.") or not status.isdecimal():
                raise BrokenAnswer(f"no HTTP came back: {line[:60]!r}")
            headers = self._read_headers()
            if version == "HTTP/1.0":
                headers.setdefault("connection", "close")
            if int(status) >= 200:  # 1xx goes before the answer
                self._head = Head(int(status), headers)
                return self._head

    def _read_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(_MOST_HEADERS):
            line = self._read_line()
            if not line:
                raise BrokenAnswer("the answer is cut short in its head")
            if not line.rstrip("\r\n"):
                return headers
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        raise BrokenAnswer("the answer has too many headers")

    def _read_line(self) -> str:
        """Return a line with its end; nothing when the other side has closed."""
        line = self._stream.readline(_MOST_LINE_BYTES)
        if len(line) == _MOST_LINE_BYTES:
            raise BrokenAnswer("a line of the answer's head is too long")
        if line and not line.endswith(b"\n"):
            raise BrokenAnswer("the answer is cut short in its head")
        return line.decode("latin-1")

    def _read_chunks(self) -> Iterator[bytes]:
        while True:
            size = _to_size(self._read_line().partition(";")[0].strip(), 16)
            if size == 0:
                self._read_headers()
                return
            yield from self._read_exactly(size)
            self._read_line()

    def _read_exactly(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self._stream.read(min(size, _CHUNK_BYTES))
            if not piece:
                raise BrokenAnswer("the answer is cut short")
            size -= len(piece)
            yield piece

    def _read_to_end(self) -> Iterator[bytes]:
        while piece := self._stream.read(_CHUNK_BYTES):
            yield piece
        self.close()

    @property
    def _stream(self) -> BinaryIO:
        if self._file is None:
            raise BrokenAnswer("the connection is closed")
        return self._file


def _measure(body: Body) -> Optional[int]:
    if body is None or isinstance(body, bytes):
        return len(body or b"")
    here = body.tell()
    size = body.seek(0, 2) - here
    body.seek(here)
    return size


def _pieces(head: bytes, body: Body) -> Iterator[bytes]:
    if body is None or isinstance(body, bytes):
        rest = body or b""
        yield head + rest[:_AT_ONCE_BYTES]
        if len(rest) > _AT_ONCE_BYTES:
            yield rest[_AT_ONCE_BYTES:]
        return
    yield head
    while piece := body.read(_CHUNK_BYTES):
        yield piece


def _to_size(text: str, base: int = 10) -> int:
    try:
        size = int(text, base)
    except ValueError:
        size = -1
    if size < 0:
        raise BrokenAnswer(f"{text[:60]!r} is no size of an answer")
    return size
