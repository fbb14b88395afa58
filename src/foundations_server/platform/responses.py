"""JSON out and in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Request, Response

from foundations_wire import codec
from foundations_wire.errors import TooLarge

T = TypeVar("T")

MAX_BODY_BYTES = 64 << 20  # of one JSON body or piece of log; files are streamed


def encode(value: Any) -> bytes:
    """Return the JSON of a view whose numbers are spelled already (see codec.spell).

    orjson writes a bare NaN as null, so what may hold one is spelled where it is read
    from the database. Whole numbers beyond 64 bits take the slow way.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return codec.encode(value)


def answer(value: Any, status: int = 200) -> Response:
    return Response(encode(value), status, media_type="application/json")


def no_content() -> Response:
    return Response(status_code=204)


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in _limited(request):
        body += chunk
    return bytes(body)


async def _limited(request: Request) -> AsyncIterator[bytes]:
    count = 0
    async for chunk in request.stream():
        count += len(chunk)
        if count > MAX_BODY_BYTES:
            raise TooLarge(f"The body is larger than {MAX_BODY_BYTES >> 20} MiB.")
        yield chunk


# The whole body as bytes; parsed in the route's own thread, not on the event loop.
RawBody = Annotated[bytes, Depends(_read_body)]


def parse(kind: type[T], body: bytes) -> T:
    """Return the `kind` that a JSON body stands for, or raise InvalidRequest naming the field."""
    return codec.build(kind, codec.decode(body))
