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
