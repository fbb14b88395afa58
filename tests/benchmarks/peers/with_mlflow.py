"""MLflow: straight into SQLite, or to its server; MLFLOW_TRACKING_URI says which."""

from __future__ import annotations

import importlib
import os
import random
import time
import uuid
from pathlib import Path
from typing import Any

from benchmarks.programs.acting import (
    act,
    make_curve,
    tell,
    time_calls,
    time_once,
    wait_for_line,
)

mlflow: Any = importlib.import_module("mlflow")
SQLITE = "sqlite:///"
BATCH = 1000


def log(count: int, budget_s: float) -> dict[str, Any]:
    mlflow.set_experiment(f"bench-{uuid.uuid4().hex[:6]}")
    mlflow.start_run()
    mlflow.log_metric("loss", 1.0, step=0)  # the first call makes its connections
    before = size_of_database()
    answer = time_calls(
        lambda step, value: mlflow.log_metric("loss", value, step=step),
        make_curve(count),
        budget_s,
    )
    finish_s, _ = time_once(mlflow.end_run)
    after = size_of_database()
    grown = after - before if before is not None and after is not None else None
    return {**answer, "finish_s": finish_s, "bytes": grown}


def size_of_database() -> int | None:
    uri = os.environ["MLFLOW_TRACKING_URI"]
    return Path(uri.removeprefix(SQLITE)).stat().st_size if uri.startswith(SQLITE) else None


def empty() -> None:
    with mlflow.start_run():
        pass


def ingest(seconds: float) -> dict[str, Any]:
    """Send batches of 1,000 points for some seconds, as one of several processes."""
    client, entities = mlflow.MlflowClient(), importlib.import_module("mlflow.entities")
    run = client.create_run("0").info.run_id
    client.log_metric(run, "warm", 1.0)
    tell({"is_ready": True})
    wait_for_line()
    sent, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        now = int(time.time() * 1000)
        metrics = [entities.Metric("loss", 0.5, now, sent + index) for index in range(BATCH)]
        client.log_batch(run, metrics=metrics)
        sent += BATCH
    return {"points": sent, "seconds": time.perf_counter() - begun}


def seed(runs: int, points: int) -> dict[str, Any]:
    """Fill the database as the API would: one insert per table, or it would take hours."""
    experiment = mlflow.create_experiment("listing")
    mlflow.MlflowClient().create_run(experiment)  # so that every table is there
    alchemy: Any = importlib.import_module("sqlalchemy")
    engine = alchemy.create_engine(os.environ["MLFLOW_TRACKING_URI"])
    known = alchemy.MetaData()
    before = size_of_database()
    rows = make_rows(runs, int(experiment))
    if points:
        add_history(rows, points)
    known.reflect(engine, only=list(rows))
    with engine.begin() as connection:
        for table, values in rows.items():
            for first in range(0, len(values), 50_000):
                part = values[first : first + 50_000]
                connection.execute(alchemy.insert(known.tables[table]), part)
    after = size_of_database()
    return {"bytes": after - before if before is not None and after is not None else None}


Rows = dict[str, list[dict[str, Any]]]


def make_rows(runs: int, experiment: int) -> Rows:
    chance, now = random.Random(0), int(time.time() * 1000)  # noqa: S311 - data, not a secret
    rows: Rows = {"runs": [], "params": [], "metrics": [], "latest_metrics": [], "tags": []}
    for index in range(runs):
        run = uuid.UUID(int=chance.getrandbits(128)).hex
        rows["runs"].append(make_run(run, f"run-{index}", experiment, now + index))
        for k in range(10):
            value = str(chance.randrange(10))
            rows["params"].append({"run_uuid": run, "key": f"p{k}", "value": value})
            point = make_point(run, f"m{k}", chance.random(), now, 0)
            rows["metrics"].append(point)
            rows["latest_metrics"].append(point)
        for k in range(3):
            rows["tags"].append({"run_uuid": run, "key": f"t{k}", "value": "x"})
    return rows


def add_history(rows: Rows, points: int) -> None:
    now = int(time.time() * 1000)
    rows["runs"].append(make_run("history", "history", 0, now))
    for step, value in enumerate(make_curve(points)):
        rows["metrics"].append(make_point("history", "loss", value, now + step, step))
    rows["latest_metrics"].append(rows["metrics"][-1])


def make_run(run: str, name: str, experiment: int, now: int) -> dict[str, Any]:
    return {
        "run_uuid": run, "name": name, "source_type": "UNKNOWN", "source_name": "",
        "entry_point_name": "", "user_id": "bench", "status": "FINISHED", "start_time": now,
        "end_time": now + 5, "source_version": "", "lifecycle_stage": "active",
        "artifact_uri": f"artifacts/{run}", "experiment_id": experiment,
    }  # fmt: skip


def make_point(run: str, key: str, value: float, now: int, step: int) -> dict[str, Any]:
    return {
        "run_uuid": run, "key": key, "value": value, "timestamp": now, "step": step,
        "is_nan": False,
    }  # fmt: skip


def page() -> dict[str, float]:
    client = mlflow.MlflowClient()
    experiment = find_listing(client)
    seconds, found = time_once(
        lambda: client.search_runs(
            [experiment],
            filter_string="metrics.m0 > 0.5",
            order_by=["metrics.m1 DESC"],
            max_results=50,
        )
    )
    return {"seconds": seconds, "rows": len(found)}


def frame() -> dict[str, float]:
    experiment = find_listing(mlflow.MlflowClient())
    importlib.import_module("pandas")
    seconds, table = time_once(lambda: mlflow.search_runs([experiment]))
    return {"seconds": seconds, "rows": len(table)}


def find_listing(client: Any) -> str:
    experiment: str = client.get_experiment_by_name("listing").experiment_id
    client.search_runs([experiment], max_results=1)  # opens the connection
    return experiment


def history() -> dict[str, float]:
    client = mlflow.MlflowClient()
    find_listing(client)
    seconds, points = time_once(lambda: client.get_metric_history("history", "loss"))
    return {"seconds": seconds, "points": len(points)}


if __name__ == "__main__":
    act({
        "empty": empty, "frame": frame, "history": history, "ingest": ingest, "log": log,
        "page": page, "seed": seed,
    })  # fmt: skip
