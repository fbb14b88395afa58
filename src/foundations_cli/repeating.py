"""`foundations rerun`: queue a job like another one, with changed parameters if wished."""

import json
from typing import Annotated, Any, Optional

import typer

from foundations_cli.job_options import Priority
from foundations_cli.jobs import Config, JobId, Server
from foundations_cli.output import answer, answer_json, fail
from foundations_cli.sessions import open_session
from foundations_client.durations import read_seconds
from foundations_client.submission import check_priority, split_command


def rerun(  # noqa: PLR0913, PLR0917 (the options of a command are its parameters)
    scheduler_config: Config,
    job_id: JobId,
    param: Annotated[
        Optional[list[str]],
        typer.Option(
            metavar="NAME=VALUE",
            help="Another value of a parameter: JSON, else a text. May be repeated.",
        ),
    ] = None,
    command: Annotated[Optional[str], typer.Option(help="Another command, as one text.")] = None,
    num_gpus: Annotated[Optional[int], typer.Option(help="Another number of GPUs.")] = None,
    priority: Priority = None,
    time_limit: Annotated[
        Optional[str], typer.Option(help="Another time limit: 90s, 30m, 1h30m.")
    ] = None,
    server: Server = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the new job as JSON.")] = False,
) -> None:
    """Queue a new job with the code, command and parameters of another one.

    What is not named stays as it was. A job that ran where it was started has no bundle to
    run again.

    Example: foundations rerun scheduler amber-heron-4 --param lr=0.01
    """
    session = open_session(scheduler_config, server)
    job = session.find_job(job_id)
    said = {
        "params": _read_params(param or []) or None,
        "command": None if command is None else split_command(command),
        "num_gpus": num_gpus,
        "priority": None if priority is None else check_priority(priority),
        "time_limit": None if time_limit is None else read_seconds(time_limit, "--time-limit"),
    }
    changes = {name: value for name, value in said.items() if value is not None}
    new = session.client.jobs.rerun(job.id, changes)
    if as_json:
        answer_json(new)
        return
    answer(f"Job submitted with ID '{new.id}' in project '{new.project}', like {job.name}.")


def _read_params(texts: list[str]) -> dict[str, Any]:
    return dict(_read_param(text) for text in texts)


def _read_param(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not (name and sign):
        fail(f"Error: --param takes NAME=VALUE, not `{text}`")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
