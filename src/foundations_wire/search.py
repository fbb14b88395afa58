"""Asking for jobs: filters, sorts and columns. The language is told in docs/queries.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from foundations_wire.errors import InvalidFilter

# Metrics whose names begin so are measured by the platform; tables leave them out.
SYSTEM_PREFIX = "system/"


_SHOWN = 100  # characters of a long line around a fault


@dataclass(frozen=True)
class JobQuery:
    """Jobs as columns. `sort` as in the listing, newest first when it is empty.

    `columns` are fields of the language (`name`, `params.lr`, `metrics.loss.min`, `tags.k`);
    `params`, `metrics` and `tags` alone stand for all of their kind, `metrics` without those
    under `system/`. Without `columns` all attributes, params, metrics and tags come.
    """

    project: Optional[str] = None
    filter: str = ""
    sort: str = ""
    columns: Optional[list[str]] = None
    limit: Optional[int] = None
    offset: int = 0


@dataclass(frozen=True)
class JobColumn:
    """One value for each job, in the order of the jobs; null where a job has none.

    `key` is the field as the language writes it; `kind` is attribute, param, metric or tag;
    `aggregate` (last, min, …) is empty but for metrics. Times are seconds since 1970. Numbers
    may be the texts NaN, Infinity and -Infinity.
    """

    key: str
    kind: str
    name: str
    aggregate: str = ""
    values: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class JobColumns:
    """`total` counts the jobs without paging."""

    total: int
    columns: list[JobColumn] = field(default_factory=list)


@dataclass(frozen=True)
class FilterText:
    """A filter as far as it is typed; `caret` is where, its end when absent."""

    text: str
    project: Optional[str] = None
    caret: Optional[int] = None


@dataclass(frozen=True)
class FilterClause:
    """One clause of a filter and where it stands."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class FilterFault:
    """What is wrong, where, and the word that may be meant."""

    message: str
    position: int
    length: int
    suggestion: Optional[str] = None


@dataclass(frozen=True)
class FilterCompletion:
    """Replace the text from `start` to `end` with `insert`."""

    insert: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class FilterCheck:
    """`fault` is null for a filter that is right."""

    clauses: list[FilterClause] = field(default_factory=list)
    fault: Optional[FilterFault] = None
    completions: list[FilterCompletion] = field(default_factory=list)


def point_at(filter_text: str, sort: str, error: InvalidFilter) -> str:
    """Return the sentence of the error and, below it, the line with the fault underlined."""
    text = sort if error.details.get("of") == "sort" else filter_text
    position, length = error.details.get("position"), error.details.get("length")
    if not isinstance(position, int) or not isinstance(length, int):
        return error.message
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].split("\n", 1)[0].replace("\t", " ")
    place = min(max(position - start, 0), len(line))
    left = max(place - _SHOWN // 2, 0)
    line = line[left : left + _SHOWN]
    marks = "^" * max(min(length, len(line) - (place - left)), 1)
    return f"{error.message}\n  {line}\n  {' ' * (place - left)}{marks}"


def quote(text: str) -> str:
    """Return a text as a filter takes it, whatever is in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for letter, character in (("n", "\n"), ("t", "\t"), ("r", "\r")):
        escaped = escaped.replace(character, f"\\{letter}")
    return f'"{escaped}"'
