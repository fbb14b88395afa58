from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations.settings import apply_execution_config


@pytest.fixture(autouse=True)
def level(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of its own, and the level of the SDK's logger as it was."""
    monkeypatch.chdir(tmp_path)
    logger = logging.getLogger("foundations")
    before = logger.level
    yield
    logger.setLevel(before)


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
