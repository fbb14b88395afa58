from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_server.jobs.incoming import Incoming, read_columns, read_json
from foundations_server.metrics import columns
from foundations_wire import batches, codec, events
from foundations_wire.batches import FLOAT, INTEGER, INTEGER_POINT, POINT, POINT_BYTES, Batch
from foundations_wire.errors import AtlasError, InvalidRequest, OffsetGap, UnknownJob
from foundations_wire.events import EventBatch, to_wire
from support.scenes import Scene

AT = 1_900_000_000.0
_INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
_AT = st.one_of(st.floats(0, 3e10), st.sampled_from([-1.0, math.nan, math.inf, 4e10]))
_GOOD_AT = st.floats(0, 3e10)


def pack(*points: tuple[int, int, float, Any]) -> tuple[int, bytes]:
    """Return number and columns of points of (name, step, at, value)."""
    records = b"".join(
        POINT.pack(FLOAT, name, step, at, value)
        if isinstance(value, float)
        else INTEGER_POINT.pack(INTEGER, name, step, at, value)
        for name, step, at, value in points
    )
    return len(points), batches.transpose(records, POINT_BYTES)


def make(
    names: list[str], points: list[tuple[int, int, float, Any]], first: int = 0, **more: Any
) -> Batch:
    count, planes = pack(*points)
    return Batch("p9", first, count, names, planes, **more)


def draw_batch(at: st.SearchStrategy[float]) -> st.SearchStrategy[Batch]:
    value = st.one_of(st.floats(), _INT64)
    point = st.tuples(st.integers(0, 2), _INT64, at, value)
    names = st.lists(st.sampled_from(["loss", "acc", "é", "a b"]), min_size=3, max_size=3)
    return st.builds(make, names, st.lists(point, max_size=30))


def show(incoming: Incoming) -> Any:
    series = {
        name: (
            places.tolist(), points.steps.tolist(), points.times.tolist(),
            [
                struct.pack("<d", value) if isinstance(value, float) and value == value else repr(value)  # noqa: PLR0124, E501
                for value in columns.to_list(points.values, points.kind)
            ],
        )
        for name, (places, points) in sorted(incoming.series.items())
    }  # fmt: skip
    return incoming.producer, incoming.first, incoming.count, incoming.events, series


def read_slowly(batch: Batch) -> Incoming:
    return read_json(EventBatch(batch.producer, batch.first, list(batches.iterate(batch))))


@given(draw_batch(_GOOD_AT), st.integers(0, 30))
def test_columns_say_the_same_as_json(batch: Batch, known: int) -> None:
    quick, slow = read_columns(batches.encode(batch)), read_slowly(batch)

    assert show(quick) == show(slow)
    assert show(quick.skip(known)) == show(slow.skip(known))


@given(draw_batch(_AT))
def test_columns_are_refused_where_json_is(batch: Batch) -> None:
    outcomes = []
    for read in (lambda b: read_columns(batches.encode(b)), read_slowly):
        try:
            read(batch)
            outcomes.append(True)
        except InvalidRequest:
            outcomes.append(False)

    assert outcomes[0] == outcomes[1]


def test_events_among_the_points_keep_their_places() -> None:
    text = to_wire(events.MetricLogged(AT, "loss", 1, "bad", "text"))
    tag = to_wire(events.TagSet(AT, "best", "yes"))
    batch = make(["loss"], [(0, 0, AT, 0.5), (0, 2, AT, 2)], events=[(0, tag), (2, text)])

    incoming = read_columns(batches.encode(batch))

    places, points = incoming.series["loss"]
    assert (places.tolist(), points.steps.tolist()) == ([1, 2, 3], [0, 1, 2])
    assert columns.to_list(points.values, points.kind) == ["0.5", "bad", "2"]
    assert incoming.events == [(0, events.TagSet(AT, "best", "yes"))]
    assert incoming.skip(2).events == []


def test_whole_numbers_beyond_64_bits_in_events_stay_exact() -> None:
    large = to_wire(events.ParamLogged(AT, "seed", 1 << 80))

    incoming = read_columns(batches.encode(Batch("p1", 0, events=[(0, large)])))

    assert incoming.events == [(0, events.ParamLogged(AT, "seed", 1 << 80))]


def encode_header(header: Any, planes: bytes = b"") -> bytes:
    body = codec.encode(header)
    return struct.pack("<I", len(body)) + body + batches.encode(Batch("p", 0, planes=planes))[64:]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xff\xff\xff{}",
        encode_header({"producer": "p1", "first": 0}),
        encode_header({"producer": 1, "first": 0, "points": 0, "names": [], "events": []}),
        encode_header({"producer": "p", "first": True, "points": 0, "names": [], "events": []}),
        encode_header({"producer": "p", "first": 0, "points": 0, "names": [1], "events": []}),
        batches.encode(Batch("p1", 0, 1, ["loss"], b"\1" * 26)),
        batches.encode(Batch("p1", 0, 1, ["loss"], b"\7" + bytes(26))),
        batches.encode(Batch("p1", 0, 1, [], pack((0, 0, AT, 1.0))[1])),
        batches.encode(make(["loss"], [(1, 0, AT, 1.0)])),
        batches.encode(make(["a\nb"], [(0, 0, AT, 1.0)])),
        batches.encode(make(["x" * 1001], [(0, 0, AT, 1.0)])),
        batches.encode(Batch("", 0)),
        batches.encode(Batch("p1", -1)),
    ],
)
def test_batch_that_cannot_be_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(AtlasError):
        read_columns(data)


def test_points_in_columns_are_stored_once_and_gaps_refused(scene: Scene) -> None:
    scene.start_local("j1")
    client = scene.client.jobs
    client.send_batch("j1", make(["loss"], [(0, 0, AT, 0.5), (0, 1, AT, 0.25)]))

    again = client.send_batch(
        "j1", make(["loss"], [(0, 1, AT, 0.25), (0, 2, AT, 3), (0, 3, AT, math.nan)], first=1)
    )
    with pytest.raises(OffsetGap) as caught:
        client.send_batch("j1", make(["loss"], [(0, 0, AT, 1.0)], first=9))

    assert (again.next, caught.value.details["expected"]) == (4, 4)
    assert client.series("j1", "loss").values == [0.5, 0.25, 3, "NaN"]


def test_columns_of_an_unknown_job_are_not_found(scene: Scene) -> None:
    with pytest.raises(UnknownJob):
        scene.client.jobs.send_batch("j1", make(["loss"], [(0, 0, AT, 1.0)]))


def test_columns_of_a_finished_job_are_taken(scene: Scene) -> None:
    scene.start_local("j1")
    scene.finish_local("j1")

    scene.client.jobs.send_batch("j1", make(["loss"], [(0, 0, AT, 1.0)]))

    assert scene.client.jobs.series("j1", "loss").values == [1.0]


def test_large_batch_in_columns_is_read_in_a_thread(scene: Scene) -> None:
    scene.start_local("j1")
    values = [math.sin(step) for step in range(60_000)]

    scene.client.jobs.send_batch(
        "j1", make(["loss"], [(0, step, AT + step, value) for step, value in enumerate(values)])
    )

    assert scene.client.jobs.series("j1", "loss").values == values


def test_dropped_stands_for_many_and_only_alone(scene: Scene) -> None:
    scene.start_local("j1")
    dropped = to_wire(events.Dropped(AT, "the journal was lost", 100))
    tag = to_wire(events.TagSet(AT, "a", "b"))

    accepted = scene.client.jobs.send_batch("j1", Batch("p9", 0, events=[(0, dropped)]))
    with pytest.raises(InvalidRequest, match="alone"):
        scene.client.jobs.send_batch("j1", Batch("p9", 100, events=[(0, dropped), (1, tag)]))

    assert accepted.next == 100


def test_summary_follows_the_points_in_columns(scene: Scene) -> None:
    scene.start_local("j1")
    points = [(0, 5, AT, math.nan), (0, 6, AT, 2), (0, 7, AT, -math.inf), (1, 0, AT, 1.5)]

    scene.client.jobs.send_batch("j1", make(["loss", "acc"], points))
    scene.client.jobs.send_batch("j1", make(["loss"], [(0, 8, AT, 0.5)], first=4))

    loss = next(s for s in scene.client.jobs.get("j1").metrics if s.name == "loss")
    assert (loss.count, loss.last, loss.last_step) == (4, 0.5, 8)
    assert (loss.min, loss.max) == ("-Infinity", 2)
