"""Finds the jobs that a filter chooses, in the order of a sort.

An index that begins with (project, name) holds the numbers of a param or metric in order, with
the keys of the jobs. Where the sort is by one of them, its index is walked until the page is
full; where a clause is about one of them, the count reads its stretch of the index and nothing
else. `EXPLAIN QUERY PLAN` of each shape is looked at in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    case,
    exists,
    func,
    not_,
    select,
)

from foundations_server.jobs.tables import jobs
from foundations_server.projects.tables import projects
from foundations_server.search.compiler import Compiler, has_attributes, split_label
from foundations_server.search.conditions import find_attribute, find_table, resolve
from foundations_server.search.syntax import Field, Node, SortKey

_INDEXED = ("last", "min", "max")
_MANY = 20  # a filter that keeps one job in so many fills a page soon
_WALKED = "walked"  # the role of a table whose rows are gone through
_DEEP = 4  # a page that ends behind one in so many of the jobs is far down


@dataclass(frozen=True)
class Question:
    """Which jobs are asked for."""

    project_id: int | None
    filter: Node | None
    sort: Sequence[SortKey] = ()
    now: float = 0.0


@dataclass(frozen=True)
class Found:
    """The keys of the jobs of a page, in order, and how many there are without paging."""

    keys: list[int]
    total: int


def find(connection: Connection, question: Question, limit: int, offset: int) -> Found:
    total = count(connection, question)
    if total <= offset or limit == 0:
        return Found([], total)
    page = _Page(connection, question, total, offset + limit)
    return Found(page.read(limit, offset), total)


def count(connection: Connection, question: Question) -> int:
    """Return how many jobs the filter chooses."""
    compiler = _compiler(question, as_sets=True)
    clause, rest = split_label(question.filter)
    if has_attributes(rest):
        # The rows of jobs are wide: to read them in their order is faster than one by one.
        clause, rest = None, question.filter
    if clause is None:
        query = _narrow(select(func.count()).select_from(jobs), question.project_id)
        if rest is not None:
            query = query.where(compiler.compile(rest, jobs.c.key))
    else:
        table = find_table(clause.field, _WALKED)
        query = select(func.count()).select_from(table).where(compiler.restrict(clause, table))
        if rest is not None:
            query = query.where(compiler.compile(rest, table.c.job_key))
    return int(connection.execute(query).scalar_one())


class _Page:
    def __init__(self, connection: Connection, question: Question, total: int, depth: int) -> None:
        self._connection = connection
        self._question = question
        newest = connection.execute(select(func.max(jobs.c.key))).scalar() or 0
        looks_far = total * _MANY < newest or depth * _DEEP > total
        self._compiler = _compiler(question, as_sets=looks_far or self._reads_all())

    def read(self, limit: int, offset: int) -> list[int]:
        sort = self._question.sort
        column = _find_indexed(sort[0].field) if len(sort) == 1 else None
        if column is None:
            return self._read(self._by_rows(), limit, offset)
        table, name = column
        keys = self._read(self._by_index(sort[0], table, name), limit, offset)
        if len(keys) < limit:
            # Jobs without a number are last, in both directions.
            self._compiler = _compiler(self._question, as_sets=True)
            before = offset + len(keys) if keys else self._count_numbered(sort[0])
            rest = self._without_number(sort[0])
            keys += self._read(rest, limit - len(keys), max(offset - before, 0))
        return keys

    def _reads_all(self) -> bool:
        """Whether no index gives the order, so that all jobs are sorted."""
        sort = self._question.sort
        return bool(sort) and (len(sort) > 1 or _find_indexed(sort[0].field) is None)

    def _read(self, query: Select[Any], limit: int, offset: int) -> list[int]:
        rows = self._connection.execute(query.limit(limit).offset(offset))
        return list(rows.scalars())

    def _by_rows(self) -> Select[Any]:
        """Return the query that reads every job that fits and sorts them."""
        query = self._filter(select(jobs.c.key))
        for place, key in enumerate(self._question.sort):
            query = _order_by(query, key, place, self._question.now)
        if not self._question.sort:
            return query.order_by(jobs.c.created_at.desc(), jobs.c.number.desc())
        return query.order_by(jobs.c.key.desc())

    def _filter(self, query: Select[Any]) -> Select[Any]:
        query = _narrow(query, self._question.project_id)
        if self._question.filter is None:
            return query
        return query.where(self._compiler.compile(self._question.filter, jobs.c.key))

    def _numbered(
        self, query: Select[Any], key: SortKey, table: FromClause, name: str
    ) -> Select[Any]:
        number, node = table.c[name], self._question.filter
        query = query.select_from(table).where(
            self._compiler.is_in_project(table.c.project_id),
            table.c.name == key.field.name,
            number.is_not(None),
        )
        if node is None:
            return query
        condition = self._compiler.compile(node, table.c.job_key)
        return _join_jobs(query, table, node).where(condition)

    def _by_index(self, key: SortKey, table: FromClause, name: str) -> Select[Any]:
        number = table.c[name]
        query = self._numbered(select(table.c.job_key), key, table, name)
        order = number.desc() if key.is_descending else number.asc()
        return query.order_by(order, table.c.job_key.desc())

    def _count_numbered(self, key: SortKey) -> int:
        found = _find_indexed(key.field)
        if found is None:
            return 0
        query = self._numbered(select(func.count()), key, *found)
        return int(self._connection.execute(query).scalar_one())

    def _without_number(self, key: SortKey) -> Select[Any]:
        table, name = find_table(key.field, _WALKED), _number_of(key.field)
        is_numbered = exists().where(
            table.c.job_key == jobs.c.key,
            table.c.name == key.field.name,
            table.c[name].is_not(None),
        )
        query = self._filter(select(jobs.c.key)).where(not_(is_numbered))
        if key.field.kind == "param":
            query = _order_by_text(query, key)
        return query.order_by(jobs.c.key.desc())


def _compiler(question: Question, *, as_sets: bool) -> Compiler:
    return Compiler(question.project_id, question.now, as_sets)


def _narrow(query: Select[Any], project_id: int | None) -> Select[Any]:
    return query if project_id is None else query.where(jobs.c.project_id == project_id)


def _join_jobs(query: Select[Any], table: FromClause, node: Node) -> Select[Any]:
    if not has_attributes(node):
        return query
    return query.join(jobs, jobs.c.key == table.c.job_key)


def _find_indexed(field: Field) -> tuple[FromClause, str] | None:
    """Return a table and its column of numbers when an index holds them in order."""
    is_indexed = field.kind == "param" or (field.kind == "metric" and resolve(field) in _INDEXED)
    return (find_table(field, _WALKED), _number_of(field)) if is_indexed else None


def _number_of(field: Field) -> str:
    if field.kind == "param":
        return "number"
    aggregate = resolve(field)
    return {"count": "points", "step": "last_step"}.get(aggregate, f"{aggregate}_number")


def _order_by(query: Select[Any], key: SortKey, place: int, now: float) -> Select[Any]:
    field = key.field
    if field.kind == "attribute":
        if field.name == "project":
            query = query.join(projects, projects.c.id == jobs.c.project_id)
            return _order(query, projects.c.name, key)
        return _order(query, find_attribute(field, now), key)
    table = find_table(field, f"sorted by {place}")
    names = table.c.key if field.kind == "tag" else table.c.name
    is_of_job = (table.c.job_key == jobs.c.key) & (names == field.name)
    query = query.outerjoin(table, is_of_job)
    if field.kind == "tag":
        return _order(query, table.c.value, key)
    query = _order(query, table.c[_number_of(field)], key)
    return query if field.kind == "metric" else _order(query, _text_of(table), key)


def _order_by_text(query: Select[Any], key: SortKey) -> Select[Any]:
    table = find_table(key.field, "sorted by")
    is_of_job = (table.c.job_key == jobs.c.key) & (table.c.name == key.field.name)
    return _order(query.outerjoin(table, is_of_job), _text_of(table), key)


def _text_of(table: FromClause) -> ColumnElement[Any]:
    """Return what a param that is no number is sorted by; null and NaN are nothing."""
    is_text = table.c.number.is_(None) & table.c.value.not_in(("null", '"NaN"'))
    return case((is_text, table.c.text))


def _order(query: Select[Any], column: ColumnElement[Any], key: SortKey) -> Select[Any]:
    order = column.desc() if key.is_descending else column.asc()
    return query.order_by(order.nulls_last())
