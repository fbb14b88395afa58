"""`foundations sync`: bring in what jobs reported while no server could be reached."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from foundations_cli.jobs import Server
from foundations_cli.listing import AsJson, ConfigOption
from foundations_cli.output import answer, answer_json, fail, say
from foundations_cli.sessions import open_session
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_client.journal import journal_root, list_jobs, locate_journals
from foundations_client.shipping import DrainReport, drain


def sync(
    path: Annotated[
        Optional[Path],
        typer.Argument(
            metavar="PATH",
            help="Folder of journals, or of one job or process in it, e.g. copied from another "
            "machine; by default this user's own.",
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
    root, only = locate_journals(path or journal_root())
    report = DrainReport()
    for job_id in [only] if only else list_jobs(root):
        part = drain(root, session.client, job_id=job_id)
        if not as_json:
            _tell(part)
        _add(report, part)
    if as_json:
        answer_json(report)
    else:
        _sum_up(report)
    if report.problems:
        raise typer.Exit(1)


def _tell(part: DrainReport) -> None:
    """Say what became of one job, as soon as it is known."""
    for job_id in part.shipped:
        answer(f"Brought in job {job_id} ({_count(part.events, 'event')})")
    for job_id in part.live:
        say(f"Job {job_id} still runs, and reports for itself.")
    for problem in part.problems:
        say(f"Error: {problem}")
    for file in part.refused:
        say(f"The server refused some events; they are kept in {file}.")


def _add(report: DrainReport, part: DrainReport) -> None:
    report.shipped += part.shipped
    report.live += part.live
    report.problems += part.problems
    report.refused += part.refused
    report.events += part.events


def _sum_up(report: DrainReport) -> None:
    if not (report.shipped or report.live or report.problems or report.refused):
        answer("Nothing to bring in.")
        return
    parts = [f"{_count(len(report.shipped), 'job')} and {_count(report.events, 'event')} came in"]
    if report.live:
        parts.append(f"{_count(len(report.live), 'job')} still running")
    if report.problems:
        parts.append(_count(len(report.problems), "problem"))
    answer(", ".join(parts) + ".")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
