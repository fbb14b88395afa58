"""`foundations init`: a project that runs as it is."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from foundations_cli.output import answer, fail
from foundations_wire.ids import check_project_name

_TEMPLATE = Path(__file__).parent / "templates" / "project"


def init(
    project_name: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the project and of its folder.")
    ],
) -> None:
    """Make a sample project in a new folder, ready to run and to submit."""
    check_project_name(project_name)
    folder = Path.cwd() / project_name
    if folder.exists():
        fail(f"Error: project directory for `{project_name}` already exists")
    shutil.copytree(
        _TEMPLATE,
        folder,
        ignore=shutil.ignore_patterns("__pycache__"),
        copy_function=shutil.copyfile,  # the files are the user's from now on, and new
    )
    answer(f"Success: New Foundations project `{project_name}` created!")
