"""A real server and a desk: a folder in which scripts run as a user runs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_client.transport import HttpTransport
from support.scripts import Desk
from support.server import Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server")) as lent:
        yield lent


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    transport = HttpTransport(server.url)
    yield Client(transport)
    transport.close()


@pytest.fixture
def desk(tmp_path: Path, server: Server) -> Desk:
    return Desk(tmp_path / tmp_path.name, tmp_path / "home", server.url)
