from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_client.output import ship_output
from foundations_wire.events import EventBatch, Registered, to_wire
from support.app_transport import running_client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running_client(tmp_path / "home") as lent:
        event = to_wire(Registered(1.0, "birds", "ada"))
        lent.jobs.send_events("job-1", EventBatch("p", 0, [event]))
        yield lent


def test_a_long_file_arrives_whole_in_pieces(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(bytes(range(256)) * 10_000)

    offset = ship_output(client, "job-1", path, 0)

    assert offset == 2_560_000
    assert client.jobs.get("job-1").log_bytes == 2_560_000


def test_only_what_follows_is_sent_when_the_file_grew(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_text("one\n")
    offset = ship_output(client, "job-1", path, 0)
    path.write_text("one\ntwo\n")

    ship_output(client, "job-1", path, offset)

    assert client.logs.read("job-1").data == b"one\ntwo\n"


def test_earlier_bytes_are_sent_again_when_the_server_lacks_them(
    client: Client, tmp_path: Path
) -> None:
    path = tmp_path / "output.log"
    path.write_text("one\ntwo\n")

    offset = ship_output(client, "job-1", path, 4)

    assert offset == 8
    assert client.logs.read("job-1").data == b"one\ntwo\n"


def test_a_file_that_is_not_there_yet_has_nothing_to_send(client: Client, tmp_path: Path) -> None:
    assert ship_output(client, "job-1", tmp_path / "none", 0) == 0
