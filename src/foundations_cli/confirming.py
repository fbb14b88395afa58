"""Asking before what cannot be undone."""

import sys
from typing import Annotated

import typer

from foundations_cli.output import fail

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; off a terminal nobody is.")]


def confirm(question: str, *, is_sure: bool) -> None:
    """Go on when the person at the terminal says yes, or when nobody is there to ask."""
    if is_sure or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        fail("Nothing was changed.")
