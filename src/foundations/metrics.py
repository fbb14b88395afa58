"""log_metric and log_metrics."""

from __future__ import annotations

from typing import Any, Optional

from foundations import jobs, values
from foundations.jobs import present


def log_metric(key: str, value: Any, step: Optional[int] = None) -> None:
    """Add a point to a metric of the job; every point is kept.

    `value` is a number, a text, a numpy or torch scalar, or a flat list of those, which
    adds one point each. Without `step` the points of a metric are counted from 0.
    Outside a job it only checks its arguments and warns once per process.

    Raises:
        ValueError: the key cannot be a metric's name.
        TypeError: the value is nothing of the kind; the sentence names key, value and type.
    """
    job = present.job
    if job is not None:
        job.log_metric(key, value, step)
        return
    values.to_points(key, value)
    jobs.current_or_warn()


def log_metrics(metrics: dict[str, Any], step: Optional[int] = None) -> None:
    """Add a point to each of several metrics at one step; errors as in log_metric."""
    job = present.job
    if job is not None:
        job.log_metrics(metrics, step)
        return
    for key, value in metrics.items():
        values.to_points(key, value)
    jobs.current_or_warn()
