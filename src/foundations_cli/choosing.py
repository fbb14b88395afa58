"""Many jobs at once: by name, by project, by filter."""

from typing import Annotated, Optional

import typer

from foundations_cli.confirming import confirm
from foundations_cli.describing import count
from foundations_cli.output import answer, fail, say
from foundations_cli.sessions import Session
from foundations_wire.many import JobsChanged, JobSelection

JobIds = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="[JOB]...",
        help="Ids of jobs, their beginnings, names, or project#number.",
        show_default=False,
    ),
]
OfProject = Annotated[
    Optional[str], typer.Option("--project", help="All jobs of a project that can be.")
]
Filter = Annotated[Optional[str], typer.Option("--filter", help="All jobs that a filter chooses.")]


def choose_jobs(
    session: Session,
    texts: Optional[list[str]],
    project: Optional[str],
    filter_: Optional[str],
    verb: str,
    *,
    is_sure: bool,
) -> JobSelection:
    """Return the jobs that are meant; a person at a terminal is asked when nobody named them."""
    if texts and project is None and filter_ is None:
        return JobSelection([job.id for job in session.find_jobs(texts)])
    if project is None and filter_ is None:
        fail("Error: name a job, or choose some with --project or --filter")
    if texts:
        fail("Error: name jobs, or choose them with --project and --filter; not both")
    found = session.client.jobs.list(project=project, filter=filter_ or "", limit=1).total
    confirm(f"{verb} those that can be of {found} jobs?", is_sure=is_sure)
    return JobSelection(project=project, filter=filter_ or "")


def tell_many(changed: JobsChanged, doing: str, done: str) -> None:
    """Say what became of the jobs; exit status 1 when some that were named were refused."""
    answer(f"{doing} {count(changed.count, 'job')}")
    for job_id, reason in changed.refused.items():
        say(f"Error: {job_id} was not {done}: {reason}")
    if changed.refused:
        raise typer.Exit(1)
