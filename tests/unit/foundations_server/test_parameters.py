from __future__ import annotations

import asyncio
from typing import Annotated, Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from foundations_server.platform import parameters
from foundations_server.platform.parameters import Bounds, RawBody, bind, read_signature
from foundations_wire.errors import InvalidRequest, TooLarge
from foundations_wire.jobs import JobStatus


def endpoint(
    key: str,
    request: Request,
    body: RawBody,
    needed: int,
    status: JobStatus | None = None,
    limit: Annotated[int | None, Bounds(1, 500)] = 100,
    wait: Annotated[float, Bounds(0)] = 0.0,
    *,
    download: bool = False,
) -> None:
    """Stand for a route."""


PARAMETERS = read_signature(endpoint, "/things/{key:path}")


def make_request(query: str, *pieces: bytes) -> Request:
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return messages.pop(0)

    scope = {
        "type": "http", "method": "GET", "path": "/things/a/b", "headers": [],
        "query_string": query.encode(), "path_params": {"key": "a/b"},
    }  # fmt: skip
    return Request(scope, receive)


def read(query: str, *pieces: bytes) -> dict[str, Any]:
    return asyncio.run(bind(make_request(query, *pieces), PARAMETERS))


def test_arguments_come_from_path_query_and_body() -> None:
    arguments = read("needed=-3&status=failed&limit=5&wait=2.5&download=1", b"one ", b"two")

    request = arguments.pop("request")
    assert isinstance(request, Request)
    assert arguments == {
        "key": "a/b",
        "body": b"one two",
        "needed": -3,
        "status": JobStatus.FAILED,
        "limit": 5,
        "wait": 2.5,
        "download": True,
    }


def test_defaults_stand_in_for_what_is_absent() -> None:
    arguments = read("needed=1")

    found = {name: arguments[name] for name in ("status", "limit", "wait", "download")}
    assert found == {"status": None, "limit": 100, "wait": 0.0, "download": False}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "'needed' is missing in the query."),
        ("needed=1.5", "'needed' must be a whole number, not '1.5'."),
        ("needed=", "'needed' must be a whole number, not ''."),
        ("needed=%D9%A1", "'needed' must be a whole number"),
        ("needed=1&limit=0", "'limit' must be at least 1, not 0."),
        ("needed=1&limit=501", "'limit' must be at most 500, not 501."),
        ("needed=1&wait=nan", "'wait' must be a number"),
        ("needed=1&wait=-1", "'wait' must be at least 0"),
        ("needed=1&download=maybe", "'download' must be true or false"),
        ("needed=1&status=lost", "'status' must be one of queued, running, completed"),
    ],
)
def test_sentence_names_the_parameter_that_does_not_fit(query: str, sentence: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(query)

    assert caught.value.message.startswith(sentence)


def test_bounds_hold_within_an_optional_annotation() -> None:
    def bounded(number: Annotated[int, Bounds(0, 9)] | None = None) -> None: ...

    with pytest.raises(InvalidRequest, match="at most 9"):
        asyncio.run(bind(make_request("number=10"), read_signature(bounded, "/")))


def test_kind_that_no_text_stands_for_is_refused_at_declaration() -> None:
    def unsupported(items: list[str]) -> None: ...

    with pytest.raises(TypeError, match="'items'"):
        read_signature(unsupported, "/")


def test_body_is_refused_while_it_comes_when_it_is_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parameters, "MAX_BODY_BYTES", 5)

    with pytest.raises(TooLarge):
        read("needed=1", b"123", b"456")
