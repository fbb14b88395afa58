from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_server.metrics import columns
from foundations_server.metrics.columns import Value


def bits(value: object) -> object:
    return struct.pack("<d", value) if isinstance(value, float) else value


@given(st.lists(st.floats(), min_size=1))
def test_floats_keep_every_bit_but_the_payload_of_nan(values: list[float]) -> None:
    chunk = columns.pack(range(len(values)), [0.5] * len(values), values)

    read = columns.unpack_values(chunk.kind, chunk.values)

    assert chunk.kind == columns.FLOATS
    assert [bits(v) for v in read] == [bits(v) for v in values]


@given(st.lists(st.one_of(st.integers(), st.floats(allow_nan=False)), min_size=1))
def test_whole_numbers_stay_whole_when_mixed_with_others(values: list[int | float]) -> None:
    chunk = columns.pack(range(len(values)), [0.0] * len(values), values)

    read = columns.unpack_values(chunk.kind, chunk.values)

    assert [(type(v), bits(v)) for v in read] == [(type(v), bits(v)) for v in values]


@given(
    st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=1),
    st.lists(st.floats(0, 4e9), min_size=1),
)
def test_steps_and_times_come_back(steps: list[int], times: list[float]) -> None:
    count = min(len(steps), len(times))

    chunk = columns.pack(steps[:count], times[:count], [0.0] * count)

    assert columns.unpack_steps(chunk.steps) == steps[:count]
    assert columns.unpack_times(chunk.times) == times[:count]
    assert chunk.count == count


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], columns.INTEGERS),
        ([1.0, 2.0], columns.FLOATS),
        ([1, 2.0], columns.NUMBERS),
        ([1 << 63], columns.NUMBERS),
        (["good", 2], columns.TEXTS),
    ],
)
def test_values_are_packed_in_the_smallest_kind(values: list[Value], kind: str) -> None:
    chunk = columns.pack(range(len(values)), [0.0] * len(values), values)

    assert chunk.kind == kind


def test_numbers_are_spelt_when_the_metric_holds_texts() -> None:
    chunk = columns.pack([0, 1, 2], [0.0] * 3, ["x", math.nan, 3])

    assert columns.unpack_values(chunk.kind, chunk.values) == ["x", "NaN", "3"]
