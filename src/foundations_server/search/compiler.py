"""Filters as conditions on the key of a job."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, FromClause, and_, exists, not_, or_, select

from foundations_server.projects.repository import among
from foundations_server.search.conditions import (
    Condition,
    condition_on_attribute,
    condition_on_label,
    find_table,
)
from foundations_server.search.syntax import And, Clause, Missing, Node, Not, Or, list_clauses


@dataclass(frozen=True)
class Compiler:
    """Turns trees into SQL.

    `as_sets` decides how a label is looked up: as the set of all jobs that fit, which an index
    gives in one go, or by a look at each job, which is better when only a page of jobs is
    looked at.
    """

    project_id: int | None  # None for all projects
    now: float
    as_sets: bool

    def compile(self, node: Node, key: ColumnElement[int]) -> Condition:
        """Return the condition on `key`. Attributes need the table of jobs in the query."""
        match node:
            case And():
                return and_(*(self.compile(item, key) for item in node.items))
            case Or():
                return or_(*(self.compile(item, key) for item in node.items))
            case Not():
                return not_(self.compile(node.item, key))
        if node.field.kind == "attribute":
            return condition_on_attribute(node, self.now)
        if isinstance(node, Missing) and not node.is_negated:
            return not_(self._look_up(replace(node, is_negated=True), key))
        return self._look_up(node, key)

    def restrict(self, clause: Clause, table: FromClause) -> Condition:
        """Return the condition on the rows of a label's table, which is of `find_table`."""
        return and_(self.is_in_project(table.c.project_id), condition_on_label(clause, table))

    def is_in_project(self, column: ColumnElement[int]) -> Condition:
        if self.project_id is not None:
            return column == self.project_id
        return column.in_(among(None))  # an index that begins with the project is still of use

    def _look_up(self, clause: Clause, key: ColumnElement[int]) -> Condition:
        table = find_table(clause.field)
        if self.as_sets:
            return key.in_(select(table.c.job_key).where(self.restrict(clause, table)))
        condition = condition_on_label(clause, table)
        return exists().where(table.c.job_key == key, condition)


def has_attributes(node: Node | None) -> bool:
    """Whether some clause is about an attribute, which the table of jobs holds."""
    return any(clause.field.kind == "attribute" for clause in list_clauses(node))


def split_label(node: Node | None) -> tuple[Clause | None, Node | None]:
    """Return a clause that only jobs with its label fulfil, and what else is asked.

    The rows of that label are then all that needs to be looked at.
    """
    items = node.items if isinstance(node, And) else () if node is None else (node,)
    for item in items:
        if not isinstance(item, And | Or | Not) and _needs_label(item):
            others = tuple(other for other in items if other is not item)
            return item, (None if not others else others[0] if len(others) == 1 else And(others))
    return None, node


def _needs_label(clause: Clause) -> bool:
    is_missing = isinstance(clause, Missing) and not clause.is_negated
    return clause.field.kind != "attribute" and not is_missing
