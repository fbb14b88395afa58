"""search_jobs and get_metrics_for_all_jobs over the real application, without sockets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

import foundations
from foundations_client.transport import HttpTransport, Request, Response
from foundations_wire import events
from support.scenes import Scene, open_scene


@pytest.fixture
def birds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """Lend a server with three jobs; it is where the network would be."""
    with open_scene(tmp_path / "home") as scene:

        def send(_self: HttpTransport, request: Request, sink: BinaryIO | None = None) -> Response:
            return scene.transport.send(request, sink)

        monkeypatch.setattr(HttpTransport, "send", send)
        for index in range(3):
            scene.clock.advance(60)
            at = scene.clock.now()
            scene.start_local(f"j{index}")
            scene.send(
                f"j{index}",
                events.ParamLogged(at, "lr", index / 2 if index else "NaN"),
                events.MetricLogged(at, "loss", 0, 3 - index),
                events.MetricLogged(at, "system/cpu", 0, 5),
                events.TagSet(at, "stage", "test"),
            )
        yield scene


def search(*words: Any, **options: Any) -> Any:
    return foundations.search_jobs(*words, **options)


def test_jobs_become_a_frame_with_columns_named_as_fields(birds: Scene) -> None:
    frame = search("metrics.loss < 3", sort="metrics.loss", project="birds")

    assert list(frame["id"]) == ["j2", "j1"]
    assert list(frame["params.lr"]) == [1.0, 0.5]
    assert list(frame["metrics.loss"]) == [1, 2]
    assert list(frame["tags.stage"]) == ["test", "test"]
    assert frame["created"][0].timestamp() == birds.clock.now()
    assert "metrics.system/cpu" not in frame


def test_fields_limit_and_sorts_are_taken(birds: Scene) -> None:
    frame = search(sort=["-params.lr", "name"], limit=2, fields=["name", "metrics.loss.min"])

    assert list(frame.columns) == ["name", "metrics.loss.min"]
    assert list(frame["metrics.loss.min"]) == [1, 2]


def test_polars_frames_hold_the_same(birds: Scene) -> None:
    frame = search(frame="polars", sort="created", fields=["id", "params.lr", "created"])

    assert frame["id"].to_list() == ["j0", "j1", "j2"]
    assert math.isnan(frame["params.lr"][0])
    assert frame["params.lr"].to_list()[1:] == [0.5, 1.0]


def test_nothing_found_is_an_empty_frame(birds: Scene) -> None:
    assert len(search("user = nobody")) == 0
    assert len(search("user = nobody", frame="polars")) == 0


def test_faults_are_value_errors_that_show_the_place(birds: Scene) -> None:
    with pytest.raises(ValueError, match=r"Did you mean `metrics.loss`") as caught:
        search("user = ada and metrics.los > 1")

    assert str(caught.value).splitlines()[1:] == [
        "  user = ada and metrics.los > 1",
        "                 ^^^^^^^^^^^",
    ]
    with pytest.raises(ValueError, match="Project `owls` does not exist!"):
        search(project="owls")
    with pytest.raises(ValueError, match="frame must be one of pandas, polars"):
        search(frame="numpy")


@pytest.mark.scenario(18)
def test_table_of_a_project_has_a_row_for_each_job(birds: Scene) -> None:
    birds.start_local("other", "owls")

    frame = foundations.get_metrics_for_all_jobs("birds")

    assert list(frame.columns) == [
        "project_name", "job_id", "user", "status", "start_time", "completed_time",
        "creation_time", "tags", "lr", "loss", "tag_stage",
    ]  # fmt: skip
    assert list(frame["job_id"]) == ["j0", "j1", "j2"]
    assert math.isnan(frame["lr"][0])
    assert frame["tags"][0] == {"stage": "test"}


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_project_that_is_none_is_a_value_error(birds: Scene, name: str) -> None:
    with pytest.raises(ValueError, match=f"Project `{name}` does not exist!"):
        foundations.get_metrics_for_all_jobs(name)


def test_project_whose_jobs_are_gone_is_an_empty_frame(birds: Scene) -> None:
    birds.send("j0", events.Moved(birds.clock.now(), "owls"))
    birds.send("j0", events.Moved(birds.clock.now(), "birds"))

    frame = foundations.get_metrics_for_all_jobs("owls")

    assert frame.shape == (0, 0)
