from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.figures import ATLAS
from benchmarks.measuring import Answers, Plan, interleave, make_figures
from benchmarks.running import ProgramFailed, parse


class Case:
    """Answers with its name, and fails from some call on."""

    def __init__(self, name: str, calls: list[str], fails_from: int = 99) -> None:
        self._name = name
        self._calls = calls
        self._fails_from = fails_from

    def __call__(self) -> dict[str, Any]:
        self._calls.append(self._name)
        if self._calls.count(self._name) >= self._fails_from:
            raise ProgramFailed("no more")
        return {"ms": 1.0}


def test_cases_take_turns_in_every_round() -> None:
    calls: list[str] = []
    cases = {name: Case(name, calls) for name in (ATLAS, "peer")}

    answers = interleave(2, cases, required={ATLAS})

    assert calls == [ATLAS, "peer", ATLAS, "peer"]
    assert {name: len(given) for name, given in answers.items()} == {ATLAS: 2, "peer": 2}


def test_a_peer_is_left_out_once_it_fails(capsys: pytest.CaptureFixture[str]) -> None:
    calls: list[str] = []
    cases = {ATLAS: Case(ATLAS, calls), "peer": Case("peer", calls, fails_from=2)}

    answers = interleave(3, cases, required={ATLAS})

    assert len(answers[ATLAS]) == 3
    assert calls.count("peer") == 2
    assert "peer is left out: no more" in capsys.readouterr().err


def test_a_failure_of_ours_ends_the_benchmark() -> None:
    cases = {ATLAS: Case(ATLAS, [], fails_from=1)}

    with pytest.raises(ProgramFailed):
        interleave(1, cases, required={ATLAS})


def test_a_system_without_the_quantity_has_no_row() -> None:
    answers: dict[str, Answers] = {ATLAS: [{"ms": 1.0}], "peer": [{"ms": None}]}

    figures = make_figures("page", "ms", answers, "ms", {})

    assert [figure.system for figure in figures] == [ATLAS]


def test_folders_of_a_run_differ(tmp_path: Path) -> None:
    plan = Plan(1, tmp_path)

    first, second = plan.make_folder("home"), plan.make_folder("home")

    assert first != second


@pytest.mark.parametrize(
    ("line", "answer"), [('{"ms": 1}\n', {"ms": 1}), ("Trackio ready!\n", None), ("12\n", None)]
)
def test_only_objects_in_json_are_answers(line: str, answer: object) -> None:
    assert parse(line) == answer
