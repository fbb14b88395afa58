"""The one door: every request passes here before a route sees it.

Loopback without a login is safe only if no web page that the user visits can reach it. A
page from elsewhere betrays itself by its Origin or Sec-Fetch-Site, and one that rebinds its
name to 127.0.0.1 by its Host.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundations_server.platform.problems import internal_problem, problem
from foundations_server.platform.settings import Settings
from foundations_wire.errors import AtlasError, Refused, VersionMismatch
from foundations_wire.versions import (
    PROTOCOL,
    PROTOCOL_HEADER,
    VERSION,
    VERSION_HEADER,
    explain_mismatch,
)

_log = logging.getLogger(__name__)
_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_DEFAULTS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


class Gate:
    """Checks where a request comes from, marks every answer, and catches what nobody did."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = _LOOPBACK_NAMES | set(settings.allowed_hosts)
        self._origins = frozenset(settings.allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._pass(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["request_id"] = secrets.token_hex(8)
        marked = _Marked(send, scope["request_id"])
        try:
            self._check(scope)
        except AtlasError as error:
            await problem(error, scope["request_id"])(scope, receive, marked)
            return
        try:
            await self._app(scope, receive, marked)
        except ClientDisconnect:
            _log.info("Request %s ended early: the client hung up", scope["request_id"])
        except Exception:  # noqa: BLE001 - the boundary of a request; logged with its traceback
            _log.exception(
                "Request %s failed: %s %s", scope["request_id"], scope["method"], scope["path"]
            )
            await marked.fail()

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = _single(headers, "host")
        if _name_of(host) not in self._hosts:
            raise Refused(
                f"The host name {host[:100]!r} is not one of this server's; use 127.0.0.1, "
                f"or add the name to the allowed ones."
            )
        self._check_origin(headers, host)
        _check_site(scope["method"], headers)
        theirs = headers.get(PROTOCOL_HEADER)
        if theirs is not None and theirs != str(PROTOCOL):
            version = headers.get(VERSION_HEADER, "another version")
            raise VersionMismatch(
                explain_mismatch(mine=VERSION, their_name="client", theirs=version)
            )

    def _check_origin(self, headers: Headers, host: str) -> None:
        if "origin" not in headers:
            return
        origin = _single(headers, "origin")
        if origin in self._origins:
            return
        if not _is_of(origin, host):
            raise Refused(f"Pages of {origin[:100]!r} may not use this server.")


class _Marked:
    """Sends on, with our headers on the first message."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self._is_started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._is_started = True
            _mark(MutableHeaders(scope=message), self._request_id)
        await self._send(message)

    async def fail(self) -> None:
        """Answer 500, or cut off an answer that has begun."""
        if self._is_started:
            raise ConnectionAbortedError("the answer broke off")
        body = internal_problem(self._request_id)
        headers = [(b"content-type", b"application/problem+json")]
        await self({"type": "http.response.start", "status": 500, "headers": headers})
        await self({"type": "http.response.body", "body": body})


def _mark(headers: MutableHeaders, request_id: str) -> None:
    for name, value in _DEFAULTS.items():
        headers.setdefault(name, value)
    headers[VERSION_HEADER] = VERSION
    headers[PROTOCOL_HEADER] = str(PROTOCOL)
    headers["X-Request-Id"] = request_id


def _single(headers: Headers, name: str) -> str:
    values = headers.getlist(name)
    if len(values) != 1:
        raise Refused(f"A request needs exactly one {name.title()} header, not {len(values)}.")
    return values[0]


def _name_of(host: str) -> str:
    """Return the host without its port; IPv6 addresses keep their brackets."""
    name, colon, port = host.lower().rpartition(":")
    if colon and port.isdigit():
        return name
    return host.lower()


def _is_of(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:  # "http://[::1", for example
        return False
    return parts.scheme in ("http", "https") and parts.netloc == host


def _check_site(method: str, headers: Mapping[str, str]) -> None:
    if headers.get("sec-fetch-site") != "cross-site":
        return
    # Following a link from another page is fine; loading parts of ours into it is not.
    is_navigation = (
        headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    )
    if method != "GET" or not is_navigation:
        raise Refused("Other sites' pages may link to this server but not use it.")
