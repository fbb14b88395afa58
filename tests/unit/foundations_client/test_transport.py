from __future__ import annotations

import errno
import http.client
import socket
import ssl
from pathlib import Path

import pytest

from foundations_client.transport import HttpTransport, Request, is_nobody_there
from foundations_wire.errors import AtlasError, InvalidRequest, ServerUnreachable


@pytest.mark.parametrize(
    "server",
    ["", "127.0.0.1:5555", "http://", "http://127.0.0.1:99999", "http://127.0.0.1:5555x",
     "http://[::1", "ftp://host", "http://127.0.0.1:0", "http://höst:5555",
     "unix://", "unix:///", "unix://run/atlas.sock", "unix:run/atlas.sock"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_sentence(server: str) -> None:
    with pytest.raises(InvalidRequest, match="is no server address"):
        HttpTransport(server)


def test_spaces_and_line_ends_around_an_address_do_no_harm() -> None:
    assert HttpTransport(" http://127.0.0.1:5555/\r\n").server == "http://127.0.0.1:5555"


def test_a_path_after_unix_is_taken_as_it_is() -> None:
    assert HttpTransport("unix:///run/ü 1%/s.sock").server == "unix:///run/ü 1%/s.sock"


def test_a_socket_that_is_not_there_is_a_server_that_does_not_answer(tmp_path: Path) -> None:
    transport = HttpTransport(f"unix://{tmp_path}/server.sock")

    with pytest.raises(ServerUnreachable, match=r"server\.sock"):
        transport.send(Request("GET", "/healthz"))


@pytest.mark.parametrize(
    ("cause", "is_absent"),
    [
        (ConnectionRefusedError(), True),
        (FileNotFoundError(), True),
        (socket.gaierror(-2, "Name or service not known"), True),
        (ssl.SSLCertVerificationError("self-signed certificate"), True),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), True),
        (TimeoutError(), False),
        (ConnectionResetError(), False),
        (http.client.RemoteDisconnected("closed"), False),
        (None, False),
    ],
)
def test_waiting_has_a_point_only_when_somebody_is_there(
    cause: Exception | None,
    is_absent: bool,  # noqa: FBT001 - a column of the table
) -> None:
    error: AtlasError = ServerUnreachable("No answer.")
    error.__cause__ = cause

    assert is_nobody_there(error) is is_absent


def test_another_error_says_that_somebody_is_there() -> None:
    error = InvalidRequest("No.")
    error.__cause__ = ConnectionRefusedError()

    assert not is_nobody_there(error)
