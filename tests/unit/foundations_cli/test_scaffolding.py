from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foundations_client.configuration import JobConfig, load_job_config


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_project_is_made_with_all_its_files(cli: Any, here: Path) -> None:
    outcome = cli("init", "birds")

    assert outcome.status == 0
    assert outcome.out == "Success: New Foundations project `birds` created!\n"
    assert {path.name for path in (here / "birds").iterdir()} == {
        "README.txt", "data", "main.py", "job.config.yaml", ".foundationsignore",
    }  # fmt: skip
    assert (here / "birds" / "data").is_dir()


def test_the_sample_config_says_nothing_until_it_is_changed(cli: Any, here: Path) -> None:
    cli("init", "birds")

    assert load_job_config(here / "birds") == JobConfig()


def test_the_sample_config_is_right_once_its_comments_are_taken_away(cli: Any, here: Path) -> None:
    cli("init", "birds")
    file = here / "birds" / "job.config.yaml"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line[2:] for line in lines if line.startswith("# ") and ":" in line))

    config = load_job_config(here / "birds")

    assert config.project_name == "my-project"
    assert config.params == {"depth": 4, "learning_rate": 0.01}
    assert config.worker.environment == {"SEED": "7"}


@pytest.mark.scenario(41)
def test_an_existing_folder_is_left_alone(cli: Any, here: Path) -> None:
    (here / "birds").mkdir()
    (here / "birds" / "main.py").write_text("mine")

    outcome = cli("init", "birds")

    assert outcome.status == 1
    assert outcome.out == "Error: project directory for `birds` already exists\n"
    assert [path.name for path in (here / "birds").iterdir()] == ["main.py"]
    assert (here / "birds" / "main.py").read_text() == "mine"


@pytest.mark.parametrize("name", ["../out", "a/b", "..", ""])
def test_a_name_that_is_no_project_name_is_refused(cli: Any, here: Path, name: str) -> None:
    outcome = cli("init", name)

    assert outcome.status == 1
    assert outcome.out.startswith("Error running command: ")
    assert list(here.iterdir()) == []
