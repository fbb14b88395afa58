"""Declares routes: what they require, take and answer, in one line each.

An endpoint is a method whose signature says what it needs (see parameters.py) and which
returns a Response; a plain one runs in a thread, an async one on the event loop. The types
of bodies and answers are used for the OpenAPI document only (see openapi.py).
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from foundations_server.platform.parameters import bind, read_signature, refuse_unknown
from foundations_server.platform.permissions import Permission

API = "/api/v1"


@dataclass(frozen=True)
class Declared:
    """A route as its feature declared it."""

    path: str
    method: str
    endpoint: Callable[..., Any]
    needs: Permission
    status: int
    answer: Any
    body: Any
    tag: str
    is_documented: bool


class Routes:
    """The routes of one feature."""

    def __init__(self, tag: str, prefix: str = API, *, is_documented: bool = True) -> None:
        self._tag = tag
        self._prefix = prefix
        self._is_documented = is_documented
        self.declared: list[Declared] = []

    def add(
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        needs: Permission,
        answer: Any = None,
        body: Any = None,
        status: int = 200,
    ) -> None:
        """Declare a route. `answer` and `body` are types, or media types such as `image/png`.

        `method` may be several with spaces between, in routes that are not documented.
        """
        full = self._prefix + path
        self.declared.append(
            Declared(
                full, method, endpoint, needs, status, answer, body, self._tag,
                self._is_documented,
            )
        )  # fmt: skip


class DeclaredRoute(Route):
    """A route that says what it requires."""

    def __init__(self, declared: Declared) -> None:
        super().__init__(declared.path, _adapt(declared), methods=declared.method.split())
        # Starlette adds HEAD to GET; a HEAD of the event stream would never end.
        self.methods = set(declared.method.split())
        self.needs = declared.needs
        self.declared = declared


def list_methods(request: Request) -> list[str]:
    """Return the methods that the documented routes of a request's path take."""
    routes = [route for route in request.app.routes if isinstance(route, DeclaredRoute)]
    return sorted(
        route.declared.method
        for route in routes
        if route.declared.is_documented and route.matches(request.scope)[0] is not Match.NONE
    )


class Application(Starlette):
    """Starlette with declared routes and a document of them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.router.redirect_slashes = False
        self._declared: list[Declared] = []
        self._document: dict[str, Any] | None = None

    def include(self, routes: Routes) -> None:
        self.router.routes.extend(DeclaredRoute(declared) for declared in routes.declared)
        self._declared.extend(routes.declared)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document of all documented routes."""
        if self._document is None:
            # It needs pydantic, and a server that nobody asks for it should start fast.
            from foundations_server.platform.openapi import describe  # noqa: PLC0415

            self._document = describe(d for d in self._declared if d.is_documented)
        return self._document


def _adapt(declared: Declared) -> Callable[[Request], Awaitable[Response]]:
    """Return what Starlette calls for an endpoint with a signature of its own."""
    endpoint = declared.endpoint
    parameters = read_signature(endpoint, declared.path)
    is_async = inspect.iscoroutinefunction(endpoint)

    async def handle(request: Request) -> Response:
        if declared.is_documented:
            refuse_unknown(request, parameters)
        arguments = await bind(request, parameters)
        response: Response
        if is_async:
            response = await endpoint(**arguments)
        else:
            response = await run_in_threadpool(endpoint, **arguments)
        return response

    return handle
