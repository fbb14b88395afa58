"""Reads what an endpoint's signature asks for from the path, the query and the body."""

from __future__ import annotations

import enum
import inspect
import math
import re
import types
import typing
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from starlette.requests import Request

from foundations_wire.errors import InvalidRequest, TooLarge

MAX_BODY_BYTES = 64 << 20  # of one JSON body or piece of log; files are streamed
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_TRUE, _FALSE = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})


@dataclass(frozen=True)
class Bounds:
    """The smallest and the largest value of a number, both allowed."""

    least: int | None = None
    most: int | None = None


# Tells one version of a file from another in the caches of browsers; nothing reads it.
_VERSION = "v"
_KINDS = (str, int, float, bool)
_BODY = object()
# The whole body as bytes; parsed in the route's own thread, not on the event loop.
RawBody = Annotated[bytes, _BODY]


@dataclass(frozen=True)
class Parameter:
    """One parameter of an endpoint. `source` is path, query, body or request."""

    name: str
    source: str
    kind: type = str
    default: Any = None
    is_required: bool = False
    bounds: Bounds = Bounds()


def read_signature(endpoint: Callable[..., Any], path: str) -> list[Parameter]:
    """Return the parameters of an endpoint whose path may hold `{name}`s."""
    hints = typing.get_type_hints(endpoint, include_extras=True)
    in_path = set(re.findall(r"{(\w+)(?::\w+)?}", path))
    return [
        _read_parameter(parameter, hints[name], in_path)
        for name, parameter in inspect.signature(endpoint).parameters.items()
    ]


async def bind(request: Request, parameters: list[Parameter]) -> dict[str, Any]:
    """Return the arguments of a request.

    Raises:
        InvalidRequest: one is missing or does not fit; the sentence names it.
        TooLarge: the body is.
    """
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.source == "request":
            arguments[parameter.name] = request
        elif parameter.source == "body":
            arguments[parameter.name] = await _read_body(request)
        elif parameter.source == "path":
            arguments[parameter.name] = request.path_params[parameter.name]
        else:
            arguments[parameter.name] = _read_query(request, parameter)
    return arguments


def refuse_unknown(request: Request, parameters: list[Parameter]) -> None:
    """Raise InvalidRequest for names in the query that nothing reads."""
    known = [parameter.name for parameter in parameters if parameter.source == "query"]
    unknown = [name[:60] for name in request.query_params if name not in (*known, _VERSION)]
    if unknown:
        takes = ", ".join(known) or "none"
        raise InvalidRequest(f"{unknown[0]!r} is not known in the query; known are: {takes}.")


def _read_parameter(parameter: inspect.Parameter, hint: Any, in_path: set[str]) -> Parameter:
    name, default = parameter.name, parameter.default
    kind, marks = _strip(hint)
    if kind is Request:
        return Parameter(name, "request")
    if _BODY in marks:
        return Parameter(name, "body")
    if kind not in _KINDS and not (isinstance(kind, type) and issubclass(kind, enum.Enum)):
        raise TypeError(f"No argument can be of the kind {hint}: {name!r}.")
    if name in in_path:
        return Parameter(name, "path", kind, is_required=True)
    bounds = next((mark for mark in marks if isinstance(mark, Bounds)), Bounds())
    is_required = default is inspect.Parameter.empty
    return Parameter(name, "query", kind, None if is_required else default, is_required, bounds)


def _strip(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the plain type within Annotated[… | None, …] or Annotated[…] | None, and marks."""
    marks: tuple[Any, ...] = ()
    while True:
        if typing.get_origin(hint) is Annotated:
            marks += hint.__metadata__
            hint = typing.get_args(hint)[0]
        elif typing.get_origin(hint) in (typing.Union, types.UnionType):
            kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
            hint = kinds[0] if len(kinds) == 1 else object
        else:
            return hint, marks


def _read_query(request: Request, parameter: Parameter) -> Any:
    text = request.query_params.get(parameter.name)
    if text is None:
        if parameter.is_required:
            raise InvalidRequest(f"{parameter.name!r} is missing in the query.")
        return parameter.default
    value = _convert(parameter, text)
    least, most = parameter.bounds.least, parameter.bounds.most
    if least is not None and value < least:
        raise InvalidRequest(f"{parameter.name!r} must be at least {least}, not {text[:60]}.")
    if most is not None and value > most:
        raise InvalidRequest(f"{parameter.name!r} must be at most {most}, not {text[:60]}.")
    return value


def _convert(parameter: Parameter, text: str) -> Any:
    kind = parameter.kind
    if kind is int and _INTEGER.fullmatch(text):
        return int(text)
    if kind is float and (number := _to_float(text)) is not None:
        return number
    if kind is bool and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    if kind is str:
        return text
    if issubclass(kind, enum.Enum):
        found = next((member for member in kind if member.value == text), None)
        if found is not None:
            return found
    raise InvalidRequest(f"{parameter.name!r} must be {_name(kind)}, not {text[:60]!r}.")


def _to_float(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _name(kind: type) -> str:
    if issubclass(kind, enum.Enum):
        return f"one of {', '.join(str(member.value) for member in kind)}"
    return {int: "a whole number", float: "a number", bool: "true or false"}[kind]


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in _limit(request):
        body += chunk
    return bytes(body)


async def _limit(request: Request) -> AsyncIterator[bytes]:
    count = 0
    async for chunk in request.stream():
        count += len(chunk)
        if count > MAX_BODY_BYTES:
            raise TooLarge(f"The body is larger than {MAX_BODY_BYTES >> 20} MiB.")
        yield chunk
