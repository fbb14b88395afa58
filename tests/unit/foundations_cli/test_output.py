from __future__ import annotations

import os
import time

import pytest

from foundations_cli.output import (
    answer_json,
    answer_pairs,
    answer_table,
    show_duration,
    show_time,
    show_value,
)
from foundations_wire.metrics import Series


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""), (0, "0.0s"), (0.44, "0.4s"), (9.96, "10s"), (59.4, "59s"), (59.9, "1m 00s"),
        (185, "3m 05s"), (7800, "2h 10m"), (3 * 86400 + 4 * 3600, "3d 04h"),
    ],
)  # fmt: skip
def test_durations_are_short(seconds: float | None, text: str) -> None:
    assert show_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.123456789, "0.123457"), (3, "3"), ("text", "text"), ([1, 2], "[1, 2]"), (None, "null"),
     (True, "true"), ("NaN", "NaN")],
)  # fmt: skip
def test_values_are_shown_as_cells(value: object, text: str) -> None:
    assert show_value(value) == text


def test_times_are_local(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "EST+5")
    time.tzset()

    shown = show_time("2031-05-02T09:00:01.250000Z")
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()

    assert shown == "2031-05-02 04:00:01"


def test_a_table_in_a_pipe_is_neither_cut_nor_coloured(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer_table(("NAME", "N"), [("x" * 300, "1"), ("[red]", None)], right=("N",))

    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"{'x' * 300}  1"
    assert lines[2] == f"[red]{' ' * 295}  –"


def test_pairs_without_a_value_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    answer_pairs([("Id", "1"), ("Reason", None)])

    assert capsys.readouterr().out == "Id  1\n"


def test_json_spells_what_json_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    answer_json(Series("j", "loss", "number", 0, 1, [0], [0.0], [float("nan")]))

    assert '"NaN"' in capsys.readouterr().out
