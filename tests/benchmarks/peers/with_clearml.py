"""ClearML, offline: it writes files; its server is not measured."""

from __future__ import annotations

import importlib
import os
from typing import Any

from benchmarks.programs.acting import act, make_curve, size_of, time_calls, time_once

clearml: Any = importlib.import_module("clearml")


def log(count: int, budget_s: float) -> dict[str, Any]:
    task = open_task()
    logger = task.get_logger()
    answer = time_calls(
        lambda step, value: logger.report_scalar("loss", "loss", value, step),
        make_curve(count),
        budget_s,
    )
    finish_s, _ = time_once(lambda: task.flush(wait_for_uploads=True))
    stored = size_of(os.environ["CLEARML_CACHE_DIR"])
    task.close()
    return {**answer, "finish_s": finish_s, "bytes": stored}


def open_task() -> Any:
    clearml.Task.set_offline(offline_mode=True)
    return clearml.Task.init(
        "bench",
        "task",
        auto_connect_frameworks=False,
        auto_resource_monitoring=False,
        auto_connect_streams=False,
        auto_connect_arg_parser=False,
        output_uri=False,
    )


def empty() -> None:
    open_task().close()


if __name__ == "__main__":
    act({"empty": empty, "log": log})
