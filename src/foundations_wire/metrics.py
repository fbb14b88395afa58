"""Series: the points of one metric of one job, in columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Series:
    """Points `start` … `start + n - 1` in the order in which they were logged.

    Shapes: steps (n,), times (n,) in seconds since 1970, values (n,). Values are numbers
    (NaN and the infinities as texts, see codec) or, when `kind` is `text`, texts.
    `total` counts all points of the series, so `start + n < total` means that more follow.
    """

    job_id: str
    metric: str
    kind: str
    start: int
    total: int
    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
