"""The built GUI. Any path that is no file is one of its pages."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from foundations_server.platform.permissions import Permission
from foundations_server.platform.routing import Routes, list_methods
from foundations_wire.errors import NotFound

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; require-trusted-types-for 'script'"
)
_ABSENT = (
    "The Atlas server runs, but its pages have not been built into this installation.\n\n"
    "In a checkout, run `make gui` (it needs Node 20), then reload this page.\n"
    "The commands and the HTTP interface under /api/v1 work without them.\n"
)
_YEAR = "public, max-age=31536000, immutable"


class StaticRoutes:
    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def declare(self, routes: Routes) -> None:
        # Before the pages, so that a mistyped call is told so and gets no page.
        methods = "GET HEAD POST PUT PATCH DELETE OPTIONS"
        for path in ("/api", "/api/{path:path}"):
            routes.add(methods, path, self.nothing, needs=Permission.PUBLIC)
        routes.add("GET HEAD", "/{path:path}", self.page, needs=Permission.PUBLIC)

    async def nothing(self, request: Request) -> Response:
        allowed = list_methods(request)
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        raise NotFound(f"There is no {request.method} {request.url.path[:200]!r}.")

    def page(self, path: str) -> Response:
        file = self._find(path)
        if file is not None:
            # Names under assets/ hold a hash of the content.
            is_hashed = path.startswith("assets/")
            caching = _YEAR if is_hashed else "no-cache"
            return FileResponse(file, headers={"Cache-Control": caching})
        if path.startswith("assets/"):
            raise NotFound(f"There is no file {path[:200]!r}; reload the page.")
        index = self._folder / "index.html"
        if not index.is_file():
            return PlainTextResponse(_ABSENT)
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY}
        return FileResponse(index, headers=headers)

    def _find(self, path: str) -> Path | None:
        if not path or path == "index.html" or "\0" in path:
            return None
        file = self._folder / path
        try:
            is_inside = file.resolve().is_relative_to(self._folder)
            return file if is_inside and file.is_file() else None
        except OSError:  # a name that no file system takes
            return None
