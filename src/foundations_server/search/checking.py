"""What a box for filters shows while one types: clauses, the fault, and how to go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from foundations_server.search.fields import ATTRIBUTES, Vocabulary
from foundations_server.search.lexer import Token, tokenise
from foundations_server.search.parser import parse, read_field
from foundations_server.search.syntax import AGGREGATES, Field, list_clauses
from foundations_server.search.values import find_type
from foundations_wire.errors import InvalidFilter
from foundations_wire.jobs import JobStatus
from foundations_wire.search import (
    FilterCheck,
    FilterClause,
    FilterCompletion,
    FilterFault,
    FilterText,
)

_MOST = 50
_JOINING = ("and", "or")
_OPERATORS = {
    "text": ("=", "!=", "~", "!~", "in", "not in", "is missing"),
    "status": ("=", "!=", "in", "not in"),
    "number": ("=", "!=", "<", "<=", ">", ">=", "in", "not in", "is missing"),
    "any": ("=", "!=", "<", "<=", ">", ">=", "~", "in", "not in", "is missing"),
}


def check(asked: FilterText, vocabulary: Vocabulary) -> FilterCheck:
    """Return what is to be said about a text."""
    clauses: list[FilterClause] = []
    fault: FilterFault | None = None
    try:
        for clause in list_clauses(parse(asked.text, vocabulary)):
            start, end = clause.span.start, clause.span.end
            clauses.append(FilterClause(start, end, asked.text[start:end]))
    except InvalidFilter as error:
        details = error.details
        fault = FilterFault(
            error.message, details["position"], details["length"], details.get("suggestion")
        )
    caret = len(asked.text) if asked.caret is None else min(max(asked.caret, 0), len(asked.text))
    return FilterCheck(clauses, fault, complete(asked.text, caret, vocabulary))


def complete(text: str, caret: int, vocabulary: Vocabulary) -> list[FilterCompletion]:
    """Return what may stand at the caret, instead of the term that ends there."""
    try:
        tokens = tokenise(text[:caret])[:-1]
    except InvalidFilter:
        return []  # within quotes
    typed = ""
    if tokens and tokens[-1].kind == "term" and tokens[-1].end == caret:
        typed = tokens.pop().text
    start = caret - len(typed)
    offered = _offer(tokens, vocabulary)
    fitting = [(word, kind) for word, kind in offered if _fits(word, typed)]
    return [FilterCompletion(word, kind, start, caret) for word, kind in fitting[:_MOST]]


def _fits(word: str, typed: str) -> bool:
    low, part = word.lower(), typed.lower()
    return low != part and (low.startswith(part) or (len(part) > 1 and part in low))


def _offer(tokens: list[Token], vocabulary: Vocabulary) -> Iterable[tuple[str, str]]:
    """Return what may follow some tokens, each with its kind."""
    last = tokens[-1] if tokens else None
    if last is None or last.kind == "(" or last.is_word(*_JOINING, "not"):
        if len(tokens) > 1 and last is not None and tokens[-2].is_word("in"):
            return _offer_values(_field_of(tokens[:-2]))
        return _offer_fields(vocabulary)
    if last.kind == "operator":
        return _offer_values(_field_of(tokens[:-1]))
    if last.is_word("has"):
        return ((key, "tag") for key in vocabulary.list_names("tag"))
    return () if last.kind == "," else _offer_after(tokens)


def _offer_after(tokens: list[Token]) -> Iterable[tuple[str, str]]:
    """Return the operators behind a field, and the joining words behind a clause."""
    field = _field_of(tokens)
    before = tokens[-2] if len(tokens) > 1 else None
    begins = before is None or before.kind == "(" or before.is_word(*_JOINING, "not")
    if field is not None and begins:
        kind = find_type(field)
        return ((word, "operator") for word in _OPERATORS.get(kind, _OPERATORS["number"]))
    return ((word, "word") for word in _JOINING)


def _field_of(tokens: list[Token]) -> Field | None:
    kept = [token for token in tokens if not token.is_word("not", "in")]
    if not kept or kept[-1].kind != "term":
        return None
    try:
        return read_field(kept[-1].text)
    except InvalidFilter:
        return None


def _offer_fields(vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    yield from ((name, "attribute") for name in ATTRIBUTES)
    for kind in ("metric", "param", "tag"):
        for name in vocabulary.list_names(kind):
            spelled = Field(kind, name).spell()
            yield spelled, kind
            if kind == "metric":
                yield from ((f"{spelled}.{word}", kind) for word in AGGREGATES if word != "last")
    yield "not", "word"


def _offer_values(field: Field | None) -> Iterator[tuple[str, str]]:
    if field is not None and find_type(field) == "status":
        yield from ((status.value, "value") for status in JobStatus)
    if field is not None and find_type(field) == "time":
        yield from ((word, "value") for word in ("today", "yesterday", "-1h", "-1d", "-7d"))
