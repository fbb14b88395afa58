"""What is in a journal, for tests."""

from __future__ import annotations

from typing import Any

from foundations_client.journal.left import Shippable
from foundations_wire.batches import INTEGER, INTEGER_POINT, POINT, iterate


def read_events(journal: Shippable, first: int = 0) -> list[dict[str, Any]]:
    """Return the wire forms of all events from a number on."""
    events: list[dict[str, Any]] = []
    while found := list(iterate(journal.read(first + len(events)))):
        events += found
    return events


def pack(value: float, step: int = 0, at: float = 1.0) -> bytes:
    """Return a point as `Journal.put` takes it."""
    if isinstance(value, int):
        return INTEGER_POINT.pack(INTEGER, 0, step, at, value)
    return POINT.pack(1, 0, step, at, value)
