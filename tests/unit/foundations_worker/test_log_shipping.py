"""The log of an attempt on its way: offsets of the whole job, and nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_wire.events import EventBatch, Registered, to_wire
from foundations_worker.delivery import Delivery
from foundations_worker.watching.log_shipping import LogShipping
from support.app_transport import running_client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running_client(tmp_path / "home") as lent:
        event = to_wire(Registered(1.0, "birds", "ada"))
        lent.jobs.send_events("job-1", EventBatch("p", 0, [event]))
        yield lent


def ship(client: Client, path: Path, log_start: int = 0) -> LogShipping:
    shipping = LogShipping(client, "job-1", path, log_start=log_start)
    shipping.start()
    shipping.finish(Delivery(threading.Event()))
    return shipping


def test_the_second_attempt_follows_the_first(client: Client, tmp_path: Path) -> None:
    (tmp_path / "first.log").write_bytes(b"first\n")
    (tmp_path / "second.log").write_bytes(b"second\n")

    ship(client, tmp_path / "first.log")
    ship(client, tmp_path / "second.log", log_start=6)

    assert client.logs.read("job-1").data == b"first\nsecond\n"


def test_what_was_shipped_before_a_restart_is_there_once(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"x" * 9_000_000)
    ship(client, path)
    with path.open("ab") as file:
        file.write(b"last\n")

    ship(client, path)

    chunk = client.logs.read("job-1", offset=9_000_000)
    assert (chunk.data, client.jobs.get("job-1").log_bytes) == (b"last\n", 9_000_005)
    assert client.logs.read("job-1", offset=8_999_000).data == b"x" * 1000 + b"last\n"


def test_a_log_of_a_job_that_is_gone_is_refused_and_ends(client: Client, tmp_path: Path) -> None:
    (tmp_path / "output.log").write_bytes(b"text")
    shipping = LogShipping(client, "job-2", tmp_path / "output.log")
    shipping.start()

    shipping.finish(Delivery(threading.Event()))

    assert shipping.is_refused


def test_bytes_of_an_earlier_attempt_that_the_server_lost_are_counted(
    client: Client, tmp_path: Path
) -> None:
    (tmp_path / "output.log").write_bytes(b"second\n")

    ship(client, tmp_path / "output.log", log_start=1000)

    chunk = client.logs.read("job-1")
    assert (chunk.missing, chunk.data) == (1000, b"second\n")
