from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foundations_client.configuration import home


def write_config(kind: str, name: str) -> Path:
    path = home() / "config" / kind / f"{name}.config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("scheduler_url: http://127.0.0.1:5555\n")
    return path


@pytest.mark.scenario(44)
def test_configs_are_listed_by_name_and_path(cli: Any) -> None:
    lab = write_config("submission", "lab")
    execution = write_config("execution", "default")
    write_config("execution", "other")

    outcome = cli("info", "--env")

    rows = [line.split() for line in outcome.out.splitlines()]
    assert rows == [
        ["submission", "configs:"], ["env_name", "env_path"], ["lab", str(lab)],
        ["execution", "configs:"], ["env_name", "env_path"], ["default", str(execution)],
    ]  # fmt: skip


@pytest.mark.scenario(44)
def test_no_config_at_all_is_said(cli: Any) -> None:
    outcome = cli("info", "--env")

    assert (outcome.status, outcome.out) == (0, "No environments available\n")


def test_without_an_option_the_usage_is_printed(cli: Any) -> None:
    outcome = cli("info")

    assert (outcome.status, outcome.out) == (0, "Usage: foundations info --env\n")


def test_json_lists_both_kinds(cli: Any) -> None:
    lab = write_config("submission", "lab")

    outcome = cli("info", "--json")

    assert json.loads(outcome.out) == {
        "submission": [{"name": "lab", "path": str(lab)}], "execution": [],
    }  # fmt: skip
