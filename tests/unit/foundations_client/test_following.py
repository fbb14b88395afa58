from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

import pytest

from foundations_client.client import Client
from foundations_client.following import follow_lines, wait_until_final
from foundations_client.transport import Request, Response
from foundations_wire import codec
from foundations_wire.errors import ServerUnreachable, UnknownJob, to_problem
from foundations_wire.jobs import JobSource, JobStatus, JobView


@dataclass
class FakeServer:
    """A Transport whose log grows piece by piece and whose job passes through statuses."""

    pieces: list[bytes] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    failures: int = 0
    offsets: list[str] = field(default_factory=list)

    def send(self, request: Request, sink: BinaryIO | None = None) -> Response:
        if self.failures:
            self.failures -= 1
            raise ServerUnreachable("away")
        if "/log?" in request.path:
            self.offsets.append(request.path.partition("offset=")[2].partition("&")[0])
            body = self.pieces.pop(0) if self.pieces else b""
            return Response(200, {"log-ended": "false" if self.pieces else "true"}, body)
        if not self.statuses:
            problem = to_problem(UnknownJob("There is no job `x`."))
            return Response(404, {"content-type": "application/json"}, codec.encode(problem))
        body = codec.encode(make_view(self.statuses.pop(0)))
        return Response(200, {"content-type": "application/json"}, body)


def make_view(status: str) -> JobView:
    return JobView(
        id="x", project="p", number=1, name="amber-heron-1", reason=None,
        status=JobStatus(status), source=JobSource.SUBMITTED, user="", command=[],
        priority=0, num_gpus=0, created_at="2031-05-02T09:00:01Z", started_at=None,
        ended_at=None, duration_seconds=None, exit_code=None, error=None, worker=None,
        queue_position=None, params={}, tags={}, metrics=[], artifact_count=0, log_bytes=0,
    )  # fmt: skip


def follow(server: FakeServer, sleeps: list[float] | None = None) -> list[str]:
    pauses = sleeps if sleeps is not None else []
    return list(follow_lines(Client(server), "x", sleep=pauses.append))


def test_lines_come_whole_however_their_bytes_arrive() -> None:
    server = FakeServer([b"one\ntw", "o\nthrée\r\n".encode()[:6], b"\xa9e\r\nend"])

    assert follow(server) == ["one", "two", "thrée", "end"]


def test_each_request_asks_for_what_follows() -> None:
    server = FakeServer([b"ab\n", b"c\n", b""])

    follow(server)

    assert server.offsets == ["0", "3", "5"]


def test_bytes_that_are_no_text_do_not_end_the_log() -> None:
    server = FakeServer([b"\xff\xfe ok\n", b"cut \xc3"])

    assert follow(server) == ["\ufffd\ufffd ok", "cut \ufffd"]


def test_a_line_that_says_runtime_error_is_a_line() -> None:
    server = FakeServer([b"RuntimeError: caught and handled\n", b"more\n"])

    assert follow(server) == ["RuntimeError: caught and handled", "more"]


def test_a_progress_bar_shows_at_each_carriage_return() -> None:
    server = FakeServer([b"10%\r20", b"%\r", b"\ndone\r", b"next\n\n"])

    assert follow(server) == ["10%", "20%", "done", "next", ""]


def test_a_line_without_an_end_shows_when_nothing_follows_for_long() -> None:
    server = FakeServer([b"Name: ", b"", b"ada\n", b""])

    assert follow(server) == ["Name: ", "ada"]


def test_an_endless_line_is_put_together_once() -> None:
    server = FakeServer([b"x" * 1000] * 2000)

    assert follow(server) == ["x" * 2_000_000]


def test_a_line_without_end_comes_in_pieces_before_it_fills_memory() -> None:
    server = FakeServer([b"x" * (1 << 20)] * 10)

    lines = follow(server)

    assert len(lines) == 2
    assert sum(map(len, lines)) == 10 << 20


def test_a_server_that_comes_back_is_read_on() -> None:
    server = FakeServer([b"one\n", b"two\n"], failures=2)
    pauses: list[float] = []

    lines = follow(server, pauses)

    assert lines == ["one", "two"]
    assert pauses == [0.5, 0.75]


def test_a_server_that_stays_away_ends_the_patience() -> None:
    server = FakeServer(failures=10_000)

    with pytest.raises(ServerUnreachable):
        follow(server)


def test_waiting_ends_with_the_final_job() -> None:
    server = FakeServer(statuses=["queued", "running", "failed"])

    job = wait_until_final(Client(server), "x", sleep=lambda _s: None)

    assert job.status is JobStatus.FAILED


def test_waiting_for_a_job_that_vanishes_ends() -> None:
    server = FakeServer(statuses=["queued"])

    with pytest.raises(UnknownJob):
        wait_until_final(Client(server), "x", sleep=lambda _s: None)


def test_waiting_is_given_up_after_the_time_allowed() -> None:
    server = FakeServer(statuses=["running"] * 100)

    with pytest.raises(TimeoutError, match="still running after 3 seconds"):
        wait_until_final(Client(server), "x", timeout_s=3, sleep=lambda _s: None)
