"""What a filter says, as a tree, and how a tree is written."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass

from foundations_server.search.lexer import is_bare
from foundations_wire.search import quote

# How a metric's points become one value. `best` is `min` or `max`, by the metric's name.
AGGREGATES = ("last", "min", "max", "first", "count", "step", "best")
_SMALL_IS_GOOD = re.compile(
    r"(^|[^a-z])(loss|losses|err|error|errors|mse|rmse|mae|mape|cer|wer|fid|nll|perplexity|ppl|"
    r"cost|regret|time|seconds|latency|duration|memory)($|[^a-z])"
)
PLURALS = {"param": "params", "metric": "metrics", "tag": "tags"}


@dataclass(frozen=True)
class Field:
    """What a clause is about. `kind` is attribute, param, metric or tag."""

    kind: str
    name: str
    aggregate: str = ""

    def spell(self) -> str:
        """Return it as it is written in filters and as the name of a column."""
        if self.kind == "attribute":
            return self.name
        shown = is_bare(self.name) and not (self.kind == "metric" and _ends_in_word(self.name))
        text = f"{PLURALS[self.kind]}.{self.name if shown else quote(self.name)}"
        return text if self.aggregate in ("", "last") else f"{text}.{self.aggregate}"


def find_best(metric: str) -> str:
    """Return the aggregate that `best` means for a metric: `min` for losses and errors."""
    return "min" if _SMALL_IS_GOOD.search(_split_words(metric)) else "max"


def _split_words(name: str) -> str:
    """Return `valLoss` as `val_loss`; the words of a name in lower case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _ends_in_word(name: str) -> bool:
    return "." in name and name.rsplit(".", 1)[1].lower() in AGGREGATES


@dataclass(frozen=True)
class Literal:
    """A value. `kind` is number, text, truth, null, time or duration; `text` says it."""

    kind: str
    text: str

    def spell(self) -> str:
        return quote(self.text) if self.kind in ("text", "time", "duration") else self.text


@dataclass(frozen=True)
class Span:
    """Where a clause stands in the text."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Comparison:
    """`operator` is one of = != < <= > >= ~ !~."""

    field: Field
    operator: str
    value: Literal
    span: Span = dataclasses.field(default=Span(), compare=False)


@dataclass(frozen=True)
class Membership:
    """Whether the value is one of several."""

    field: Field
    values: tuple[Literal, ...]
    is_negated: bool = False
    span: Span = dataclasses.field(default=Span(), compare=False)


@dataclass(frozen=True)
class Missing:
    """Whether the job has no such value, or, negated, whether it has."""

    field: Field
    is_negated: bool = False
    span: Span = dataclasses.field(default=Span(), compare=False)


@dataclass(frozen=True)
class Not:
    item: Node


@dataclass(frozen=True)
class And:
    items: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    items: tuple[Node, ...]


Clause = Comparison | Membership | Missing
Node = Clause | Not | And | Or


@dataclass(frozen=True)
class SortKey:
    field: Field
    is_descending: bool = False


def spell(node: Node) -> str:
    """Return a text that parses into this tree."""
    match node:
        case Comparison():
            return f"{node.field.spell()} {node.operator} {node.value.spell()}"
        case Membership():
            values = ", ".join(value.spell() for value in node.values)
            return f"{node.field.spell()} {'not in' if node.is_negated else 'in'} ({values})"
        case Missing():
            return f"{node.field.spell()} is {'not ' if node.is_negated else ''}missing"
        case Not():
            return f"not ({spell(node.item)})"
        case And():
            return " and ".join(f"({spell(item)})" for item in node.items)
        case Or():
            return " or ".join(f"({spell(item)})" for item in node.items)


def list_clauses(node: Node | None) -> list[Clause]:
    """Return the clauses of a tree in the order in which they are written."""
    if node is None:
        return []
    if isinstance(node, Not):
        return list_clauses(node.item)
    if isinstance(node, And | Or):
        return [clause for item in node.items for clause in list_clauses(item)]
    return [node]
