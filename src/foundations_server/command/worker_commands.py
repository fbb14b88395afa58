"""`atlas-server worker …`: workers beside the one that `start` starts."""

# ruff: noqa: FBT002 (Typer names booleans by their options)

from __future__ import annotations

import json
import shlex
from typing import Annotated

import typer

from foundations_server.command import workers
from foundations_server.command.installations import CommandFailed, Installation
from foundations_server.command.options import choose_executor
from foundations_server.command.printing import AsJson, Home, answer, say
from foundations_server.command.workers import Plan

worker_app = typer.Typer(help="Add workers while Atlas runs, list and remove them.")

Name = Annotated[str, typer.Argument(help="Small letters, digits and dashes.")]


@worker_app.command()
def start(
    name: Name,
    slots: Annotated[
        int, typer.Option("--slots", "--workers", min=1, help="Jobs that it runs at once.")
    ] = 1,
    executor: Annotated[
        str, typer.Option(metavar="auto|process|docker", help="How it runs them.")
    ] = "auto",
    gpus: Annotated[
        int | None, typer.Option(min=0, help="GPUs to declare, for simulation.")
    ] = None,
    worker_options: Annotated[
        str, typer.Option(help="More options for its program, such as '--ram 16'.")
    ] = "",
    home: Home = None,
) -> None:
    """Add a worker; `atlas-server start` will start it too, until it is stopped here."""
    plan = Plan(name, slots, choose_executor(executor), gpus, shlex.split(worker_options))
    workers.add(Installation.at(home), plan, say)
    answer(f"Worker {name} is ready.")


@worker_app.command()
def stop(name: Name, home: Home = None) -> None:
    """Remove a worker; jobs that it runs go on, and are reported when it is added again."""
    if not workers.remove(Installation.at(home), name):
        raise CommandFailed(f"No worker {name} was added to this Atlas.")
    answer(f"Worker {name} has stopped.")


@worker_app.command(name="list")
def list_all(home: Home = None, as_json: AsJson = False) -> None:
    """Show all workers that the server knows."""
    found = list(workers.describe(Installation.at(home)))
    if as_json:
        answer(json.dumps(found, indent=2))
        return
    for worker in found:
        gpus = f", {worker['gpus']} GPUs" if worker["gpus"] else ""
        process = f", process {worker['pid']}" if worker["pid"] else ""
        trouble = f": {worker['trouble']}" if worker["trouble"] else ""
        answer(
            f"{worker['name']}: {worker['status']}, {worker['executor']}, {worker['running']} of "
            f"{worker['slots']} slots taken{gpus}{process}{trouble}"
        )
