"""tensorboardX writes event files; TensorBoard's own reader reads them back."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.programs.acting import act, make_curve, size_of, time_calls, time_once


def log(count: int, budget_s: float, folder: str) -> dict[str, Any]:
    writer = open_writer(folder)
    answer = time_calls(
        lambda step, value: writer.add_scalar("loss", value, step), make_curve(count), budget_s
    )
    finish_s, _ = time_once(writer.close)
    return {**answer, "finish_s": finish_s, "bytes": size_of(folder)}


def empty(folder: str) -> None:
    open_writer(folder).close()


def seed(points: int, folder: str) -> None:
    writer = open_writer(folder)
    for step, value in enumerate(make_curve(points)):
        writer.add_scalar("loss", value, step)
    writer.close()


def open_writer(folder: str) -> Any:
    return importlib.import_module("tensorboardX").SummaryWriter(folder)


def history(folder: str) -> dict[str, float]:
    reading: Any = importlib.import_module(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    events = reading.EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0})
    seconds, points = time_once(lambda: read(events))
    return {"seconds": seconds, "points": len(points)}


def read(events: Any) -> Any:
    events.Reload()
    has_scalars = "loss" in events.Tags()["scalars"]
    return events.Scalars("loss") if has_scalars else events.Tensors("loss")


if __name__ == "__main__":
    act({"empty": empty, "history": history, "log": log, "seed": seed})
