from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import typer.main

import foundations_cli
from foundations_cli.main import app
from foundations_client.client import Client
from foundations_wire.versions import VERSION


def list_commands() -> list[tuple[str, ...]]:
    return list(_walk(typer.main.get_command(app), ()))


def _walk(command: Any, path: tuple[str, ...]) -> Any:
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from _walk(child, (*path, name))


@pytest.mark.parametrize("words", [(), ("get",), ("delete",), ("list",), ("show",)])
def test_a_group_alone_prints_its_help(cli: Any, words: tuple[str, ...]) -> None:
    outcome = cli(*words)

    assert outcome.status == 0
    assert "Usage: foundations" in outcome.out


@pytest.mark.parametrize("path", list_commands())
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_help(cli: Any, path: tuple[str, ...], option: str) -> None:
    outcome = cli(*path, option)

    assert outcome.status == 0
    assert f"Usage: foundations {' '.join(path)}".strip() in outcome.out


def test_every_command_and_option_explains_itself() -> None:
    def explain(command: Any) -> list[str]:
        silent = [p.name for p in command.params if not getattr(p, "help", None)]
        silent += [] if command.help else [command.name]
        children = getattr(command, "commands", {}).values()
        return silent + [name for child in children for name in explain(child)]

    assert explain(typer.main.get_command(app)) == []


def test_modules_with_commands_keep_their_annotations_for_python_3_9() -> None:
    folder = Path(foundations_cli.__file__).parent
    breaches = [
        path.name
        for path in folder.glob("*.py")
        if "import typer" in path.read_text()
        and "Annotated" in path.read_text()
        and any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__"
            for node in ast.parse(path.read_text()).body
        )
    ]

    assert breaches == []


def test_the_version_is_printed(cli: Any) -> None:
    outcome = cli("--version")

    assert (outcome.status, outcome.out) == (0, f"Running Foundations version {VERSION}\n")


@pytest.mark.parametrize(
    "words", [("nonsense",), ("submit", "scheduler"), ("list", "jobs", "--limit", "many")]
)
def test_wrong_usage_ends_with_2(cli: Any, words: tuple[str, ...]) -> None:
    assert cli(*words).status == 2


def test_completion_can_be_installed(cli: Any) -> None:
    assert "--install-completion" in cli().out


def test_a_server_that_is_away_is_told_in_one_sentence(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_SERVER", "ftp://nowhere")

    outcome = cli("list", "jobs")

    assert outcome.status == 1
    assert outcome.out.startswith("Error running command: 'ftp://nowhere' is no server address")
    assert "Traceback" not in outcome.out + outcome.err


def test_debug_adds_the_traceback(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUNDATIONS_SERVER", "ftp://nowhere")

    outcome = cli("list", "jobs", "--debug")

    assert outcome.status == 1
    assert "Traceback" in outcome.err
    assert "Error running command:" in outcome.out


def test_an_error_does_not_pollute_json(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOUNDATIONS_SERVER", "ftp://nowhere")

    outcome = cli("list", "jobs", "--json")

    assert outcome.out == ""
    assert "Error running command:" in outcome.err


@pytest.mark.scenario(35)
@pytest.mark.parametrize(
    "words",
    [
        ("submit", "lab", ".", "main.py"),
        ("get", "job", "lab", "1"),
        ("get", "logs", "lab", "1"),
        ("stop", "lab", "1"),
        ("stop", "job", "lab", "1"),
        ("delete", "job", "lab", "1"),
        ("clear-queue", "lab"),
        ("list", "jobs", "--config", "lab"),
    ],
)
def test_an_unknown_config_is_named_by_every_command(
    cli: Any, client: Client, words: tuple[str, ...]
) -> None:
    outcome = cli(*words)

    assert outcome.status == 1
    sentence = "Could not find submission configuration with name: `lab`\n"
    assert outcome.out.endswith(sentence)


def test_an_unknown_config_is_named_even_if_the_server_is(cli: Any, client: Client) -> None:
    outcome = cli("get", "logs", "lab", "1", "--server", "http://127.0.0.1:1")

    assert outcome.status == 1
    assert "`lab`" in outcome.out
