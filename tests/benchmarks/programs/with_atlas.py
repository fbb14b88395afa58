"""Programs that log with Atlas, as a user's script does: the import makes them jobs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import foundations
from benchmarks.programs.acting import (
    act,
    make_curve,
    read_rss_mib,
    tell,
    time_calls,
    wait_for_line,
)


def log(count: int, budget_s: float) -> dict[str, Any]:
    """Time each call; stay alive, as a program that goes on, until told to end."""
    answer = time_calls(
        lambda _, value: foundations.log_metric("loss", value), make_curve(count), budget_s
    )
    tell({**answer, "job_id": foundations.current_foundations_job().job_id})
    wait_for_line()
    return answer


def write(count: int) -> dict[str, Any]:
    """Log as one of several processes that begin together."""
    values = make_curve(count)
    tell({"job_id": foundations.current_foundations_job().job_id})
    wait_for_line()
    for value in values:
        foundations.log_metric("loss", value)
    tell({"ended_at": time.time()})
    wait_for_line()
    return {}


def grow(count: int) -> dict[str, Any]:
    """Log very many points; return by how many MiB this process has grown."""
    foundations.log_metric("loss", 0.0)
    before = read_rss_mib()
    for step in range(count):
        foundations.log_metric("loss", 0.5 * step)
    return {"grown_mib": read_rss_mib() - before, "peak_mib": read_peak_mib() - before}


def read_peak_mib() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError("the system does not tell this process's peak")


if __name__ == "__main__":
    act({"grow": grow, "log": log, "write": write})
