"""Places in the queue: whole numbers with gaps, so that a move changes one job."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs import queue_repository, repository
from foundations_wire.errors import InvalidRequest

GAP = 1 << 20


def take_order(connection: Connection) -> int:
    """Return the order of a job that joins the queue at its end."""
    return repository.find_last_order(connection) + GAP


def move_to(connection: Connection, row: Row[Any], position: int) -> bool:
    """Put a waiting job at a place among those of its priority; False when it is there."""
    total = queue_repository.count_peers(connection, row.priority)
    if not 1 <= position <= total:
        raise InvalidRequest(
            f"Position {position} is outside 1 … {total}, the waiting jobs of its priority."
        )
    before, behind = _find_neighbours(connection, row, position)
    if _is_between(row.queue_order, before, behind):
        return False
    order = _find_gap(before, behind)
    if order is None:
        _spread(connection, row)
        order = _find_gap(*_find_neighbours(connection, row, position))
    queue_repository.change_orders(connection, {row.id: order or 0})
    return True


def _find_neighbours(
    connection: Connection, row: Row[Any], position: int
) -> tuple[int | None, int | None]:
    """Return the orders of the jobs that will be right before and right behind."""
    first = max(position - 2, 0)
    peers = queue_repository.list_peers(connection, row.priority, row.id, 2, first)
    orders: list[int | None] = [order for _job_id, order in peers]
    if position == 1:
        orders.insert(0, None)
    return tuple((*orders, None, None)[:2])  # type: ignore[return-value]


def _is_between(order: int, before: int | None, behind: int | None) -> bool:
    return (before is None or before < order) and (behind is None or order < behind)


def _find_gap(before: int | None, behind: int | None) -> int | None:
    """Return a number between two; None when there is none."""
    if before is None:
        return GAP if behind is None else behind - GAP
    if behind is None:
        return before + GAP
    return (before + behind) // 2 if behind - before > 1 else None


def _spread(connection: Connection, row: Row[Any]) -> None:
    """Number the other jobs of a priority anew, with gaps; none overtakes another."""
    peers = queue_repository.list_peers(connection, row.priority, row.id, None, 0)
    orders = {job_id: place * GAP for place, (job_id, _order) in enumerate(peers, 1)}
    queue_repository.change_orders(connection, orders)
