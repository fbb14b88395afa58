from __future__ import annotations

from typing import Any

import pytest
import typer.main

from foundations_cli.arguments import (
    SCHEDULE_FLAGS,
    SCHEDULE_VALUES,
    SUBMIT_FLAGS,
    SUBMIT_VALUES,
    prepare,
)
from foundations_cli.main import app


def prepare_text(text: str) -> str:
    return " ".join(prepare(text.split()).words)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("submit scheduler . main.py", "submit -- scheduler . main.py"),
        ("submit --wait scheduler . main.py", "submit --wait -- scheduler . main.py"),
        (
            "schedule create --name n --paused scheduler . main.py --every 2",
            "schedule create --name n --paused -- scheduler . main.py --every 2",
        ),
        (
            "--debug schedule --debug create --cron @daily scheduler .",
            "schedule create --cron @daily -- scheduler .",
        ),
        ("schedule update create --every 2", "schedule update create --every 2"),
        ("submit scheduler --ram 4 . main.py", "submit --ram 4 -- scheduler . main.py"),
        ("submit scheduler --ram=4 . main.py", "submit --ram=4 -- scheduler . main.py"),
        ("submit scheduler . main.py --wait -h", "submit -- scheduler . main.py --wait -h"),
        ("submit scheduler . --epochs 3", "submit -- scheduler . --epochs 3"),
        ("submit scheduler . -- main.py -- x", "submit -- scheduler . main.py -- x"),
        ("submit --force -- scheduler . main.py", "submit --force -- scheduler . main.py"),
        ("submit -h", "submit -h"),
        ("submit scheduler", "submit -- scheduler"),
        ("submit --ram", "submit --ram"),
        ("submit --stream-job-logs True a b", "submit --stream-job-logs -- a b"),
        ("submit --stream-job-logs False a b", "submit --no-stream-job-logs -- a b"),
        ("submit --stream-job-logs=False a b", "submit --no-stream-job-logs -- a b"),
        ("submit --stream-job-logs a b", "submit --stream-job-logs -- a b"),
        ("stop job scheduler 1", "stop scheduler 1"),
        ("stop scheduler 1", "stop scheduler 1"),
        ("stop job 1", "stop job 1"),
        ("get job scheduler 1", "get job scheduler 1"),
        ("", ""),
        ("--version", "--version"),
    ],
)
def test_a_command_line_is_put_in_the_parsers_form(given: str, taken: str) -> None:
    assert prepare_text(given) == taken


@pytest.mark.parametrize(
    "text",
    [
        "--debug list jobs",
        "list --debug jobs",
        "list jobs --debug",
        "get --debug logs scheduler 1",
        "submit --debug scheduler . main.py",
        "submit scheduler --debug . main.py",
        "--debug submit scheduler . main.py",
    ],
)
def test_debug_counts_wherever_it_stands(text: str) -> None:
    prepared = prepare(text.split())

    assert prepared.is_debug
    assert "--debug" not in prepared.words


def test_debug_behind_the_job_directory_is_the_scripts() -> None:
    prepared = prepare(["submit", "scheduler", ".", "main.py", "--debug"])

    assert not prepared.is_debug
    assert prepared.words[-1] == "--debug"


def test_script_arguments_that_look_like_ours_are_noticed() -> None:
    prepared = prepare(
        ["submit", "scheduler", ".", "main.py", "--num-gpus=3", "--lr", "2", "--wait"]
    )

    assert prepared.stray == ["--num-gpus=3", "--wait"]


@pytest.mark.parametrize(
    ("names", "values", "flags"),
    [
        (("submit",), SUBMIT_VALUES, SUBMIT_FLAGS),
        (("schedule", "create"), SCHEDULE_VALUES, SCHEDULE_FLAGS),
    ],
)
def test_every_option_before_a_script_is_known_before_parsing(
    names: tuple[str, ...], values: frozenset[str], flags: frozenset[str]
) -> None:
    command: Any = typer.main.get_command(app)
    for name in names:
        command = command.commands[name]
    options = [parameter for parameter in command.params if parameter.name not in (
        "scheduler_config", "job_directory", "command",
    )]  # fmt: skip
    of_flags = {name for o in options if o.is_flag for name in (*o.opts, *o.secondary_opts)}
    of_values = {name for o in options if not o.is_flag for name in o.opts}

    assert of_values == values
    assert of_flags | {"--help", "-h"} == flags
