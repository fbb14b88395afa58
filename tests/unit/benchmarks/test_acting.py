from __future__ import annotations

from array import array

from benchmarks.programs.acting import make_curve, summarise, time_calls


def test_median_and_tail_come_from_the_ordered_times() -> None:
    times = array("q", [5000, 1000, 3000, 2000, 4000])

    found = summarise(times)

    assert found == {"median_us": 3.0, "p99_us": 4.0, "max_us": 5.0}


def test_every_value_is_logged_while_the_budget_lasts() -> None:
    logged: list[tuple[int, float]] = []

    found = time_calls(lambda step, value: logged.append((step, value)), [0.5, 0.25], 60.0)

    assert logged == [(0, 0.5), (1, 0.25)]
    assert found["calls"] == 2


def test_the_loop_is_cut_when_the_budget_is_over() -> None:
    found = time_calls(lambda _step, _value: None, [0.0] * 100, 0.0)

    assert found["calls"] == 1


def test_the_curve_is_the_same_every_time_and_falls() -> None:
    curve = make_curve(1000)

    assert curve == make_curve(1000)
    assert sum(curve[:100]) > 10 * sum(curve[-100:])
