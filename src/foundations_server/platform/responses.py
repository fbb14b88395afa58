"""JSON out and in."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from starlette.responses import Response

from foundations_wire import codec

T = TypeVar("T")
_MAX_DEPTH = 100  # of a body; an answer that holds parts of it may be a little deeper


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


def parse(kind: type[T], body: bytes) -> T:
    """Return the `kind` that a JSON body stands for, or raise InvalidRequest naming the field."""
    return codec.build(kind, codec.decode(body, max_depth=_MAX_DEPTH))
