"""wandb, offline: its SDK and its core write a file; there is no server to be had."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.programs.acting import act, make_curve, size_of, time_calls, time_once

wandb: Any = importlib.import_module("wandb")


def log(count: int, budget_s: float, folder: str) -> dict[str, Any]:
    run = wandb.init(project="bench", dir=folder)
    answer = time_calls(lambda _, value: run.log({"loss": value}), make_curve(count), budget_s)
    finish_s, _ = time_once(run.finish)
    return {**answer, "finish_s": finish_s, "bytes": size_of(folder)}


def empty(folder: str) -> None:
    wandb.init(project="bench", dir=folder).finish()


if __name__ == "__main__":
    act({"empty": empty, "log": log})
