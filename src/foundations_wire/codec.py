"""JSON that keeps NaN and the infinities, and dataclasses from it.

JSON has no NaN, and a diverged loss is the one point that nobody may lose. The three
specials travel as the texts "NaN", "Infinity" and "-Infinity"; who reads a number field
turns them back with `number()`.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import math
import re
import sys
import types
import typing
from typing import Any, TypeVar, Union

from foundations_wire.errors import InvalidRequest

T = TypeVar("T")
Number = Union[int, float, str]  # the text is one of the three specials

# `Optional[int]`, and `int | None` where Python has it (3.10 and newer).
_UNIONS = (Union, getattr(types, "UnionType", Union))
MAX_DEPTH = 120  # of lists and objects in each other; what walks them recurses
_MOST = int(sys.float_info.max)  # a larger whole number cannot be compared with a float
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SPECIALS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def spell(value: Any) -> Any:
    """Return a JSON-ready copy: dataclasses as dicts, specials as texts."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _spell_special(value)
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: spell(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): spell(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [spell(item) for item in value]
    return value


def _spell_special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def unspell(value: Any) -> Any:
    """Return a copy with the texts of the three specials as numbers again."""
    if isinstance(value, str):
        return _SPECIALS.get(value, value)
    if isinstance(value, dict):
        return {key: unspell(item) for key, item in value.items()}
    if isinstance(value, list):
        return [unspell(item) for item in value]
    return value


def number(value: Any) -> int | float:
    """Return the number that a JSON value stands for, specials included.

    Raises:
        InvalidRequest: the value is no number, or a whole number beyond all floats.
    """
    if isinstance(value, float):
        return value
    if isinstance(value, int):
        if -_MOST <= value <= _MOST:
            return value
        raise InvalidRequest(f"A whole number of {value.bit_length()} bits is too large.")
    if isinstance(value, str) and value in _SPECIALS:
        return _SPECIALS[value]
    raise InvalidRequest(f"{value!r} is not a number.")


def encode(value: Any) -> bytes:
    """Return compact UTF-8 JSON, never with a bare NaN.

    Raises:
        TypeError: something in it has no JSON form.
    """
    text = json.dumps(spell(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "replace")


def decode(data: bytes | str, *, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value of a JSON text.

    Raises:
        InvalidRequest: the text is not JSON (a bare NaN is not), is nested deeper than
            `max_depth`, or holds half a surrogate pair, which no UTF-8 text can.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"The text is not JSON: {error}") from error
    _check_depth(value, max_depth)
    if _SURROGATE.search(text):
        _check_texts(value)
    return value


def _check_depth(value: Any, max_depth: int) -> None:
    level = [value]
    for _ in range(max_depth + 1):
        level = [
            item
            for holder in level
            if isinstance(holder, (dict, list))
            for item in (holder.values() if isinstance(holder, dict) else holder)
        ]
        if not level:
            return
    raise InvalidRequest(f"The JSON is nested more than {max_depth} deep.")


def _check_texts(value: Any) -> None:
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidRequest(f"{value[:60]!r} holds half a surrogate pair.") from error
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_texts(key)
            _check_texts(item)
    elif isinstance(value, list):
        for item in value:
            _check_texts(item)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def build(kind: type[T], data: Any, where: str = "") -> T:
    """Return a `kind` (a dataclass, list, dict, optional or plain type) made from JSON data.

    Unknown keys are an error, so that a misspelt option is not silently without effect;
    absent keys take the field's default.

    Raises:
        InvalidRequest: the data does not fit; the sentence names the place.
    """
    return typing.cast("T", _build(kind, data, where))


def _build(kind: Any, data: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return data
    if origin in _UNIONS:
        return _build_union(arguments, data, where)
    if origin is list:
        _expect(isinstance(data, list), "a list", data, where)
        return [_build(arguments[0], item, f"{where}[{i}]") for i, item in enumerate(data)]
    if origin is dict:
        _expect(isinstance(data, dict), "an object", data, where)
        return {k: _build(arguments[1], item, _join(where, k)) for k, item in data.items()}
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(typing.cast("type", kind), data, where)
    return _build_plain(kind, data, where)


def _build_union(arguments: tuple[Any, ...], data: Any, where: str) -> Any:
    if data is None and type(None) in arguments:
        return None
    choices = [choice for choice in arguments if choice is not type(None)]
    for choice in choices[:-1]:
        try:
            return _build(choice, data, where)
        except InvalidRequest:
            continue
    return _build(choices[-1], data, where)


def _build_dataclass(kind: type, data: Any, where: str) -> Any:
    _expect(isinstance(data, dict), "an object", data, where)
    hints = _resolve_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in data:
        if key not in fields:
            raise InvalidRequest(
                f"{_join(where, key)!r} is not known here; known are {', '.join(fields)}."
            )
    for name, field in fields.items():
        if name not in data and _has_no_default(field):
            raise InvalidRequest(f"{_join(where, name)!r} is missing.")
    return kind(**{k: _build(hints[k], item, _join(where, k)) for k, item in data.items()})


@functools.cache
def _resolve_hints(kind: type) -> dict[str, Any]:
    """Resolving annotations costs more than the rest of building; a batch has thousands."""
    return typing.get_type_hints(kind)


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _build_plain(kind: Any, data: Any, where: str) -> Any:
    if kind is float:
        fits = isinstance(data, (int, float)) and not isinstance(data, bool)
        is_special = isinstance(data, str) and data in _SPECIALS
        _expect(fits or is_special, "a number", data, where)
        _expect(is_special or -_MOST <= data <= _MOST, "a smaller number", data, where)
        return float(number(data))
    if kind is int:
        fits = isinstance(data, int) and not isinstance(data, bool)
        _expect(fits, "a whole number", data, where)
        return data
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        values = [member.value for member in kind]
        _expect(data in values, f"one of {', '.join(map(str, values))}", data, where)
        return kind(data)
    names = {str: "text", bool: "true or false"}
    _expect(isinstance(data, kind), names.get(kind, str(kind)), data, where)
    return data


def _join(where: str, key: Any) -> str:
    return f"{where}.{key}" if where else str(key)


def _expect(fits: object, what: str, data: Any, where: str) -> None:
    if not fits:
        # Python refuses to spell a whole number of thousands of digits.
        is_long = isinstance(data, int) and data.bit_length() > 1000
        shown = "a number of hundreds of digits" if is_long else repr(data)
        shown = shown if len(shown) <= 60 else shown[:60] + "…"
        raise InvalidRequest(f"{where or 'The body'!r} must be {what}, not {shown}.")
