"""Distinct values of a long table, found by skipping through an index.

A project of a million rows has some dozen names. `SELECT DISTINCT` reads all the rows; asking
again and again for the next larger name reads one entry of the index per name.
"""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Column, Connection, Select, bindparam, func, select


def list_distinct(
    connection: Connection,
    group: Column[Any],
    value: Column[Any],
    groups: Column[int],
    only: int | None = None,
) -> list[tuple[int, str]]:
    """Return each group of `groups`, or one of them, with each value it has, in their order.

    `group` and `value` are columns of one table, and an index begins with them.
    """
    query = _make_query(group, value, groups, only is not None)
    rows = connection.execute(query, {} if only is None else {"only": only}).all()
    return [(row[0], row[1]) for row in rows]


@functools.cache
def _make_query(
    group: Column[Any],
    value: Column[Any],
    groups: Column[int],
    is_one: bool,  # noqa: FBT001 - a key of the cache
) -> Select[Any]:
    """Making it takes longer than it takes the database to answer."""
    chosen = select(groups)
    seed = (chosen.where(groups == bindparam("only")) if is_one else chosen).subquery()
    first = select(func.min(value)).where(group == seed.c[0]).correlate(seed).scalar_subquery()
    found = select(seed.c[0].label("group"), first.label("value")).cte("found", recursive=True)
    following = (
        select(func.min(value))
        .where(group == found.c.group, value > found.c.value)
        .correlate(found)
        .scalar_subquery()
    )
    found = found.union_all(select(found.c.group, following).where(found.c.value.is_not(None)))
    query = select(found.c.group, found.c.value).where(found.c.value.is_not(None))
    return query.order_by(found.c.group, found.c.value)
