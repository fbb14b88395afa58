"""Reads the value of a clause by what its field holds, and refuses what makes no sense."""

from __future__ import annotations

from typing import NoReturn

from foundations_server.search.fields import ATTRIBUTES, suggest
from foundations_server.search.lexer import Token
from foundations_server.search.literals import is_nan, read_duration, read_number, read_time
from foundations_server.search.syntax import Field, Literal
from foundations_wire.errors import InvalidFilter
from foundations_wire.jobs import JobStatus

_TRUTHS = {"true", "false"}
_ORDERINGS = ("<", "<=", ">", ">=")
_CONTAINS = ("~", "!~")
_NUMERIC_AGGREGATES = ("min", "max", "best", "count", "step")
_STATUS_ALIASES = {"done": "completed", "finished": "completed"}


def find_type(field: Field) -> str:
    """Return status, text, number, time, duration, or any for what holds every kind."""
    if field.kind == "attribute":
        return ATTRIBUTES[field.name]
    if field.kind == "tag":
        return "text"
    return "number" if field.aggregate in _NUMERIC_AGGREGATES else "any"


def check_operator(field: Field, operator: str, token: Token) -> None:
    """Raise InvalidFilter for an operator that the field cannot have."""
    kind = find_type(field)
    if operator in _CONTAINS and kind in ("number", "time", "duration"):
        _refuse(f"`{operator}` looks into texts, and `{field.spell()}` is a {kind}.", token)
    if operator in _ORDERINGS and kind == "status":
        _refuse(f"A status is not less or more than another; use `=` or `in`, not `{operator}`.",
                token)  # fmt: skip


def read_value(field: Field, operator: str, token: Token) -> Literal:
    """Return the value that a term stands for in a clause about the field.

    Raises:
        InvalidFilter: it does not fit.
    """
    text = "".join(part.text for part in token.parts)
    is_quoted = any(part.is_quoted for part in token.parts)
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        _refuse("The text holds a character that no text of a job has.", token)
    if operator in _CONTAINS:
        return Literal("text", text)
    kind = find_type(field)
    if not is_quoted and text.lower() == "null":
        return _read_null(field, operator, token)
    if kind == "any":
        return _read_any(field, operator, token, text, is_quoted=is_quoted)
    if kind == "status":
        return Literal("text", _read_status(text, token))
    if kind == "number":
        return _read_number(field, operator, token, text)
    if kind == "time" and read_time(text, 0.0) is None:
        _refuse(
            f"`{text[:60]}` is no time; write `2026-01-31`, `2026-01-31T10:00`, `today` or `-7d`.",
            token,
        )
    if kind == "duration" and read_duration(text) is None:
        _refuse(f"`{text[:60]}` is no duration; write `90s`, `5m`, `2h` or `7d`.", token)
    return Literal(kind, text)


def _read_any(field: Field, operator: str, token: Token, text: str, *, is_quoted: bool) -> Literal:
    if is_quoted or (text.lower() not in _TRUTHS and read_number(text) is None):
        if field.kind == "metric" and operator in _ORDERINGS:
            _refuse(f"`{operator}` compares a metric with a number, and `{text[:60]}` is none.",
                    token)  # fmt: skip
        return Literal("text", text)
    if text.lower() in _TRUTHS:
        if operator in _ORDERINGS:
            _refuse(f"`{text}` goes with `=` and `!=` only.", token)
        return Literal("truth", text.lower())
    return _read_number(field, operator, token, text)


def _read_null(field: Field, operator: str, token: Token) -> Literal:
    if operator in _ORDERINGS:
        _refuse("`null` goes with `=` and `!=` only.", token)
    if field.kind != "param":
        _refuse(f"Only a param can be null; write `{field.spell()} is missing`.", token)
    return Literal("null", "null")


def _read_status(text: str, token: Token) -> str:
    word = _STATUS_ALIASES.get(text.lower(), text.lower())
    known = [status.value for status in JobStatus]
    if word not in known:
        guess = suggest(word, known)
        asks = f" Did you mean `{guess}`?" if guess else f" They are {', '.join(known)}."
        raise InvalidFilter(
            f"`{text[:60]}`: there is no such status.{asks}",
            position=token.start, length=token.end - token.start, suggestion=guess,
        )  # fmt: skip
    return word


def _read_number(field: Field, operator: str, token: Token, text: str) -> Literal:
    number = read_number(text)
    if number is None:
        _refuse(f"`{field.spell()}` is compared with a number, and `{text[:60]}` is none.", token)
    if operator in _ORDERINGS and is_nan(number):
        _refuse("Nothing is less or more than nan; use `= nan` or `!= nan`.", token)
    return Literal("number", text)


def _refuse(sentence: str, token: Token) -> NoReturn:
    raise InvalidFilter(sentence, position=token.start, length=token.end - token.start)
