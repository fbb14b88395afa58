"""Errors as HTTP: every one a problem+json object with one plain sentence."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from foundations_wire import codec
from foundations_wire.errors import (
    AtlasError,
    NotFound,
    StorageFull,
    Unavailable,
    to_problem,
)

_MEDIA_TYPE = "application/problem+json"
_TEMPORARY = (Unavailable.status, StorageFull.status)
_RETRY_SECONDS = "5"


class MethodNotAllowed(AtlasError):
    """A path that exists, asked for in a way it does not take."""

    status = 405
    code = "method-not-allowed"


def install(app: Starlette) -> None:
    app.add_exception_handler(AtlasError, _on_atlas_error)
    app.add_exception_handler(HTTPException, _on_http_error)


def problem(error: AtlasError, request_id: str, status: int | None = None) -> Response:
    """Return the error as a response; `status` overrides the one of its class."""
    body = to_problem(error, request_id)
    if status is not None:
        body["status"] = status
    headers = {"Retry-After": _RETRY_SECONDS} if body["status"] in _TEMPORARY else None
    return Response(codec.encode(body), body["status"], headers, _MEDIA_TYPE)


def internal_problem(request_id: str) -> bytes:
    """Return the body of an answer to a request that we failed."""
    sentence = "The server failed on this request; its log tells more under the request id."
    return orjson.dumps(to_problem(AtlasError(sentence), request_id))


def request_id(request: Request) -> str:
    return str(request.scope.get("request_id", ""))


async def _on_atlas_error(request: Request, error: Any) -> Response:
    return problem(error, request_id(request))


async def _on_http_error(request: Request, error: Any) -> Response:
    path = request.url.path[:200]
    if error.status_code == 404:
        return problem(NotFound(f"There is nothing at {path!r}."), request_id(request))
    if error.status_code == 405:
        told = MethodNotAllowed(f"{path!r} does not take {request.method[:20]}.")
        response = problem(told, request_id(request))
        response.headers.update(error.headers or {})
        return response
    return problem(AtlasError(str(error.detail)), request_id(request), error.status_code)
