from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations import reporting
from foundations.settings import apply_execution_config


@pytest.fixture(autouse=True)
def level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of its own, and afterwards the level that the SDK's logger begins with."""
    monkeypatch.chdir(tmp_path)
    yield
    reporting.set_level("INFO")


def write(text: str) -> None:
    path = Path("config/execution/default.config.yaml")
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_messages_below_the_level_of_the_config_are_not_told() -> None:
    write("log_level: ERROR\n")

    apply_execution_config()

    assert logging.getLogger("foundations").level == logging.ERROR


def test_a_config_that_cannot_be_used_is_one_warning(capsys: pytest.CaptureFixture[str]) -> None:
    write("log_level: [\n")

    apply_execution_config()

    output = capsys.readouterr().out
    assert output.count("Foundations WARNING: The execution config is not used: ") == 1
