"""trackio: into its local database, or to its own server. TRACKIO_DIR says where.

Its queue is a list in memory that a thread empties every half second: what a killed process
had queued is lost, so a call is not worth the same as one that is in a file when it returns.
"""

from __future__ import annotations

import importlib
import os
import random
import time
from pathlib import Path
from typing import Any

from benchmarks.programs.acting import (
    act,
    make_curve,
    size_of,
    tell,
    time_calls,
    time_once,
    wait_for_line,
)

trackio: Any = importlib.import_module("trackio")


def log(count: int, budget_s: float, server: str | None = None) -> dict[str, Any]:
    start(server)
    answer = time_calls(lambda _, value: trackio.log({"loss": value}), make_curve(count), budget_s)
    finish_s, _ = time_once(trackio.finish)
    stored = size_of(os.environ["TRACKIO_DIR"]) if server is None else None
    return {**answer, "finish_s": finish_s, "bytes": stored}


def start(server: str | None) -> None:
    to_server = {} if server is None else {"server_url": server, "embed": False}
    trackio.init(project="bench", auto_log_cpu=False, auto_log_gpu=False, **to_server)


def write(count: int, server: str) -> dict[str, Any]:
    """Log as one of several processes that begin together."""
    start(server)
    tell({"is_ready": True})
    wait_for_line()
    for value in make_curve(count):
        trackio.log({"loss": value})
    trackio.finish()
    return {"ended_at": time.time()}


def empty() -> None:
    start(None)
    trackio.finish()


def serve(port: int) -> None:
    trackio.show(open_browser=False, block_thread=True, host="127.0.0.1", server_port=port)


def seed(runs: int, points: int) -> None:
    storage = load_storage()
    chance = random.Random(0)  # noqa: S311 - data, not a secret
    for index in range(runs):
        storage.bulk_log(
            "listing",
            f"run-{index}",
            [{f"m{k}": chance.random() for k in range(10)}],
            steps=[0],
            config={f"p{k}": chance.randrange(10) for k in range(10)},
            run_id=f"{index:032x}",
        )
    curve = make_curve(points)
    for first in range(0, points, 50_000):
        part = curve[first : first + 50_000]
        steps = list(range(first, first + len(part)))
        storage.bulk_log(
            "history", "run", [{"loss": value} for value in part], steps=steps, run_id="run"
        )


def page() -> dict[str, float]:
    """List all runs: it has neither a filter nor a sort, so no page of the sorted can be had."""
    storage = load_storage()
    seconds, runs = time_once(lambda: storage.get_run_records("listing"))
    return {"seconds": seconds, "rows": len(runs)}


def history() -> dict[str, float]:
    storage = load_storage()
    seconds, logs = time_once(lambda: storage.get_logs("history", "run", run_id="run"))
    return {"seconds": seconds, "points": len(logs)}


def load_storage() -> Any:
    Path(os.environ["TRACKIO_DIR"]).mkdir(parents=True, exist_ok=True)
    return importlib.import_module("trackio.sqlite_storage").SQLiteStorage


if __name__ == "__main__":
    act({
        "empty": empty, "history": history, "log": log, "page": page, "seed": seed,
        "serve": serve, "write": write,
    })  # fmt: skip
