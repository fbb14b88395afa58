"""Aim: into its local repository (RocksDB)."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.programs.acting import act, make_curve, size_of, time_calls, time_once

aim: Any = importlib.import_module("aim")
METRICS = {f"m{k}": 0.0 for k in range(10)}


def log(count: int, budget_s: float, folder: str) -> dict[str, Any]:
    run = open_run(folder, "bench")
    run.track(1.0, name="loss", step=0)
    answer = time_calls(
        lambda step, value: run.track(value, name="loss", step=step), make_curve(count), budget_s
    )
    finish_s, _ = time_once(run.close)
    return {**answer, "finish_s": finish_s, "bytes": size_of(folder)}


def open_run(folder: str, experiment: str) -> Any:
    return aim.Run(
        repo=folder,
        experiment=experiment,
        system_tracking_interval=None,
        log_system_params=False,
        capture_terminal_logs=False,
    )


def empty(folder: str) -> None:
    open_run(folder, "bench").close()


def seed(runs: int, points: int, folder: str) -> None:
    chance = random.Random(0)  # noqa: S311 - data, not a secret
    for _ in range(runs):
        run = open_run(folder, "listing")
        run["hparams"] = {f"p{k}": chance.randrange(10) for k in range(10)}
        run.track({name: chance.random() for name in METRICS}, step=0)
        for k in range(3):
            run.add_tag(f"t{k}")
        run.close()
    run = open_run(folder, "history")
    for step, value in enumerate(make_curve(points)):
        run.track(value, name="loss", step=step)
    run.close()
    # Readers see only what its server, or this command, has put into the index.
    tool = str(Path(sys.executable).parent / "aim")
    subprocess.run([tool, "storage", "--repo", folder, "reindex", "-y"], check=True)


def page(folder: str) -> dict[str, float]:
    """Filter by a metric's last value; the query language has no sort: it happens here."""
    seconds, found = time_once(lambda: find_page(folder))
    return {"seconds": seconds, "rows": len(found)}


def find_page(folder: str) -> list[float]:
    found = []
    for run in query_runs(folder):
        m0, m1 = (run.get_metric(name, no_context()).values.last()[1] for name in ("m0", "m1"))
        if m0 > 0.5:
            found.append(m1)
    return sorted(found, reverse=True)[:50]


def frame(folder: str) -> dict[str, float]:
    pandas: Any = importlib.import_module("pandas")
    seconds, table = time_once(lambda: pandas.DataFrame(list_runs(folder)))
    return {"seconds": seconds, "rows": len(table)}


def list_runs(folder: str) -> list[dict[str, Any]]:
    return [
        {**run["hparams"], **{metric.name: metric.values.last()[1] for metric in run.metrics()}}
        for run in query_runs(folder)
    ]


def query_runs(folder: str) -> list[Any]:
    mode = importlib.import_module("aim.sdk.types").QueryReportMode.DISABLED
    query = aim.Repo(folder).query_runs("run.experiment == 'listing'", report_mode=mode)
    return [collection.run for collection in query.iter_runs()]


def no_context() -> Any:
    return importlib.import_module("aim.storage.context").Context({})


def history(folder: str) -> dict[str, float]:
    seconds, points = time_once(lambda: read(folder))
    return {"seconds": seconds, "points": points}


def read(folder: str) -> int:
    mode = importlib.import_module("aim.sdk.types").QueryReportMode.DISABLED
    query = aim.Repo(folder).query_metrics("run.experiment == 'history'", report_mode=mode)
    return sum(len(metric.values.sparse_numpy()[1]) for metric in query.iter())


if __name__ == "__main__":
    act({
        "empty": empty, "frame": frame, "history": history, "log": log, "page": page,
        "seed": seed,
    })  # fmt: skip
