"""Clauses as conditions of SQL, on the row that holds the value. Every value is bound.

A condition is asked only of rows that hold a value, and a comparison of a job that has no such
value is false, `!=` too; `not` before the clause is what turns that around.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, false, func, not_, or_, select, true

from foundations_server.jobs.labels import SHORT
from foundations_server.jobs.tables import jobs, params, tags
from foundations_server.metrics.tables import series
from foundations_server.projects.tables import projects
from foundations_server.search.literals import is_nan, read_duration, read_number, read_time
from foundations_server.search.syntax import (
    Clause,
    Comparison,
    Field,
    Literal,
    Membership,
    Missing,
    find_best,
)
from foundations_wire import codec

Condition = ColumnElement[bool]
_EXACT = 1 << 53  # whole numbers up to here are exact as doubles
_NAN = '"NaN"'


def condition_on_attribute(clause: Clause, now: float) -> Condition:
    """Return what a clause about an attribute asks of the row of the job."""
    column = find_attribute(clause.field, now)
    if isinstance(clause, Missing):
        return column.is_not(None) if clause.is_negated else column.is_(None)
    if clause.field.name == "project":
        found = select(projects.c.id).where(_combine(clause, projects.c.name, now))
        return jobs.c.project_id.in_(found)
    return and_(column.is_not(None), _combine(clause, column, now))


def find_attribute(field: Field, now: float) -> ColumnElement[Any]:
    """Return the expression of an attribute; that of the project is its id."""
    columns: dict[str, ColumnElement[Any]] = {
        "created": jobs.c.created_at,
        "started": jobs.c.started_at,
        "ended": jobs.c.ended_at,
        "gpus": jobs.c.num_gpus,
        "project": jobs.c.project_id,
        "duration": func.coalesce(jobs.c.ended_at, now) - jobs.c.started_at,
    }
    return columns[field.name] if field.name in columns else jobs.c[field.name]


def find_table(field: Field, role: str = "looked up") -> FromClause:
    """Return the table that holds what a param, metric or tag is, under a name for its role.

    One that is looked up stands in a query inside another, where no second one does.
    """
    return _name_table(field.kind, role)


@functools.cache
def _name_table(kind: str, role: str) -> FromClause:
    """Making it takes a millisecond."""
    return {"param": params, "metric": series, "tag": tags}[kind].alias(role.replace(" ", "_"))


def condition_on_label(clause: Clause, table: FromClause) -> Condition:
    """Return what a clause asks of the row of a label, besides that it is the label's."""
    field = clause.field
    names = table.c.key if field.kind == "tag" else table.c.name
    is_named = names == field.name
    if isinstance(clause, Missing):
        return and_(is_named, _has_value(field, table))
    if not _is_negated(clause):
        return and_(is_named, _compare_all(clause, table))  # a value is there if it compares
    return and_(is_named, _has_value(field, table), _compare_all(clause, table))


def _is_negated(clause: Comparison | Membership) -> bool:
    if isinstance(clause, Membership):
        return clause.is_negated
    return clause.operator in ("!=", "!~")


def _has_value(field: Field, table: FromClause) -> Condition:
    if field.kind == "param":
        return table.c.text.is_not(None)
    if field.kind == "metric" and resolve(field) in ("min", "max"):
        return table.c[f"{resolve(field)}_number"].is_not(None)
    return true()


def resolve(field: Field) -> str:
    """Return the aggregate of a metric, with `best` as what it means."""
    return find_best(field.name) if field.aggregate == "best" else field.aggregate


def _compare_all(clause: Comparison | Membership, table: FromClause) -> Condition:
    if isinstance(clause, Membership):
        found = or_(false(), *(_compare(clause.field, "=", v, table) for v in clause.values))
        return not_(found) if clause.is_negated else found
    return _compare(clause.field, clause.operator, clause.value, table)


def _compare(field: Field, operator: str, value: Literal, table: FromClause) -> Condition:
    if operator in ("!=", "!~"):
        return not_(_compare(field, operator.replace("!", "") or "=", value, table))
    if field.kind == "tag":
        return _compare_text(operator, value.text, table.c.value)
    if field.kind == "metric":
        return _compare_metric(resolve(field), operator, value, table)
    return _compare_param(operator, value, table)


def _compare_param(operator: str, value: Literal, table: FromClause) -> Condition:
    if value.kind == "null":
        return table.c.text.is_(None)
    if value.kind == "truth":
        return and_(table.c.text == value.text, table.c.value == value.text)
    if value.kind == "number":
        return _compare_number(operator, value.text, table.c.number, table.c.value)
    return _compare_param_text(operator, value.text, table)


def _compare_param_text(operator: str, text: str, table: FromClause) -> Condition:
    if operator == "~":
        return _contains(table.c.text, text)
    short = _compare_text(operator, text[:SHORT], table.c.text)
    if operator != "=":
        return and_(table.c.number.is_(None), short)  # numbers are no texts
    if len(text) < SHORT:
        return short
    return and_(short, table.c.value == codec.encode(text).decode())


def _compare_metric(aggregate: str, operator: str, value: Literal, table: FromClause) -> Condition:
    if aggregate in ("count", "step"):
        column = table.c.points if aggregate == "count" else table.c.last_step
        return _compare_number(operator, value.text, column, None)
    exact = table.c[aggregate]
    if value.kind == "number":
        return _compare_number(operator, value.text, table.c[f"{aggregate}_number"], exact)
    spelled = codec.encode(value.text).decode()
    if operator == "~":
        return _contains(exact, spelled[1:-1])
    return and_(table.c.kind == "text", exact == spelled)


def _compare_number(
    operator: str, text: str, column: ColumnElement[Any], exact: ColumnElement[Any] | None
) -> Condition:
    """Compare a column of doubles; `exact` holds the JSON, for what no double can say."""
    number = read_number(text)
    if number is None or is_nan(number):
        return false() if exact is None else exact == _NAN
    double = as_double(number)
    is_long = isinstance(number, int) and abs(number) > _EXACT
    if operator == "=" and exact is not None and is_long:
        return and_(column.is_not(None), column == double, exact == str(number))
    found = {
        "=": column == double,
        "<": column < double,
        "<=": column <= double,
        ">": column > double,
        ">=": column >= double,
    }[operator]
    return and_(column.is_not(None), found)


def as_double(number: float) -> float:
    """Return the double next to a number; infinity for what is beyond all doubles."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _combine(clause: Comparison | Membership, column: ColumnElement[Any], now: float) -> Condition:
    if isinstance(clause, Membership):
        found = or_(false(), *(_compare_plain("=", v, column, now) for v in clause.values))
        return not_(found) if clause.is_negated else found
    if clause.operator in ("!=", "!~"):
        operator = "~" if clause.operator == "!~" else "="
        return not_(_compare_plain(operator, clause.value, column, now))
    return _compare_plain(clause.operator, clause.value, column, now)


def _compare_plain(
    operator: str, value: Literal, column: ColumnElement[Any], now: float
) -> Condition:
    if value.kind == "time":
        return _compare_time(operator, value.text, column, now)
    if value.kind == "duration":
        seconds = read_duration(value.text)
        return _compare_number(operator, repr(seconds), column, None)
    if value.kind == "number":
        return _compare_number(operator, value.text, column, None)
    return _compare_text(operator, value.text, column)


def _compare_time(operator: str, text: str, column: ColumnElement[Any], now: float) -> Condition:
    """Compare with a stretch of time: `= 2026-01-02` is all of that day, `>` is after it."""
    moment = read_time(text, now)
    if moment is None:
        return false()
    if moment.start == moment.end and operator in ("=", "<=", ">"):
        return {"=": column == moment.start, "<=": column <= moment.start}.get(
            operator, column > moment.start
        )
    return {
        "=": and_(column >= moment.start, column < moment.end),
        "<": column < moment.start,
        "<=": column < moment.end,
        ">": column >= moment.end,
        ">=": column >= moment.start,
    }[operator]


def _compare_text(operator: str, text: str, column: ColumnElement[Any]) -> Condition:
    if operator == "~":
        return _contains(column, text)
    return {
        "=": column == text,
        "<": column < text,
        "<=": column <= text,
        ">": column > text,
        ">=": column >= text,
    }[operator]


def _contains(column: ColumnElement[Any], text: str) -> Condition:
    """Whether a text is part of another; the case of the letters A to Z is all one."""
    return column.icontains(text, autoescape=True)
