"""`foundations sync`: bring in what jobs reported while no server could be reached."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from foundations_cli.jobs import Server
from foundations_cli.listing import AsJson, ConfigOption
from foundations_cli.output import answer, answer_json, fail, say
from foundations_cli.sessions import open_session
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_client.journal import journal_root
from foundations_client.shipping import DrainReport, drain


def sync(
    path: Annotated[
        Optional[Path],
        typer.Argument(
            metavar="PATH",
            help="Folder of journals, e.g. copied from another machine; by default this "
            "user's own.",
        ),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Send the server what scripts logged while it was away."""
    if path is not None and not path.is_dir():
        fail(f"Error: there is no folder `{path}`")
    session = open_session(config, server)
    report = drain(path or journal_root(), session.client)
    if as_json:
        answer_json(report)
    else:
        _describe(report)
    if report.problems:
        raise typer.Exit(1)


def _describe(report: DrainReport) -> None:
    for job_id in report.shipped:
        answer(f"Brought in job {job_id}")
    if report.live:
        say(f"Still running, and reporting for themselves: {', '.join(report.live)}")
    for problem in report.problems:
        say(f"Error: {problem}")
    for file in report.refused:
        say(f"The server refused some events; they are kept in {file}.")
    if not (report.shipped or report.live or report.problems):
        say("Nothing to bring in.")
