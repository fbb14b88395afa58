from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_client.http_connection import BrokenAnswer, HttpConnection, HungUp

HEAD = b"HTTP/1.1 200 OK\r\ndate: today\r\nx-one: 1\r\n\r\n"


class Peer:
    """The other end of a connection: answers by a script, and keeps what it was sent."""

    def __init__(self, *answers: bytes, until: bytes = b"\r\n\r\n") -> None:
        self.near, self._far = socket.socketpair()
        self.sent = b""
        self._answers, self._until = answers, until
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self.connection = HttpConnection(lambda _: self.near, "there:5555")

    def _serve(self) -> None:
        with self._far:
            for answer in self._answers:
                while piece := self._far.recv(1 << 20):
                    self.sent += piece
                    if self.sent.endswith(self._until):
                        break
                self._far.sendall(answer)

    def close(self) -> None:
        self.connection.close()
        self.near.close()
        self._thread.join()

    def get(self, path: str = "/", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        status, headers = self.connection.ask(method, path, {"A": "b"}, None, 5.0)
        return status, headers, b"".join(self.connection.read())


@pytest.fixture
def peers() -> Iterator[list[Peer]]:
    made: list[Peer] = []
    yield made
    for peer in made:
        peer.close()


def test_requests_follow_each_other_on_one_connection(peers: list[Peer]) -> None:
    peer = Peer(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One:  1 \r\n\r\nok",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    )
    peers.append(peer)

    first, second = peer.get("/a?b=c"), peer.get("/d")

    assert first == (200, {"content-length": "2", "x-one": "1"}, b"ok")
    assert second == (404, {"content-length": "0"}, b"")
    assert peer.sent.startswith(b"GET /a?b=c HTTP/1.1\r\nHost: there:5555\r\nA: b\r\n\r\n")
    assert peer.connection.is_open


def test_a_body_in_chunks_is_put_together(peers: list[Peer]) -> None:
    chunks = b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    peers.append(Peer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks))

    assert peers[0].get()[2] == b"abcde"


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_a_body_without_a_length_ends_with_the_connection(peers: list[Peer], version: str) -> None:
    peers.append(Peer(f"HTTP/{version} 200 OK\r\n\r\nto the end".encode()))

    assert peers[0].get()[2] == b"to the end"
    assert not peers[0].connection.is_open


def test_a_connection_that_the_server_closes_is_closed(peers: list[Peer]) -> None:
    peers.append(Peer(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"))

    peers[0].get()

    assert not peers[0].connection.is_open


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_some_answers_have_no_body(peers: list[Peer], method: str, status: int) -> None:
    peers.append(Peer(f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n".encode()))

    assert peers[0].get(method=method)[2] == b""


def test_a_file_is_sent_from_its_position(peers: list[Peer]) -> None:
    peers.append(Peer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", until=b"789"))
    file = io.BytesIO(b"0123456789")
    file.seek(4)

    peers[0].connection.ask("PUT", "/", {}, file, 5.0)

    assert b"Content-Length: 6\r\n" in peers[0].sent
    assert peers[0].sent.endswith(b"456789")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nxy",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)  # fmt: skip
def test_what_is_no_whole_answer_is_an_error(peers: list[Peer], answer: bytes) -> None:
    peers.append(Peer(answer))

    with pytest.raises(BrokenAnswer):
        peers[0].get()


@pytest.mark.parametrize("size", range(1, len(HEAD)))
def test_an_answer_that_is_cut_in_its_head_is_an_error(peers: list[Peer], size: int) -> None:
    peers.append(Peer(HEAD[:size]))

    with pytest.raises(BrokenAnswer):
        peers[0].get()


def test_silence_is_told_apart_from_nonsense(peers: list[Peer]) -> None:
    peers.append(Peer(b""))

    with pytest.raises(HungUp):
        peers[0].get()


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: y"])
def test_a_path_that_would_be_more_than_one_is_refused(peers: list[Peer], path: str) -> None:
    peers.append(Peer())

    with pytest.raises(BrokenAnswer):
        peers[0].get(path)


@given(st.binary(max_size=300))
def test_any_answer_is_read_or_refused(data: bytes) -> None:
    peer = Peer(b"HTTP/1.1 200 OK\r\n" + data)
    try:
        peer.get()
    except OSError:
        pass
    finally:
        peer.close()
