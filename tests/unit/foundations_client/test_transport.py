from __future__ import annotations

import pytest

from foundations_client.transport import HttpTransport
from foundations_wire.errors import InvalidRequest


@pytest.mark.parametrize(
    "server",
    ["", "127.0.0.1:5555", "http://", "http://127.0.0.1:99999", "http://127.0.0.1:5555x",
     "http://[::1", "ftp://host", "http://127.0.0.1:0", "http://höst:5555"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_sentence(server: str) -> None:
    with pytest.raises(InvalidRequest, match="is no server address"):
        HttpTransport(server)


def test_spaces_and_line_ends_around_an_address_do_no_harm() -> None:
    assert HttpTransport(" http://127.0.0.1:5555/\r\n").server == "http://127.0.0.1:5555"
