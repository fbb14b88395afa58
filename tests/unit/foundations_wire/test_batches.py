from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_wire import batches
from foundations_wire.batches import FLOAT, INTEGER, INTEGER_POINT, POINT, POINT_BYTES, Batch
from foundations_wire.errors import InvalidRequest, TooLarge
from foundations_wire.events import MetricLogged, ParamLogged, to_wire

Point = tuple[str, int, float, float]
PARAM = to_wire(ParamLogged(1.0, "lr", 0.1))


def make(points: list[Point], **more: object) -> Batch:
    names = list(dict.fromkeys(name for name, *_ in points))
    rows = [POINT.pack(FLOAT, names.index(name), *rest) for name, *rest in points]
    planes = batches.transpose(b"".join(rows), POINT_BYTES)
    return Batch("p", 0, len(points), names, planes, **more)  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["loss", "accuracy", "ä"]),
            st.integers(-(1 << 63), (1 << 63) - 1),
            st.floats(0, 32_503_680_000),
            st.floats(width=64),
        ),
        max_size=40,
    )
)
def test_every_point_arrives_with_all_its_bits(points: list[Point]) -> None:
    arrived = batches.decode(batches.encode(make(points)))

    read = list(batches.iterate(arrived))
    assert [(e["name"], e["step"], e["at"]) for e in read] == [p[:3] for p in points]
    packed = arrived.planes
    assert packed == make(points).planes


def test_whole_numbers_stay_whole() -> None:
    row = INTEGER_POINT.pack(INTEGER, 0, 5, 1.5, (1 << 62) + 1)
    batch = Batch("p", 7, 1, ["n"], batches.transpose(row, POINT_BYTES))

    events = batches.read_events(batches.decode(batches.encode(batch)))

    assert events == [MetricLogged(1.5, "n", 5, (1 << 62) + 1)]


def test_specials_are_spelled_in_the_wire_forms() -> None:
    batch = make([("a", 0, 1.0, math.nan), ("a", 1, 1.0, -math.inf)])

    assert [event["value"] for event in batches.iterate(batch)] == ["NaN", "-Infinity"]


def test_other_events_keep_their_places_between_the_points() -> None:
    batch = make([("a", 0, 1.0, 1.0), ("a", 1, 1.0, 2.0)], events=[(0, PARAM), (2, PARAM)])

    kinds = [e["event"] for e in batches.iterate(batches.decode(batches.encode(batch)))]

    assert kinds == ["param", "metric", "param", "metric"]


def test_records_with_something_behind_each_point_are_transposed_by_their_stride() -> None:
    rows = [POINT.pack(FLOAT, 0, step, 1.0, 0.5) for step in range(3)]

    planes = batches.transpose(b"".join(row + b"crc!" for row in rows), POINT_BYTES + 4)

    assert planes == batches.transpose(b"".join(rows), POINT_BYTES)


@pytest.mark.parametrize("end", [0, 3, 20, -1])
def test_a_batch_that_is_cut_short_is_refused(end: int) -> None:
    whole = batches.encode(make([("a", 0, 1.0, 1.0)]))

    with pytest.raises(InvalidRequest):
        batches.decode(whole[:end])


@pytest.mark.parametrize("places", [[1, 1], [1, 0], [-1], [9]])
def test_places_out_of_order_are_refused(places: list[int]) -> None:
    batch = make([("a", 0, 1.0, 1.0)], events=[(place, PARAM) for place in places])

    with pytest.raises(InvalidRequest, match="not in order"):
        batches.decode(batches.encode(batch))


def test_a_bomb_is_refused_before_it_is_inflated() -> None:
    count = batches.MAX_BYTES // POINT_BYTES + 2
    bomb = batches.encode(Batch("p", 0, count, ["a"], bytes(count * POINT_BYTES)))

    with pytest.raises(TooLarge):
        batches.decode(bomb)


def test_a_name_that_is_not_in_the_batch_is_refused() -> None:
    row = POINT.pack(FLOAT, 3, 0, 1.0, 0.5)
    batch = Batch("p", 0, 1, ["a"], batches.transpose(row, POINT_BYTES))

    with pytest.raises(InvalidRequest, match="no name number 3"):
        list(batches.iterate(batch))


def test_an_event_that_is_no_pair_is_refused() -> None:
    header = b'{"producer":"p","first":0,"points":0,"names":[],"events":[{"event":"param"}]}'

    with pytest.raises(InvalidRequest, match="pair"):
        batches.decode(struct.pack("<I", len(header)) + header + b"x\x9c\x03\x00\x00\x00\x00\x01")
