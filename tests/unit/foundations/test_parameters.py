from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import foundations
from foundations.parameters.generate_random_parameters import generate_random_parameters
from support.recording import Tape


class Array:
    ndim = 2

    def tolist(self) -> list[list[int]]:
        return [[1, 2], [3, 4]]


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def params(tape: Tape) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in tape.events}


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (1, 1),
        (True, True),
        (None, None),
        ("a", "a"),
        (math.nan, "NaN"),
        ([1, [2, "x"]], [1, [2, "x"]]),
        ((1, 2), [1, 2]),
        ({"a": {1: 2}}, {"a": {"1": 2}}),
        (Path("data") / "in.csv", "data/in.csv"),
        (Array(), [[1, 2], [3, 4]]),
    ],
)
def test_a_parameter_is_stored_as_plain_data(tape: Tape, value: Any, stored: Any) -> None:
    foundations.log_param("p", value)

    assert params(tape) == {"p": stored}


@pytest.mark.parametrize("value", [object(), {1, 2}, [object()], int, b"bytes"])
def test_a_parameter_without_a_json_form_is_refused_by_name(tape: Tape, value: Any) -> None:
    with pytest.raises(TypeError, match="`p"):
        foundations.log_param("p", value)

    assert tape.events == []


def test_a_dict_of_parameters_is_logged_flattened(tape: Tape) -> None:
    foundations.log_params({"opt": {"lr": 1}, "layers": [5, {"n": 6}]})

    assert params(tape) == {"opt_lr": 1, "layers_0": 5, "layers_1_n": 6}


@pytest.mark.scenario(14)
@pytest.mark.parametrize(
    ("nested", "flat"),
    [
        ({}, {}),
        ({"a": None}, {"a": None}),
        ({"a": {}}, {"a": None}),
        ({"a": []}, {"a": None}),
        ({"a": [[1, 2], [3]]}, {"a_0_0": 1, "a_0_1": 2, "a_1_0": 3}),
        ({"a": {"b": {"c": True}}}, {"a_b_c": True}),
        (
            {"layers": [{"n": 5}, {"n": 6}], "opt": {"lr": 1}},
            {"layers_0_n": 5, "layers_1_n": 6, "opt_lr": 1},
        ),
        ({"a": (1, "x")}, {"a_0": 1, "a_1": "x"}),
    ],
)
def test_nested_parameters_become_columns(nested: Any, flat: Any) -> None:
    assert foundations.flatten_parameter_dictionary(nested) == flat


def test_a_warning_is_given_when_two_parameters_get_one_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    flat = foundations.flatten_parameter_dictionary({"a": {"b": 1}, "a_b": 2})

    assert flat == {"a_b": 2}
    assert "WARNING: Two parameters are both named `a_b`" in capsys.readouterr().out


@pytest.mark.scenario(13)
@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_there_are_no_parameters_when_the_file_is_missing_or_empty(
    tape: Tape, text: str | None
) -> None:
    if text is not None:
        Path("foundations_job_parameters.json").write_text(text)

    assert foundations.load_parameters() == {}
    assert tape.events == []


@pytest.mark.scenario(13)
def test_nothing_is_logged_when_it_is_not_wanted(tape: Tape) -> None:
    Path("foundations_job_parameters.json").write_text('{"a": {"b": 1}}')

    quiet = foundations.load_parameters(log_parameters=False)
    before = tape.events
    foundations.load_parameters()

    assert quiet == {"a": {"b": 1}}
    assert before == []
    assert params(tape) == {"a_b": 1}


@pytest.mark.scenario(13)
def test_a_file_that_is_no_json_is_an_error(tape: Tape) -> None:
    Path("foundations_job_parameters.json").write_text("{a: 1}")

    with pytest.raises(json.JSONDecodeError):
        foundations.load_parameters()


def test_a_file_that_is_no_object_is_an_error(tape: Tape) -> None:
    Path("foundations_job_parameters.json").write_text("[1]")

    with pytest.raises(ValueError, match="must hold a JSON object"):
        foundations.load_parameters()


@pytest.mark.scenario(20)
@pytest.mark.parametrize("keys", [("min_count", "max_count"), ("count_min", "count_max")])
def test_random_parameters_lie_within_their_bounds(keys: tuple[str, str]) -> None:
    space = {
        "one": {"min": -1, "max": 1.5},
        "many": {"min": 0, "max": 1, keys[0]: 2, keys[1]: 3},
        "same": {"min": 0, "max": 1, keys[0]: 2, keys[1]: 2},
        "choice": ["a", "b"],
        "fixed": "adam",
    }

    drawn = [generate_random_parameters(space) for _ in range(50)]

    assert all(-1 <= draw["one"] <= 1.5 for draw in drawn)
    assert {len(draw["many"]) for draw in drawn} == {2, 3}
    assert {len(draw["same"]) for draw in drawn} == {2}
    assert {draw["choice"] for draw in drawn} == {"a", "b"}
    assert {draw["fixed"] for draw in drawn} == {"adam"}


@pytest.mark.scenario(20)
def test_a_search_space_that_is_no_dict_is_refused() -> None:
    with pytest.raises(TypeError):
        foundations.generate_random_parameters([1])  # type: ignore[arg-type] # what is tested


@pytest.mark.parametrize("entry", [[], {"min": 0, "max": 1, "min_count": 3, "max_count": 2}])
def test_an_entry_without_any_choice_is_refused_by_name(entry: Any) -> None:
    with pytest.raises(ValueError, match="`p`"):
        foundations.generate_random_parameters({"p": entry})
