"""What tests of faults share: chance with a printed seed, a server, a desk for scripts."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_client.transport import HttpTransport
from support.rounds import SEED, pick
from support.scripts import Desk
from support.server import Server, running_server


@pytest.fixture
def dice() -> random.Random:
    print(f"ATLAS_FAULT_SEED={SEED}")
    return random.Random(SEED)  # noqa: S311 - chance, not a secret


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Lend a server that the tests of a file share; who kills it starts it again."""
    with running_server(tmp_path_factory.mktemp("server")) as lent:
        yield lent


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    transport = HttpTransport(server.url)
    yield Client(transport)
    transport.close()


@pytest.fixture
def desk(tmp_path: Path, server: Server) -> Desk:
    return Desk(tmp_path / "desk", tmp_path / "home", server.url, timeout_s=pick(60, 900))
