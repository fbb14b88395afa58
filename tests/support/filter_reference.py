"""What a filter means, said slowly in Python: the tests hold the SQL to it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from foundations_server.search.literals import Moment, read_duration, read_number, read_time
from foundations_server.search.syntax import (
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
    find_best,
)
from foundations_wire import codec

_ORDERINGS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Known:
    """A job as the test made it. Metrics are all their values, by name."""

    id: str
    key: int
    attributes: dict[str, Any]
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, list[Any]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def fits(job: Known, node: Node | None, now: float) -> bool:
    """Whether the job is one that the filter chooses."""
    match node:
        case And():
            found = all(fits(job, item, now) for item in node.items)
        case Or():
            found = any(fits(job, item, now) for item in node.items)
        case Not():
            found = not fits(job, node.item, now)
        case None:
            found = True
        case _:
            found = _fits_clause(job, node, now)
    return found


def _fits_clause(job: Known, node: Clause, now: float) -> bool:
    value = find_value(job, node.field)
    if isinstance(node, Missing):
        return (value is not None) is node.is_negated
    is_null = node.field.kind == "param" and node.field.name in job.params and value is None
    if isinstance(node, Membership):
        found = any(_equals(node.field, value, v, now, is_null=is_null) for v in node.values)
        return (value is not None and not found) if node.is_negated else found
    if node.operator in ("!=", "!~"):
        positive = Comparison(node.field, "~" if node.operator == "!~" else "=", node.value)
        return value is not None and not fits(job, positive, now)
    if node.operator == "=":
        return _equals(node.field, value, node.value, now, is_null=is_null)
    return value is not None and _compare(node, value, now)


def sort(jobs: Sequence[Known], keys: Sequence[SortKey]) -> list[str]:
    """Return the ids in the order of a sort; ties are newest first."""
    ordered = sorted(jobs, key=lambda job: -job.key)
    for key in reversed(keys):
        have = [job for job in ordered if _rank(job, key) is not None]
        missing = [job for job in ordered if _rank(job, key) is None]
        numbers = [job for job in have if not isinstance(_rank(job, key), str)]
        texts = [job for job in have if isinstance(_rank(job, key), str)]
        for some in (numbers, texts):
            some.sort(key=lambda job: _rank(job, key), reverse=False)
            if key.is_descending:
                groups: dict[Any, list[Known]] = {}
                for job in some:
                    groups.setdefault(_rank(job, key), []).append(job)
                some[:] = [job for rank in reversed(list(groups)) for job in groups[rank]]
        ordered = [*numbers, *texts, *missing]
    return [job.id for job in ordered]


def find_value(job: Known, of: Field) -> Any:
    if of.kind == "attribute":
        return job.attributes.get(of.name)
    if of.kind == "param":
        return job.params.get(of.name)
    if of.kind == "tag":
        return job.tags.get(of.name)
    return _aggregate(job.metrics.get(of.name), of)


def _aggregate(values: list[Any] | None, of: Field) -> Any:
    if values is None:
        return None
    aggregate = find_best(of.name) if of.aggregate == "best" else of.aggregate
    if aggregate in ("count", "step"):
        return len(values) - (aggregate == "step")
    if aggregate in ("last", "first"):
        return values[-1 if aggregate == "last" else 0]
    numbers = [v for v in values if not isinstance(v, str) and not math.isnan(v)]
    if len(numbers) == 0 or any(isinstance(v, str) for v in values):
        return None
    return min(numbers) if aggregate == "min" else max(numbers)


def _rank(job: Known, key: SortKey) -> Any:
    value = find_value(job, key.field)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if key.field.kind == "metric" and isinstance(value, str):
        return None
    return float(value) if is_number(value) else text_of(value)


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    spelled = codec.spell(value)
    return spelled if isinstance(spelled, str) else codec.encode(value).decode()


def _equals(of: Field, value: Any, literal: Literal, now: float, *, is_null: bool) -> bool:
    if literal.kind == "null" or value is None:
        return literal.kind == "null" and is_null
    match literal.kind:
        case "truth":
            found = value is (literal.text == "true")
        case "time":
            moment = read_time(literal.text, now)
            found = moment is not None and (
                moment.start <= value < moment.end or value == moment.start == moment.end
            )
        case "number" | "duration":
            found = _same_number(value, _read(literal))
        case _:
            is_other = of.kind == "metric" and not isinstance(value, str)
            found = not is_other and text_of(value) == literal.text
    return bool(found)


def _read(literal: Literal) -> int | float:
    number = read_duration(literal.text) if literal.kind == "duration" else None
    number = read_number(literal.text) if number is None else number
    return 0 if number is None else number


def _same_number(value: Any, number: float) -> bool:
    if not is_number(value):
        return False
    if math.isnan(number):
        return math.isnan(value)
    if isinstance(number, int) and abs(number) > 1 << 53:
        return isinstance(value, int) and value == number
    return float(value) == float(number)


def _compare(node: Comparison, value: Any, now: float) -> bool:
    literal = node.value
    if node.operator == "~":
        return _contains(node.field, value, literal.text)
    ordering = _ORDERINGS[node.operator]
    is_comparable = is_number(value) and not math.isnan(value)
    if literal.kind == "time":
        moment = read_time(literal.text, now)
        return moment is not None and _compare_moment(node.operator, value, moment)
    if literal.kind in ("number", "duration"):
        return is_comparable and bool(ordering(float(value), float(_read(literal))))
    return not is_comparable and bool(ordering(text_of(value), literal.text))


def _compare_moment(operator_: str, value: float, moment: Moment) -> bool:
    if moment.start == moment.end:
        return bool(_ORDERINGS[operator_](value, moment.start))
    return {
        "<": value < moment.start, "<=": value < moment.end,
        ">": value >= moment.end, ">=": value >= moment.start,
    }[operator_]  # fmt: skip


def _contains(of: Field, value: Any, part: str) -> bool:
    text = text_of(value)
    if of.kind == "metric":
        text, part = codec.encode(value).decode(), codec.encode(part).decode()[1:-1]
    return _lower(part) in _lower(text)


def _lower(text: str) -> str:
    """Return the letters A to Z small, and no others."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)
