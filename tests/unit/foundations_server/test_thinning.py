from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_server.metrics import columns
from foundations_server.metrics.columns import Points, Value
from foundations_server.metrics.thinning import STEP, TIME, Buckets, thin

_NUMBERS = st.one_of(
    st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf, -0.0])
)  # fmt: skip
_POINTS = st.lists(st.tuples(st.integers(-5000, 5000), _NUMBERS), min_size=1, max_size=60)


def make(pairs: Sequence[tuple[int, Value]]) -> Points:
    steps = [step for step, _ in pairs]
    return columns.make(steps, [1e9 + step / 8 for step in steps], [value for _, value in pairs])


def listed(column: Any) -> list[Any]:
    return list(column if isinstance(column, list) else column.tolist())


def show(buckets: Buckets) -> str:
    return repr({name: listed(c) for name, c in vars(buckets).items() if name != "width"})


@given(_POINTS, st.integers(2, 40), st.sampled_from([STEP, TIME]))
def test_every_point_is_in_one_bucket_and_buckets_are_few(
    pairs: list[tuple[int, float]], most: int, axis: str
) -> None:
    points = make(pairs)

    buckets = thin(points, axis, most)

    x = np.array(listed(buckets.x))
    assert 1 <= len(x) <= most
    assert (x / buckets.width == np.floor(x / buckets.width)).all()
    assert math.log2(buckets.width) % 1 == 0
    counted = buckets.n + buckets.nan + buckets.above + buckets.below
    assert counted.sum() == len(pairs)
    assert buckets.nan.sum() == sum(math.isnan(value) for _, value in pairs)


@given(_POINTS, st.integers(2, 40))
def test_bucket_tells_of_its_finite_numbers(
    pairs: list[tuple[int, float]], most: int
) -> None:  # fmt: skip
    buckets = thin(make(pairs), STEP, most)

    for index, x in enumerate(buckets.x.tolist()):
        inside = [v for step, v in pairs if x <= step < x + buckets.width and math.isfinite(v)]
        assert buckets.n[index] == len(inside)
        if inside:
            assert buckets.min[index] == min(inside)
            assert buckets.max[index] == max(inside)
            assert buckets.mean[index] == pytest.approx(math.fsum(inside) / len(inside), abs=1e-6)
        else:
            assert math.isnan(buckets.last[index])
            assert math.isnan(buckets.mean[index])


def test_new_points_change_the_last_bucket_only() -> None:
    values = np.random.default_rng(3).normal(size=4096)
    points = Points(np.arange(4096), np.arange(4096) * 0.5, values, columns.FLOATS)

    before = thin(points.cut(slice(4000)), STEP, 512)
    after = thin(points, STEP, 512)

    whole = len(before.x) - 1
    assert before.width == after.width == 8
    for name in ("x", "last", "mean", "min", "max", "n"):
        left, right = getattr(before, name)[:whole], getattr(after, name)[:whole]
        assert left.tolist() == right.tolist()


def test_few_points_are_kept_one_by_one() -> None:
    buckets = thin(make([(0, 0.5), (1000, -0.0), (2000, 1.5)]), STEP, 3)

    assert buckets.width == 1
    assert buckets.x.tolist() == [0, 1000, 2000]
    assert repr(listed(buckets.last)) == "[0.5, -0.0, 1.5]"


def test_last_is_the_one_logged_last_when_steps_repeat_or_go_back() -> None:
    buckets = thin(make([(5, 1.0), (0, 2.0), (5, 3.0), (0, 4.0), (0, math.nan)]), STEP, 10)

    assert buckets.x.tolist() == [0, 5]
    assert listed(buckets.last) == [4.0, 3.0]
    assert buckets.nan.tolist() == [1, 0]


def test_spike_is_kept_however_narrow_it_is() -> None:
    values = np.zeros(100_000)
    values[54_321] = 9.0
    points = Points(np.arange(100_000), np.arange(100_000) * 0.1, values, columns.FLOATS)

    assert max(listed(thin(points, STEP, 100).max)) == 9.0
    assert max(listed(thin(points, TIME, 100).max)) == 9.0


@pytest.mark.parametrize("others", [[], [0.5], [1 << 70]])
def test_whole_numbers_keep_every_digit(others: list[Value]) -> None:
    most, least = (1 << 63) - 1, -(1 << 63)
    values: list[Value] = [most, *others, least]

    buckets = thin(make([(step % 2, value) for step, value in enumerate(values)]), STEP, 2)

    assert least in listed(buckets.min)
    assert most in listed(buckets.max) or (1 << 70) in listed(buckets.max)


def test_mean_of_huge_numbers_does_not_overflow() -> None:
    pairs: list[tuple[int, Value]] = [(step, 1.5e308) for step in range(4)]

    buckets = thin(make([*pairs, (1000, 1.0)]), STEP, 2)

    assert listed(buckets.mean) == [1.5e308, 1.0]


def test_texts_show_the_last_of_each_bucket() -> None:
    buckets = thin(make([(0, "a"), (1, "b"), (9, "c")]), STEP, 2)

    assert (listed(buckets.last), buckets.n.tolist()) == (["b", "c"], [2, 1])


@given(_POINTS)
def test_same_points_give_the_same_buckets(pairs: list[tuple[int, float]]) -> None:
    assert show(thin(make(pairs), STEP, 7)) == show(thin(make(pairs), STEP, 7))


def test_ends_of_the_range_of_steps_fit() -> None:
    buckets = thin(make([(-(1 << 63), 1.0), ((1 << 63) - 1, 2.0), (0, 3.0)]), STEP, 2)

    assert buckets.n.sum() == 3
    assert len(buckets.x) <= 3
