from __future__ import annotations

import enum
import json
import math
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_wire import codec
from foundations_wire.errors import InvalidRequest
from foundations_wire.workers import AttemptFinished

SPECIALS = [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity")]


class Colour(enum.StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    count: int
    share: float = 0.5


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner
    many: list[Inner] = field(default_factory=list)
    named: dict[str, float] = field(default_factory=dict)
    perhaps: int | None = None
    either: int | str = 0
    colour: Colour = Colour.RED
    is_on: bool = False
    anything: Any = None


@pytest.mark.parametrize(("value", "text"), SPECIALS)
def test_special_travels_as_text_and_comes_back(value: float, text: str) -> None:
    encoded = codec.encode({"loss": value})

    assert encoded == b'{"loss":"%s"}' % text.encode()
    assert repr(codec.number(codec.decode(encoded)["loss"])) == repr(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_comes_back_exactly(value: float) -> None:
    back = codec.decode(codec.encode([value]))[0]

    assert back == value
    assert math.copysign(1, back) == math.copysign(1, value)


@given(st.integers())
def test_every_whole_number_comes_back_exactly(value: int) -> None:
    if len(str(value)) < 4000:
        assert codec.decode(codec.encode([value])) == [value]


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=20))
def test_what_is_encoded_is_always_strict_json(value: Any) -> None:
    encoded = codec.encode(value)

    json.loads(encoded, parse_constant=pytest.fail)


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert codec.encode("a\ud800") == b'"a?"'


def test_value_without_a_json_form_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        codec.encode({"x": object()})


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", b"\xff", "[" * 100_000])
def test_text_that_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidRequest, match="not JSON"):
        codec.decode(text)


@pytest.mark.parametrize("value", [None, "nan", "1", [], {}])
def test_other_values_are_no_numbers(value: Any) -> None:
    with pytest.raises(InvalidRequest, match="not a number"):
        codec.number(value)


def test_dataclass_comes_back_equal() -> None:
    outer = Outer(
        "x", Inner(1, math.inf), [Inner(2)], {"a": 1.0}, 3, "text", Colour.RED, True, [None, 1]
    )

    back = codec.build(Outer, codec.decode(codec.encode(outer)))

    assert back == outer


def test_absent_fields_take_their_defaults() -> None:
    outer = codec.build(Outer, {"name": "x", "inner": {"count": 1}})

    assert outer == Outer("x", Inner(1))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "'The body' must be an object, not []."),
        ({"inner": {"count": 1}}, "'name' is missing."),
        ({"name": "x", "inner": {}}, "'inner.count' is missing."),
        ({"name": "x", "inner": {"count": 1}, "nmae": 1}, "'nmae' is not known here"),
        ({"name": 1, "inner": {"count": 1}}, "'name' must be text, not 1."),
        ({"name": "x", "inner": {"count": 1.5}}, "'inner.count' must be a whole number"),
        ({"name": "x", "inner": {"count": True}}, "'inner.count' must be a whole number"),
        ({"name": "x", "inner": {"count": 1, "share": "a"}}, "'inner.share' must be a number"),
        ({"name": "x", "inner": {"count": 1, "share": False}}, "'inner.share' must be a number"),
        ({"name": "x", "inner": {"count": 1}, "many": {}}, "'many' must be a list"),
        ({"name": "x", "inner": {"count": 1}, "many": [1]}, "'many[0]' must be an object"),
        ({"name": "x", "inner": {"count": 1}, "named": {"a": "b"}}, "'named.a' must be a number"),
        ({"name": "x", "inner": {"count": 1}, "perhaps": "b"}, "'perhaps' must be a whole"),
        ({"name": "x", "inner": {"count": 1}, "either": []}, "'either' must be text"),
        ({"name": "x", "inner": {"count": 1}, "colour": "blue"}, "'colour' must be one of red"),
        ({"name": "x", "inner": {"count": 1}, "is_on": 1}, "'is_on' must be true or false"),
    ],
)
def test_data_that_does_not_fit_is_refused_with_its_place(data: Any, sentence: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        codec.build(Outer, data)

    assert sentence in caught.value.message


def test_optional_field_of_a_wire_type_may_be_null() -> None:
    data = {"token": "t", "at": 1.5, "status": "completed", "reason": None, "exit_code": 0}

    assert codec.build(AttemptFinished, data) == AttemptFinished("t", 1.5, "completed", None, 0)


def test_long_value_is_cut_in_the_sentence() -> None:
    with pytest.raises(InvalidRequest) as caught:
        codec.build(Inner, {"count": "x" * 10_000})

    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('"\\ud800"', "surrogate"),
        ('{"\\uDFFF x": 1}', "surrogate"),
        ("[" * 200 + "]" * 200, "nested more than 120 deep"),
        (b'"\xed\xa0\x80"', "not JSON"),
    ],
)
def test_text_is_refused_when_no_program_could_use_it(text: Any, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        codec.decode(text)


def test_escaped_surrogate_pairs_are_one_character() -> None:
    assert codec.decode('"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize("value", [[], {}, 10**400, -(10**2000)])
def test_number_field_takes_only_numbers_that_floats_can_hold(value: Any) -> None:
    with pytest.raises(InvalidRequest, match="'share' must be a"):
        codec.build(Inner, {"count": 1, "share": value})


def test_whole_number_beyond_all_floats_is_no_number() -> None:
    with pytest.raises(InvalidRequest, match="too large"):
        codec.number(10**400)
