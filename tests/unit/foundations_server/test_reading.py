from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
import pytest

from foundations_server.metrics import reading
from foundations_wire import batches, codec, events
from foundations_wire.batches import FLOAT, POINT_BYTES, Batch
from foundations_wire.errors import InvalidRequest
from foundations_wire.metrics import MEDIA_TYPE, SeriesPart, SeriesQuery
from support.scenes import Scene

ODD = [math.nan, math.inf, -math.inf, -0.0, 5e-324, (1 << 63) - 1, -(1 << 63), 0.1, 1 << 70]
_RECORD = np.dtype([("kind", "u1"), ("name", "<u2"), ("step", "<i8"), ("at", "<f8"), ("v", "<f8")])


def log(scene: Scene, job: str, values: Sequence[Any], metric: str = "loss") -> None:
    scene.start_local(job)
    scene.send(job, *(
        events.MetricLogged(1e9 + step, metric, step, codec.spell(value))
        for step, value in enumerate(values)
    ))  # fmt: skip


def send_many(scene: Scene, job: str, count: int) -> np.ndarray[Any, Any]:
    """Send a long series in columns; return its values."""
    scene.start_local(job)
    values = np.random.default_rng(5).normal(size=count)
    records = np.zeros(count, _RECORD)
    records["kind"], records["v"] = FLOAT, values
    records["step"], records["at"] = np.arange(count), 1e9 + np.arange(count) / 4
    for first in range(0, count, 50_000):
        some = records[first : first + 50_000]
        planes = batches.transpose(some.tobytes(), POINT_BYTES)
        scene.client.jobs.send_batch(job, Batch("p2", first, len(some), ["loss"], planes))
    return values


def ask(scene: Scene, *, accept: str = "application/json", **query: Any) -> Any:
    body = {"jobs": ["j1"], "metrics": ["loss"], **query}
    told = scene.ask("POST", "/api/v1/series", body, accept=accept)
    assert told.status == 200, told.body
    return orjson.loads(told.body)["series"] if accept == "application/json" else told.body


def query(scene: Scene, **options: Any) -> SeriesPart:
    (part,) = scene.client.jobs.query_series(SeriesQuery(["j1"], ["loss"], **options)).series
    return part


def spell(values: Sequence[Any]) -> list[str]:
    return [repr(value) for value in values]


def test_odd_values_come_back_to_the_bit_in_json_and_in_bytes(scene: Scene) -> None:
    log(scene, "j1", ODD)

    (told,) = ask(scene)
    part = query(scene)

    assert spell([codec.number(v) for v in told["columns"]["values"]][:-1]) == spell(ODD[:-1])
    assert spell([codec.number(v) for v in part.columns["values"]]) == spell(ODD)


@pytest.mark.parametrize("values", [ODD[:5], ODD[5:7], ODD[:8]])
def test_floats_whole_numbers_and_both_travel_in_columns(scene: Scene, values: list[Any]) -> None:
    log(scene, "j1", values)

    part = query(scene)

    assert spell(part.columns["values"]) == spell(values)
    assert list(part.columns["steps"]) == list(range(len(values)))
    assert list(part.columns["times"]) == [1e9 + step for step in range(len(values))]
    assert (part.total, part.next, part.is_end, part.dropped) == (len(values),) * 2 + (True, 0)


def test_nan_and_infinities_are_counted_in_buckets(scene: Scene) -> None:
    log(scene, "j1", [0.5, math.nan, math.inf, -math.inf, -0.0, math.nan, 1.5, 2.5])

    (told,) = ask(scene, max_points=2)
    part = query(scene, max_points=2)

    columns = told["columns"]
    assert (told["width"], columns["x"]) == (4, [0, 4])
    assert columns["last"] == [0.5, 2.5]
    assert (columns["n"], columns["nan"]) == ([1, 3], [1, 1])
    assert (columns["above"], columns["below"]) == ([1, 0], [1, 0])
    assert spell(columns["min"]) == ["0.5", "-0.0"]
    assert {name: list(column) for name, column in part.columns.items()} == columns


def test_bucket_without_finite_numbers_has_nulls(scene: Scene) -> None:
    log(scene, "j1", [math.nan])

    (told,) = ask(scene, max_points=2)

    assert told["columns"]["last"] == told["columns"]["mean"] == [None]
    assert (told["columns"]["n"], told["columns"]["nan"]) == ([0], [1])


def test_range_keeps_points_between_two_steps_or_times(scene: Scene) -> None:
    values = send_many(scene, "j1", 120_000)

    by_step = query(scene, range=[70_000, 70_002])
    by_time = query(scene, range=[1e9 + 10, 1e9 + 10.5], x="time")

    assert list(by_step.columns["values"]) == values[70_000:70_003].tolist()
    assert list(by_time.columns["steps"]) == [40, 41, 42]
    assert (by_step.total, by_step.is_end) == (120_000, True)


def test_range_in_buckets_is_as_fine_as_it_can_be(scene: Scene) -> None:
    send_many(scene, "j1", 120_000)

    whole, near = query(scene, max_points=100), query(scene, range=[500, 599], max_points=100)

    assert (whole.width, near.width) == (2048, 1)
    assert list(near.columns["x"]) == list(range(500, 600))
    assert sum(whole.columns["n"]) == 120_000


def test_tail_goes_on_where_the_answer_before_ended(scene: Scene) -> None:
    log(scene, "j1", [1.0, 2.0])
    before = query(scene)
    scene.send("j1", events.MetricLogged(2e9, "loss", 1, 9.0))

    after = query(scene, after={"j1/loss": before.next})

    assert list(after.columns["values"]) == [9.0]
    assert (after.next, after.total) == (3, 3)


def test_long_answer_is_cut_and_gone_on_with(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(reading, "MAX_BINARY_POINTS", 1000)
    values = send_many(scene, "j1", 2500)

    first = query(scene)
    second = query(scene, after={"j1/loss": first.next})
    cut = query(scene, range=[100, 2400], after={"j1/loss": 0})
    rest = query(scene, range=[100, 2400], after={"j1/loss": cut.next})

    assert (len(first.columns["steps"]), first.next, first.is_end) == (1000, 1000, False)
    assert list(second.columns["values"]) == values[1000:2000].tolist()
    assert (cut.next, rest.columns["steps"][0], cut.is_end) == (1100, 1100, False)


def test_several_jobs_and_metrics_come_in_one_answer(scene: Scene) -> None:
    log(scene, "j1", [1.0])
    log(scene, "j2", [2.0, 3.0])
    scene.log_metric("j2", "accuracy", [0.5])

    told = ask(scene, jobs=["j2", "gone", "j1"], metrics=["accuracy", "loss"])

    assert [(part["job"], part["metric"]) for part in told] == [
        ("j2", "accuracy"),
        ("j2", "loss"),
        ("j1", "loss"),
    ]
    assert told[1]["columns"]["values"] == [2.0, 3.0]


def test_texts_are_read_as_texts_in_every_form(scene: Scene) -> None:
    scene.start_local("j1")
    scene.send(
        "j1",
        events.MetricLogged(1e9, "loss", 0, 1.5),
        events.MetricLogged(1e9, "loss", 1, "bad", "text"),
    )
    scene.send("j1", events.MetricLogged(1e9, "loss", 2, 7))

    (told,) = ask(scene)
    (thinned,) = ask(scene, max_points=2)

    assert told["kind"] == "text"
    assert told["columns"]["values"] == query(scene).columns["values"] == ["1.5", "bad", "7"]
    assert thinned["columns"]["last"] == ["bad", "7"]
    assert query(scene, max_points=2).columns["last"] == ["bad", "7"]


def test_empty_range_has_empty_columns(scene: Scene) -> None:
    log(scene, "j1", [1.0])

    points = query(scene, range=[5, 9])
    buckets = query(scene, range=[5, 9], max_points=10)

    assert list(points.columns["values"]) == list(buckets.columns["x"]) == []


def test_points_left_out_by_a_full_journal_are_told(scene: Scene) -> None:
    log(scene, "j1", [1.0])
    scene.send("j1", events.Thinned(1e9, "loss", 7), events.Thinned(1e9, "loss", 5))

    assert query(scene).dropped == 12


@pytest.mark.parametrize(
    "options",
    [
        {"x": "epoch"},
        {"range": [1]},
        {"range": [1, "x"]},
        {"range": ["NaN", 1]},
        {"max_points": 1},
        {"max_points": 100_000},
        {"after": {"j1/loss": -1}},
        {"jobs": ["j1", "j1"]},
        {"metrics": [str(index) for index in range(501)]},
    ],
)
def test_question_that_cannot_be_is_refused(scene: Scene, options: dict[str, Any]) -> None:
    fields = {"jobs": ["j1"], "metrics": ["loss"], **options}

    with pytest.raises(InvalidRequest):
        scene.client.jobs.query_series(SeriesQuery(**fields))


def test_bytes_say_what_they_are(scene: Scene) -> None:
    log(scene, "j1", [1.0])

    told = scene.ask("POST", "/api/v1/series", {"jobs": [], "metrics": []}, accept=MEDIA_TYPE)

    assert told.headers["content-type"] == MEDIA_TYPE
