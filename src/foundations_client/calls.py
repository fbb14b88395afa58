"""Requests to the server's routes: what all groups of them share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO, Optional, TypeVar
from urllib.parse import quote, urlencode

from foundations_client.transport import Request, Response, Transport
from foundations_wire import codec
from foundations_wire.errors import VersionMismatch, from_problem
from foundations_wire.versions import (
    PROTOCOL,
    PROTOCOL_HEADER,
    VERSION,
    VERSION_HEADER,
    explain_mismatch,
)

T = TypeVar("T")
JSON_HEADERS = {"Content-Type": "application/json"}
_UPLOAD_TIMEOUT_S = 600.0


class Calls:
    """Sends, checks the peer's protocol, and turns problems into errors."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def raw(self, request: Request, sink: Optional[BinaryIO] = None) -> Response:
        response = self._answer(request, sink)
        if 200 <= response.status < 300:
            return response
        raise from_problem(_parse_problem(response), response.status)

    def _answer(self, request: Request, sink: Optional[BinaryIO] = None) -> Response:
        own = {VERSION_HEADER: VERSION, PROTOCOL_HEADER: str(PROTOCOL)}
        headers = {**own, **request.headers}
        sent = Request(
            request.method, request.path, headers, request.body, request.body_bytes,
            request.timeout_s,
        )  # fmt: skip
        response = self._transport.send(sent, sink)
        _check_protocol(response)
        return response

    def exists(self, path: str) -> bool:
        response = self._answer(Request("HEAD", path))
        if response.status == 404:
            return False
        if not 200 <= response.status < 300:  # a HEAD answer has no body to name the error
            raise from_problem(None, response.status)
        return True

    def get(self, kind: type[T], path: str, **query: Any) -> T:
        response = self.raw(Request("GET", path + make_query(query)))
        return codec.build(kind, codec.decode(response.body))

    def send(self, method: str, path: str, body: Any, kind: type[T], timeout_s: float = 30.0) -> T:
        data = codec.encode(body) if body is not None else b""
        response = self.raw(Request(method, path, JSON_HEADERS, data, timeout_s=timeout_s))
        return codec.build(kind, codec.decode(response.body))

    def do(self, method: str, path: str, body: Any = None) -> None:
        data = codec.encode(body) if body is not None else b""
        self.raw(Request(method, path, JSON_HEADERS, data))

    def upload(self, kind: type[T], path: str, file: BinaryIO, size: int) -> T:
        headers = {"Content-Type": "application/octet-stream"}
        request = Request("PUT", path, headers, file, size, _UPLOAD_TIMEOUT_S)
        return codec.build(kind, codec.decode(self.raw(request).body))

    def download(self, path: str, sink: BinaryIO) -> None:
        self.raw(Request("GET", path, timeout_s=_UPLOAD_TIMEOUT_S), sink)


def _check_protocol(response: Response) -> None:
    theirs = response.headers.get(PROTOCOL_HEADER.lower())
    if theirs is not None and theirs != str(PROTOCOL):
        version = response.headers.get(VERSION_HEADER.lower(), "another version")
        raise VersionMismatch(explain_mismatch(mine=VERSION, their_name="server", theirs=version))


def _parse_problem(response: Response) -> Any:
    if "json" not in response.headers.get("content-type", ""):
        return None
    return codec.decode(response.body)


def make_query(query: dict[str, Any]) -> str:
    kept = {key: value for key, value in query.items() if value is not None}
    return f"?{urlencode(kept)}" if kept else ""


def quote_segment(text: str) -> str:
    return quote(text, safe="")


@dataclass(frozen=True)
class Group:
    calls: Calls
