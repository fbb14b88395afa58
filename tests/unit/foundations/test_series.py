from __future__ import annotations

import importlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

import foundations
from foundations import series
from foundations.series import get_series
from foundations_client.client import Client
from foundations_client.transport import Request, Response, Transport
from foundations_server.metrics import reading
from foundations_wire import codec, events
from support.scenes import Scene, open_scene


@dataclass
class KeptOpen:
    """A transport that outlives the client that get_series closes."""

    transport: Transport

    def send(self, request: Request, sink: BinaryIO | None = None) -> Response:
        return self.transport.send(request, sink)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with open_scene(tmp_path / "home") as opened:
        monkeypatch.setattr(series, "connect", lambda _: Client(KeptOpen(opened.transport)))
        yield opened


def log(scene: Scene, values: list[Any]) -> None:
    scene.start_local("j1")
    for step, value in enumerate(values):
        kind = "text" if isinstance(value, str) else "number"
        scene.send("j1", events.MetricLogged(1e9 + step, "loss", step, codec.spell(value), kind))


def test_series_comes_as_numpy_columns(scene: Scene) -> None:
    log(scene, [0.5, math.nan, math.inf, -0.0])

    loss = get_series("j1", "loss")

    assert isinstance(loss.values, np.ndarray)
    assert (loss.steps.dtype, loss.times.dtype, loss.values.dtype) == ("i8", "f8", "f8")
    assert loss.values.tobytes() == np.array([0.5, math.nan, math.inf, -0.0]).tobytes()
    assert (len(loss), loss.kind, loss.dropped, loss.width) == (4, "number", 0, None)


def test_whole_numbers_stay_whole(scene: Scene) -> None:
    log(scene, [(1 << 63) - 1, 2])

    assert get_series("j1", "loss").values.tolist() == [(1 << 63) - 1, 2]


def test_values_of_several_kinds_are_a_list(scene: Scene) -> None:
    log(scene, [1, 0.5, "bad"])

    assert get_series("j1", "loss").values == ["1", "0.5", "bad"]


def test_series_longer_than_one_answer_is_put_together(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_BINARY_POINTS", 3)
    log(scene, [float(step) for step in range(10)])

    assert get_series("j1", "loss").values.tolist() == list(range(10))
    assert get_series("j1", "loss", between=(2, 8)).steps.tolist() == list(range(2, 9))


def test_buckets_tell_what_is_in_them(scene: Scene) -> None:
    log(scene, [1.0, 9.0, math.nan, 4.0])

    loss = get_series("j1", "loss", max_points=2)

    assert (loss.width, loss.steps.tolist(), loss.values.tolist()) == (2, [0, 2], [9.0, 4.0])
    assert loss.columns["nan"].tolist() == [0, 1]
    assert loss.columns["max"].tolist() == [9.0, 4.0]


def test_times_can_be_the_axis(scene: Scene) -> None:
    log(scene, [1.0, 2.0, 3.0])

    near = get_series("j1", "loss", by="time", between=(1e9 + 1, 1e9 + 5))

    assert near.steps.tolist() == [1, 2]
    assert get_series("j1", "loss", by="time", max_points=2).times.tolist() == [1e9, 1e9 + 2]


def test_series_becomes_a_data_frame(scene: Scene) -> None:
    log(scene, [1.0, 2.0])

    frame = foundations.get_series("j1", "loss").to_pandas()

    assert list(frame.columns) == ["steps", "times", "values"]
    assert frame["values"].tolist() == [1.0, 2.0]


def test_arrays_of_the_standard_library_do_without_numpy(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(scene, [1.0, 2.0])
    load = importlib.import_module

    def refuse(name: str) -> Any:
        if name == "numpy":
            raise ModuleNotFoundError(name)
        return load(name)

    monkeypatch.setattr(importlib, "import_module", refuse)

    assert list(get_series("j1", "loss").values) == [1.0, 2.0]


def test_what_does_not_exist_is_named(scene: Scene) -> None:
    log(scene, [1.0])

    with pytest.raises(ValueError, match="Job `gone` does not exist!"):
        get_series("gone", "loss")
    with pytest.raises(ValueError, match="no metric `acc`; it logged: loss"):
        get_series("j1", "acc")
