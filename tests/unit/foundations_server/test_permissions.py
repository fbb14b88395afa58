from __future__ import annotations

from pathlib import Path

import pytest
from starlette.responses import Response
from starlette.routing import Route

from foundations_server.app import create_app
from foundations_server.platform.permissions import Permission, check_all_declared
from foundations_server.platform.responses import no_content
from foundations_server.platform.routing import DeclaredRoute, Routes
from foundations_server.platform.settings import Settings


def test_start_fails_when_a_route_declares_no_permission() -> None:
    routes = Routes("tests")
    routes.add("GET", "/told", no_content, needs=Permission.VIEW)
    told = [DeclaredRoute(declared) for declared in routes.declared]
    forgotten = Route("/forgotten", lambda _request: Response())

    check_all_declared(told)
    with pytest.raises(RuntimeError, match="/forgotten"):
        check_all_declared([*told, forgotten])


def test_every_route_of_the_client_is_described(tmp_path: Path) -> None:
    document = create_app(Settings(home=tmp_path)).openapi()

    operations = [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    ids = [operation["operationId"] for _, _, operation in operations]
    assert len(ids) == len(set(ids))
    assert len(operations) > 35
    for path, method, operation in operations:
        answered = operation["responses"]
        assert "default" in answered, (path, method)
        if method != "head" and "204" not in answered:
            assert next(iter(answered.values()))["content"], (path, method)
