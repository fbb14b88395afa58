"""Programs that read what Atlas stores: over its API, and with the SDK."""

from __future__ import annotations

import os
import statistics
from functools import partial
from importlib import import_module
from typing import Any

import foundations
from benchmarks.programs.acting import act, time_once
from benchmarks.services import Api

ASKED = 20  # one after the other, each with another metric, so that no answer is a repeated one


def page(project: str, jobs: int) -> dict[str, float]:
    """Ask for the first 50 jobs: a filter that keeps half, sorted by a metric, all counted."""
    times = []
    with Api(os.environ["FOUNDATIONS_SERVER"]) as api:
        api.get("/api/v1/server")  # the connection is there before the clock runs
        for index in range(ASKED):
            question: dict[str, Any] = {
                "project": project,
                "filter": f"metrics.m{index % 10} > 0.5",
                "sort": f"-metrics.m{(index + 1 + index // 10) % 10}",
                "limit": 50,
            }
            seconds, answer = time_once(partial(api.get, "/api/v1/jobs", **question))
            check(len(answer["items"]) == 50, "a page has 50 jobs")
            check(0.45 * jobs < answer["total"] < 0.55 * jobs, "the filter keeps half")
            times.append(seconds)
    return {"ms": statistics.median(times) * 1000}


def frame(project: str) -> dict[str, float]:
    """Bring all jobs into pandas."""
    import_module("pandas")
    foundations.get_metrics_for_all_jobs  # noqa: B018 - it loads its module when first named
    seconds, table = time_once(lambda: foundations.get_metrics_for_all_jobs(project))
    return {"seconds": seconds, "rows": len(table)}


def series(job_id: str, metric: str) -> dict[str, float]:
    """Bring one series into numpy."""
    import_module("numpy")
    read: Any = foundations.get_series
    seconds, points = time_once(lambda: read(job_id, metric))
    return {"seconds": seconds, "points": len(points)}


def thinned(job_id: str, metric: str, points: int) -> dict[str, float]:
    """Ask for one series in few points, as a chart does."""
    times = []
    body = {"jobs": [job_id], "metrics": [metric], "max_points": points}
    with Api(os.environ["FOUNDATIONS_SERVER"]) as api:
        api.get("/api/v1/server")
        for _ in range(ASKED):
            seconds, answer = time_once(lambda: api.post("/api/v1/series", body))
            times.append(seconds)
            buckets = len(answer["series"][0]["columns"]["x"])
            check(points / 2 <= buckets <= points, "as few points as asked for")
    return {"ms": statistics.median(times) * 1000}


def check(is_so: bool, sentence: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not is_so:
        raise ValueError(f"not so: {sentence}")


if __name__ == "__main__":
    act({
        "frame": frame, "page": page, "series": series, "thinned": thinned,
    })  # fmt: skip
