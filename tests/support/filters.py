"""Random filters for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from foundations_server.search.fields import ATTRIBUTES
from foundations_server.search.syntax import (
    AGGREGATES,
    And,
    Clause,
    Comparison,
    Field,
    Literal,
    Membership,
    Missing,
    Node,
    Not,
    Or,
    SortKey,
)
from foundations_server.search.values import find_type

NAMES = ("x", "y", "val.loss", "my key", 'qu"ote', "a.max", "it's", "loss")
TEXTS = ("", "adam", "Adam", "a%b_c", "0.5", "true", "null", "NaN", "é", "x' OR 1=1 --", "5")
NUMBERS = (
    "0",
    "-1",
    "0.5",
    "1e300",
    "nan",
    "inf",
    "-inf",
    "9007199254740993",
    "12345678901234567890123",
    "5",
)
TIMES = ("2030-03-17", "2030-03-17T17:46Z", "-1h", "now", "today", "2030-03-17T17:46:40.000000Z")
DURATIONS = ("0", "90s", "1h30m", "1e9")
STATUSES = ("queued", "running", "completed", "failed", "stopped")


def draw_fields() -> st.SearchStrategy[Field]:
    names = st.sampled_from(NAMES)
    return st.one_of(
        st.sampled_from(sorted(ATTRIBUTES)).map(lambda name: Field("attribute", name)),
        names.map(lambda name: Field("param", name)),
        names.map(lambda name: Field("tag", name)),
        st.builds(Field, st.just("metric"), names, st.sampled_from(AGGREGATES)),
    )


def draw_sorts() -> st.SearchStrategy[list[SortKey]]:
    return st.lists(st.builds(SortKey, draw_fields(), st.booleans()), max_size=3)


def draw_filters() -> st.SearchStrategy[Node]:
    clauses: st.SearchStrategy[Node] = draw_fields().flatmap(_draw_clauses)
    return st.recursive(
        clauses,
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda items: And(tuple(items))),
            st.lists(inner, min_size=2, max_size=3).map(lambda items: Or(tuple(items))),
        ),
        max_leaves=6,
    )


def _draw_clauses(field: Field) -> st.SearchStrategy[Clause]:
    kind = find_type(field)
    values = _draw_values(field)
    operators = ["=", "!="]
    clauses: list[st.SearchStrategy[Clause]] = [st.builds(Missing, st.just(field), st.booleans())]
    if kind in ("text", "any"):
        contains = st.sampled_from(["~", "!~"])
        texts = st.sampled_from(TEXTS).map(lambda text: Literal("text", text))
        clauses.append(st.builds(Comparison, st.just(field), contains, texts))
    if kind != "status":
        ordered = values.filter(lambda v: _has_order(field, v))
        orderings = st.sampled_from(["<", "<=", ">", ">="])
        clauses.append(st.builds(Comparison, st.just(field), orderings, ordered))
    clauses.append(st.builds(Comparison, st.just(field), st.sampled_from(operators), values))
    several = st.lists(values, min_size=1, max_size=3).map(tuple)
    clauses.append(st.builds(Membership, st.just(field), several, st.booleans()))
    return st.one_of(clauses)


def _has_order(field: Field, value: Literal) -> bool:
    if field.kind == "metric" and value.kind == "text":
        return False
    return value.kind not in ("truth", "null") and value.text != "nan"


def _draw_values(field: Field) -> st.SearchStrategy[Literal]:
    kind = find_type(field)
    by_kind = {
        "status": [Literal("text", text) for text in STATUSES],
        "text": [Literal("text", text) for text in TEXTS],
        "number": [Literal("number", text) for text in NUMBERS],
        "time": [Literal("time", text) for text in TIMES],
        "duration": [Literal("duration", text) for text in DURATIONS],
        "any": [
            *(Literal("text", text) for text in TEXTS),
            *(Literal("number", text) for text in NUMBERS),
            Literal("truth", "true"),
            Literal("truth", "false"),
            *([Literal("null", "null")] if field.kind == "param" else []),
        ],
    }
    return st.sampled_from(by_kind[kind])
