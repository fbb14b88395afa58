from __future__ import annotations

from typing import Any

import pytest

from foundations.exits import Outcome, from_exception, from_exit_value


@pytest.mark.parametrize(
    ("value", "code"),
    [(None, 0), (0, 0), (False, 0), (3, 3), (True, 1), (-1, 255), (256, 0), ("text", 1), ((), 1)],
)
def test_an_exit_value_is_the_code_that_the_shell_sees(value: Any, code: int) -> None:
    outcome = from_exit_value(value)

    expected = Outcome("failed", f"exit code {code}", code) if code else None
    assert outcome == (expected or Outcome("completed", None, 0))


def test_an_exception_is_told_in_one_line() -> None:
    error = ValueError("first\nsecond")

    assert from_exception(error) == Outcome("failed", "ValueError: first", 1, error)


def test_an_exception_without_words_is_told_by_its_name() -> None:
    assert from_exception(ZeroDivisionError()).reason == "ZeroDivisionError"


def test_an_interrupt_has_the_code_of_its_signal() -> None:
    assert from_exception(KeyboardInterrupt()).exit_code == 130


def test_a_block_left_by_an_exit_is_judged_by_its_value() -> None:
    assert from_exception(SystemExit(0)).status == "completed"
    assert from_exception(SystemExit(2)).exit_code == 2
