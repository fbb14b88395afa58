"""`foundations info`: which configs there are."""

from pathlib import Path
from typing import Annotated

import typer

from foundations_cli.output import answer, answer_json, answer_table
from foundations_client.configuration import list_configs


def info(
    env: Annotated[
        bool, typer.Option("--env", help="List the submission and execution configs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Show which configs `foundations` knows."""
    if not env and not as_json:
        answer("Usage: foundations info --env")
        return
    submission = list_configs("submission")
    execution = [found for found in list_configs("execution") if found[0] == "default"]
    if as_json:
        answer_json({"submission": _objects(submission), "execution": _objects(execution)})
    elif not submission and not execution:
        answer("No environments available")
    else:
        _show("submission configs:", submission)
        _show("execution configs:", execution)


def _objects(configs: list[tuple[str, Path]]) -> list[dict[str, str]]:
    return [{"name": name, "path": str(path)} for name, path in configs]


def _show(heading: str, configs: list[tuple[str, Path]]) -> None:
    if configs:
        answer(heading)
        answer_table(
            ("env_name", "env_path"), ((n, str(p)) for n, p in configs), fold=("env_path",)
        )
