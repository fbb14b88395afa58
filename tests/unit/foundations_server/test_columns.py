from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_server.metrics import columns
from foundations_server.metrics.columns import Points, Value

_INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
_SPECIALS = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308]
_FLOATS = st.one_of(st.sampled_from(_SPECIALS), st.floats())
_VALUES = st.one_of(
    st.lists(_FLOATS, min_size=1),
    st.lists(_INT64, min_size=1),
    st.lists(st.one_of(_FLOATS, _INT64), min_size=1),
    st.lists(st.one_of(_FLOATS, st.integers()), min_size=1),
    st.lists(st.text(alphabet=st.characters(codec="utf-8")), min_size=1),
)


def bits(value: object) -> object:
    return struct.pack("<d", value) if isinstance(value, float) else value


def spell(values: Sequence[object]) -> list[tuple[type, object]]:
    """Tell apart what == does not: types, zeros, NaNs."""
    return [(type(value), "nan" if value != value else bits(value)) for value in values]  # noqa: PLR0124


def make(values: Sequence[Value], steps: Sequence[int] | None = None) -> Points:
    return columns.make(steps or range(len(values)), [0.5] * len(values), values)


def listed(points: Points) -> list[Any]:
    return columns.to_list(points.values, points.kind)


@given(_VALUES, st.sampled_from([columns.FAST, columns.DENSE]))
def test_values_come_back_to_the_bit(values: list[Value], level: int) -> None:
    points = make(values)

    read = columns.unpack(columns.pack(points, level))

    assert spell(listed(read)) == spell(values)
    assert read.kind == points.kind


@given(st.lists(_FLOATS, min_size=17, max_size=17))
def test_floats_keep_every_bit_even_of_nan(values: list[float]) -> None:
    points = make(values)

    read = columns.unpack(columns.pack(points))

    assert read.values.tobytes() == points.values.tobytes()


@given(
    st.one_of(
        st.lists(_INT64, min_size=1),
        st.lists(st.sampled_from([0, 1, 1, 2, -(1 << 63), (1 << 63) - 1]), min_size=1),
        st.builds(
            lambda first, stride, count: [first + stride * i for i in range(count)],
            st.integers(-(1 << 40), 1 << 40), st.integers(-9, 9), st.integers(1, 50),
        ),
    ),
    st.lists(st.floats(0, 4e9), min_size=1),
)  # fmt: skip
def test_steps_and_times_come_back(steps: list[int], times: list[float]) -> None:
    count = min(len(steps), len(times))
    points = columns.make(steps[:count], times[:count], [0.0] * count)

    read = columns.unpack(columns.pack(points))

    assert read.steps.tolist() == steps[:count]
    assert read.times.tolist() == times[:count]


@given(st.lists(_VALUES, max_size=4))
def test_parts_of_different_kinds_join_without_loss(parts: list[list[Value]]) -> None:
    all_values: list[Value] = [value for part in parts for value in part]
    has_text = any(isinstance(value, str) for value in all_values)

    joined = columns.join([make(part) for part in parts])

    expected = [columns.as_text(v) for v in all_values] if has_text else all_values
    assert spell(listed(joined)) == spell(expected)
    if all_values:
        assert spell(listed(columns.unpack(columns.pack(joined)))) == spell(expected)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], columns.INTEGERS),
        ([1.0, 2.0], columns.FLOATS),
        ([1, 2.0], columns.MIXED),
        ([1 << 63], columns.NUMBERS),
        (["good", 2], columns.TEXTS),
    ],
)
def test_kind_says_how_the_values_are_packed(values: list[Value], kind: str) -> None:
    assert columns.pack(make(values)).kind == kind


def test_texts_beside_numbers_spell_the_numbers() -> None:
    assert listed(make(["a", math.nan, 2, -math.inf])) == ["a", "NaN", "2", "-Infinity"]


def test_values_of_every_kind_can_be_drawn() -> None:
    drawn = [
        columns.to_floats(points.values, points.kind).tolist()
        for points in (make([0.5]), make([2]), make([2, 0.5]), make([1 << 70]))
    ]

    assert drawn == [[0.5], [2.0], [2.0, 0.5], [float(1 << 70)]]
    assert math.isnan(columns.to_floats(make(["a"]).values, columns.TEXTS)[0])


def test_noisy_loss_curve_takes_nine_bytes_a_point() -> None:
    count = 16_384
    index = np.arange(count)
    noise = 1 + 0.05 * np.random.default_rng(7).normal(size=count)
    points = Points(
        index, 1.7e9 + index * 0.01, np.exp(-index / 5000) * noise, columns.FLOATS
    )  # fmt: skip

    chunk = columns.pack(points)

    assert len(chunk.steps) == 17
    assert len(chunk.steps) + len(chunk.times) + len(chunk.values) < 9 * count


def test_a_few_points_take_hardly_more_than_their_numbers() -> None:
    chunk = columns.pack(columns.make(range(5), [1e9 + 0.5] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]))

    assert len(chunk.steps) + len(chunk.times) + len(chunk.values) == 17 + 17 + 41


@pytest.mark.parametrize("data", [b"\x09abc", b"\x02abc", b"\x00abcdefgh", b"\x03" + b"\xff" * 40])
def test_damaged_column_is_an_error(data: bytes) -> None:
    chunk = columns.pack(make([1.5, 2.5]))
    damaged = replace(chunk, values=data)

    with pytest.raises(ValueError, match="column"):
        columns.unpack(damaged)
