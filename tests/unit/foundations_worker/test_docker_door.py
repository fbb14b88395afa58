"""What jobs say through the worker's socket arrives at the server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from foundations_worker.executors.docker.door import Door


@contextmanager
def echoing(path: Path) -> Iterator[None]:
    """A server that sends back what it gets, in capitals, and ends with the other side."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            while piece := connection.recv(1 << 16):
                connection.sendall(piece.upper())

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    thread.join(10)
    listening.close()


def ask(door: Path, text: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(door))
        sender = threading.Thread(target=connection.sendall, args=(text,))
        sender.start()
        answer = b""
        while len(answer) < len(text) and (piece := connection.recv(1 << 16)):
            answer += piece
        sender.join()
        return answer


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_both_ways_are_passed_on(tmp_path: Path, size: int) -> None:
    door = tmp_path / "door" / "server.sock"
    with echoing(tmp_path / "server.sock"):
        Door(door, f"unix://{tmp_path}/server.sock").open()

        answer = ask(door, b"a" * size)

    assert answer == b"A" * size


def test_connection_ends_when_the_server_is_away(tmp_path: Path) -> None:
    door = tmp_path / "door" / "server.sock"
    Door(door, f"unix://{tmp_path}/nobody.sock").open()

    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(door))

        assert connection.recv(1) == b""


def test_socket_left_by_an_earlier_worker_is_replaced(tmp_path: Path) -> None:
    door = tmp_path / "door" / "server.sock"
    Door(door, "unix:///nowhere/a.sock").open()

    Door(door, "unix:///nowhere/b.sock").open()

    assert door.is_socket()
    assert door.stat().st_mode & 0o777 == 0o666
