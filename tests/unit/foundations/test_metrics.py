from __future__ import annotations

import math
from typing import Any

import pytest

import foundations
from support.recording import Tape

EXPLANATION = "Value should be of type string or number, or a list of strings / numbers"


class Scalar:
    """Stands for a numpy or torch scalar."""

    ndim = 0

    def __init__(self, value: Any) -> None:
        self._value = value

    def item(self) -> Any:
        return self._value


class Array:
    """Stands for a numpy array."""

    def __init__(self, items: list[Any], ndim: int = 1) -> None:
        self._items = items
        self.ndim = ndim

    def tolist(self) -> list[Any]:
        return self._items


def points(tape: Tape) -> list[tuple[str, int, Any, str]]:
    return [(e["name"], e["step"], e["value"], e["kind"]) for e in tape.events]


@pytest.mark.scenario(10)
def test_a_list_is_as_many_calls_as_it_has_items(tape: Tape) -> None:
    foundations.log_metric("loss", [1, 2])
    foundations.log_metric("loss", [3])
    foundations.log_metric("loss", [])
    foundations.log_metric("loss", 4)

    assert points(tape) == [("loss", n, n + 1, "number") for n in range(4)]


@pytest.mark.parametrize(
    ("value", "stored", "kind"),
    [
        (True, 1, "number"),
        (0.5, 0.5, "number"),
        ("0.98", "0.98", "text"),
        ("NaN", "NaN", "text"),
        (math.nan, "NaN", "number"),
        (-math.inf, "-Infinity", "number"),
        (2**63 - 1, 2**63 - 1, "number"),
        (2**70, float(2**70), "number"),
        (10**400, "Infinity", "number"),
        (Scalar(3), 3, "number"),
        (Scalar(2.5), 2.5, "number"),
        (Array([0.25]), 0.25, "number"),
    ],
)
def test_a_value_is_stored_as_what_it_is(tape: Tape, value: Any, stored: Any, kind: str) -> None:
    foundations.log_metric("m", value)

    assert points(tape) == [("m", 0, stored, kind)]


def test_steps_are_counted_for_each_metric_unless_they_are_given(tape: Tape) -> None:
    foundations.log_metric("a", 1)
    foundations.log_metric("b", 1, step=100)
    foundations.log_metric("a", 1)
    foundations.log_metrics({"a": [1, 1], "b": 1}, step=Scalar(7))  # type: ignore[arg-type] # numpy

    steps = [(name, step) for name, step, _, _ in points(tape)]
    assert steps == [("a", 0), ("b", 100), ("a", 1), ("a", 7), ("a", 8), ("b", 7)]


@pytest.mark.scenario(11)
@pytest.mark.parametrize("key", [5, 5.44, None])
def test_a_key_that_is_no_text_is_refused_with_its_name(tape: Tape, key: Any) -> None:
    with pytest.raises(ValueError, match=f"^Invalid metric name `{key}`$"):
        foundations.log_metric(key, 1)

    assert tape.events == []


@pytest.mark.scenario(11)
@pytest.mark.parametrize("value", [{"a": 1}, [[2]], Exception, None, [Exception], [None], object])
def test_a_value_that_is_no_metric_is_refused_with_key_and_type(tape: Tape, value: Any) -> None:
    with pytest.raises(TypeError) as caught:
        foundations.log_metric("gain", value)

    shown = str(value)
    shown = shown if len(shown) <= 30 else shown[:30] + " ..."
    assert str(caught.value) == (
        f'Invalid metric with key="gain" of value={shown} with type {type(value)}. {EXPLANATION}'
    )
    assert tape.events == []


def test_a_step_that_is_no_whole_number_is_refused(tape: Tape) -> None:
    with pytest.raises(TypeError, match=r"whole number, not 1\.5"):
        foundations.log_metric("a", 1, step=1.5)  # type: ignore[arg-type] # what is tested


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 1001])
def test_a_name_that_the_server_would_refuse_is_refused_at_once(tape: Tape, key: str) -> None:
    with pytest.raises(ValueError, match="metric name"):
        foundations.log_metric(key, 1)


@pytest.mark.scenario(6)
@pytest.mark.usefixtures("outside")
def test_one_warning_is_given_for_all_calls_outside_a_job(
    capsys: pytest.CaptureFixture[str],
) -> None:
    foundations.log_metric("loss", 1)
    foundations.log_metrics({"loss": 1})
    foundations.log_param("lr", 1)
    foundations.log_params({"lr": 1})
    foundations.set_tag("a")

    assert capsys.readouterr().out.count("Script not run with Foundations.") == 1


@pytest.mark.usefixtures("outside")
def test_arguments_are_checked_outside_a_job_too() -> None:
    with pytest.raises(TypeError):
        foundations.log_metric("loss", {})


class Gathered(float):
    """Stands for numpy's float64, which is a float."""


@pytest.mark.parametrize("value", [0.1, -0.0, 5e-324, 2**53 + 1, -(2**63 - 1), Gathered(2.5)])
@pytest.mark.parametrize("step", [None, 7, -1, Scalar(3), 4.0])
def test_the_quick_way_and_the_first_call_record_the_same(
    tape: Tape, value: Any, step: Any
) -> None:
    for _ in range(2):
        foundations.log_metric("m", value, step)
    foundations.log_metrics({"m": value}, step)

    found = points(tape)
    steps = [0, 1, 2] if step is None else [int(getattr(step, "item", lambda: step)())] * 3
    assert [point[1] for point in found] == steps
    assert all(math.copysign(1, p[2]) == math.copysign(1, value) and p[2] == value for p in found)


@pytest.mark.parametrize("step", ["1", 1.5, object()])
def test_an_odd_step_is_refused_the_quick_way_too(tape: Tape, step: Any) -> None:
    foundations.log_metric("m", 1.0)

    with pytest.raises(TypeError, match="whole number"):
        foundations.log_metric("m", 1.0, step)
    with pytest.raises(ValueError, match="64 bits"):
        foundations.log_metric("m", 1.0, 2**63)
    foundations.log_metric("m", 1.0)

    assert [point[1] for point in points(tape)] == [0, 1]


def test_odd_values_of_a_known_metric_take_the_careful_way(tape: Tape) -> None:
    foundations.log_metric("m", 1.0)

    for value in (True, 2**70, "text", [1, 2.5, "x"], Scalar(3)):
        foundations.log_metric("m", value)
    with pytest.raises(TypeError):
        foundations.log_metrics({"m": 1.0, "n": None})
    with pytest.raises(ValueError, match="Invalid metric name"):
        foundations.log_metric(["m"], 1.0)  # type: ignore[arg-type] # what is tested

    assert [point[1:3] for point in points(tape)] == [
        (0, 1.0), (1, 1), (2, float(2**70)), (3, "text"), (4, 1), (5, 2.5), (6, "x"), (7, 3),
    ]  # fmt: skip


def test_steps_go_on_when_the_journal_begins_a_new_file(tape: Tape) -> None:
    for step in range(30_000):
        foundations.log_metric("m", 0.5)
        foundations.log_metrics({"m": step, "n": 0.25})

    found = points(tape)
    assert [step for name, step, *_ in found if name == "m"] == list(range(60_000))
    assert [step for name, step, *_ in found if name == "n"] == list(range(30_000))
