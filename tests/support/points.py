"""What a script logged, by its own ledger, and what the server has of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from foundations_client.client import Client
from foundations_wire.errors import UnknownJob
from foundations_wire.jobs import MetricSummary


def value_of(number: int) -> float:
    """Return the value that scripts log at a step, so that one that was altered shows."""
    return (number * 7919 % 1_000_003) / 7


def read_ledger(path: Path) -> int:
    """Return how many numbers from 0 on a script wrote down, each when its call had returned."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    assert lines == [str(number) for number in range(len(lines))]
    return len(lines)


def read_series(client: Client, job_id: str, metric: str) -> tuple[list[int], list[Any]]:
    """Return the steps and values of a whole metric, in the order of their storing."""
    steps: list[int] = []
    values: list[Any] = []
    while True:
        series = client.jobs.series(job_id, metric, start=len(steps))
        steps.extend(series.steps)
        values.extend(series.values)
        if len(steps) >= series.total:
            return steps, values


def is_known(client: Client, job_id: str) -> bool:
    """Return whether the server has heard of the job."""
    try:
        client.jobs.get(job_id)
    except UnknownJob:
        return False
    return True


def find_metric(client: Client, job_id: str, metric: str) -> MetricSummary | None:
    """Return what the job says of a metric, and None before its first point."""
    named = [item for item in client.jobs.get(job_id).metrics if item.name == metric]
    return named[0] if named else None


@dataclass(frozen=True)
class Tally:
    """What a comparison found. A point at the wrong place counts as altered."""

    stored: int = 0
    lost: int = 0
    extra: int = 0
    altered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def is_exact(self) -> bool:
        return not (self.lost or self.extra or self.altered)


def count(client: Client, job_id: str, metric: str, logged: int, *, or_more: int = 0) -> Tally:
    """Compare a metric with its ledger.

    `or_more`: what may be there beyond the ledger, because the process died between the
    return of the call and its own note of it.
    """
    steps, values = read_series(client, job_id, metric)
    altered = sum(
        step != number or value != value_of(number)
        for number, (step, value) in enumerate(zip(steps, values, strict=True))
    )
    stored = len(steps)
    return Tally(stored, max(logged - stored, 0), max(stored - logged - or_more, 0), altered)
