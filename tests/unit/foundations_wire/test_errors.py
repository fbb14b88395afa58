from __future__ import annotations

import pickle

import pytest

from foundations_wire import errors
from foundations_wire.errors import AtlasError, OffsetGap, Unavailable, UnknownJob

KINDS = list(errors._BY_CODE.values())  # other packages may derive errors of their own


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_crosses_the_wire_with_sentence_and_details(kind: type[AtlasError]) -> None:
    error = kind("Something is wrong.", expected=7)

    back = errors.from_problem(errors.to_problem(error, "request-1"), kind.status)

    assert type(back) is kind
    assert back.message == str(back) == "Something is wrong."
    assert back.details == {"expected": 7, "request_id": "request-1"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_crosses_a_process_boundary(kind: type[AtlasError]) -> None:
    error = kind("Something is wrong.", expected=7)

    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert type(back) is kind
    assert (back.message, back.details) == (error.message, error.details)


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in KINDS]

    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", KINDS)
def test_every_status_says_that_something_is_wrong(kind: type[AtlasError]) -> None:
    assert 400 <= kind.status < 600


def test_problem_is_what_the_standard_asks_for() -> None:
    problem = errors.to_problem(OffsetGap("Bytes are missing.", expected=3), "r")

    assert problem == {
        "type": "/problems/offset-gap",
        "title": "Offset gap",
        "status": 409,
        "detail": "Bytes are missing.",
        "request_id": "r",
        "expected": 3,
    }


def test_details_never_hide_the_members_of_a_problem() -> None:
    problem = errors.to_problem(UnknownJob("No such job.", status=200, detail="fine"))

    assert (problem["status"], problem["detail"]) == (404, "No such job.")


@pytest.mark.parametrize("answer", [None, "<html>", [], {}, {"error": "x"}])
def test_answer_that_is_no_problem_becomes_an_error_that_names_the_status(answer: object) -> None:
    refused, broken = errors.from_problem(answer, 418), errors.from_problem(answer, 502)

    assert "418" in refused.message
    assert not isinstance(refused, Unavailable)
    assert "502" in broken.message
    assert isinstance(broken, Unavailable)


def test_unknown_code_becomes_the_general_error() -> None:
    problem = {"type": "/problems/from-the-future", "detail": "New."}

    error = errors.from_problem(problem, 409)

    assert type(error) is AtlasError
    assert error.message == "New."
