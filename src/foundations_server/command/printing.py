"""What all commands of `atlas-server` have in common: two options, and how they talk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option(help="Folder for all data; else FOUNDATIONS_HOME, else ~/.foundations."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def say(text: str) -> None:
    """Tell a person something."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 (a command talks)


def answer(text: str) -> None:
    """Print what was asked for."""
    print(text, flush=True)  # noqa: T201 (a command answers)
