"""Commands that show what the server knows."""

from dataclasses import replace
from typing import Annotated, Any, Optional

import typer

from foundations_cli.describing import show_id
from foundations_cli.jobs import JobId, Server
from foundations_cli.output import (
    answer,
    answer_heading,
    answer_json,
    answer_pairs,
    answer_table,
    fail,
    say,
    show_duration,
    show_time,
    show_value,
)
from foundations_cli.sessions import open_session
from foundations_client.client import Client
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_client.sizes import show_bytes
from foundations_wire.archive import ArtifactView
from foundations_wire.errors import InvalidFilter
from foundations_wire.jobs import JobPage, JobStatus, JobView
from foundations_wire.search import SYSTEM_PREFIX, point_at

_PAGE = 500  # jobs that the server gives at a time

ConfigOption = Annotated[
    str, typer.Option("--config", metavar="CONFIG", help="Name of the submission config.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="At most so many.")]


def list_jobs(
    project: Annotated[Optional[str], typer.Option(help="Only jobs of this project.")] = None,
    status: Annotated[
        Optional[JobStatus], typer.Option(help="Only jobs with this status.")
    ] = None,
    filter_text: Annotated[
        str,
        typer.Option(
            "--filter", help="Only jobs like this, such as `metrics.loss < 0.1 and tag:baseline`."
        ),
    ] = "",
    sort: Annotated[
        str, typer.Option(help="Fields with commas between; `-` before one for descending.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first unless --sort says otherwise."""
    client = open_session(config, server).client
    chosen = status.value if status else None
    try:
        page = _collect(
            client, limit, project=project, status=chosen, filter=filter_text, sort=sort
        )
    except InvalidFilter as error:
        fail(f"Error: {point_at(filter_text, sort, error)}")
    if as_json:
        answer_json(page)
        return
    if not page.items:
        say("No jobs.")
        return
    answer_table(
        ("NAME", "PROJECT", "STATUS", "CREATED", "DURATION", "ID"),
        (
            (
                job.name,
                job.project,
                job.status.value,
                show_time(job.created_at),
                show_duration(job.duration_seconds),
                show_id(job.id),
            )
            for job in page.items
        ),
        right=("DURATION",),
    )
    if page.total > len(page.items):
        say(f"{len(page.items)} of {page.total} jobs; --limit shows more.")


def _collect(client: Client, limit: int, **query: Any) -> JobPage:
    """Return one page of so many jobs, however many the server gives at a time."""
    jobs: dict[str, JobView] = {}  # by id: a job that starts meanwhile shifts the pages
    offset = 0
    while True:
        page = client.jobs.list(limit=min(limit - len(jobs), _PAGE), offset=offset, **query)
        jobs.update({job.id: job for job in page.items})
        offset += len(page.items)
        if not page.items or len(jobs) >= limit or offset >= page.total:
            return replace(page, items=list(jobs.values()))


def list_projects(
    limit: Limit = 100,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List projects with the number of their jobs."""
    page = open_session(config, server).client.projects.list(limit=limit)
    if as_json:
        answer_json(page)
        return
    if not page.items:
        say("No projects.")
        return
    statuses = [status.value for status in JobStatus]
    answer_table(
        ("PROJECT", "JOBS", *(name.upper() for name in statuses), "CHANGED"),
        (
            (
                project.name,
                str(project.job_count),
                *(str(project.status_counts.get(name, 0)) for name in statuses),
                show_time(project.updated_at),
            )
            for project in page.items
        ),
        right=("JOBS", *(name.upper() for name in statuses)),
    )


def show_job(
    job_id: JobId,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show a job: status, parameters, metrics, tags and artifacts."""
    session = open_session(config, server)
    job = session.find_job(job_id)
    if as_json:
        answer_json(job)
        return
    artifacts = session.client.jobs.artifacts(job.id).items if job.artifact_count else []
    answer_pairs(_describe(job))
    if job.params:
        answer_heading("Parameters")
        answer_pairs((name, show_value(value)) for name, value in sorted(job.params.items()))
    _show_metrics(job)
    if job.tags:
        answer_heading("Tags")
        answer_pairs((key, value or "–") for key, value in sorted(job.tags.items()))
    _show_artifacts(artifacts)
    if job.error and job.error.traceback:
        answer_heading("Error")
        answer(job.error.traceback.rstrip())


def _describe(job: JobView) -> list[tuple[str, Optional[str]]]:
    status = job.status.value
    return [
        ("Job", f"{job.name} (number {job.number} of {job.project})"),
        ("Id", job.id),
        ("Status", status),
        ("Reason", job.reason),
        ("Position", f"{job.queue_position} in the queue" if job.queue_position else None),
        ("Exit code", None if job.exit_code is None else str(job.exit_code)),
        ("Error", f"{job.error.type}: {job.error.message}" if job.error else None),
        ("User", job.user),
        ("Command", " ".join(job.command)),
        ("Worker", job.worker),
        ("GPUs", str(job.num_gpus) if job.num_gpus else None),
        ("Priority", str(job.priority) if job.priority else None),
        ("Created", show_time(job.created_at)),
        ("Started", show_time(job.started_at)),
        ("Ended", show_time(job.ended_at)),
        ("Duration", show_duration(job.duration_seconds)),
        ("Log", show_bytes(job.log_bytes) if job.log_bytes else None),
    ]


def _show_metrics(job: JobView) -> None:
    """Show the metrics that the job logged; those of the machine are in --json."""
    metrics = [metric for metric in job.metrics if not metric.name.startswith(SYSTEM_PREFIX)]
    if not metrics:
        return
    answer_heading("Metrics")
    answer_table(
        ("NAME", "LAST", "MIN", "MAX", "POINTS"),
        (
            (
                metric.name,
                show_value(metric.last),
                "" if metric.min is None else show_value(metric.min),
                "" if metric.max is None else show_value(metric.max),
                str(metric.count),
            )
            for metric in metrics
        ),
        right=("LAST", "MIN", "MAX", "POINTS"),
    )


def _show_artifacts(artifacts: list[ArtifactView]) -> None:
    if not artifacts:
        return
    answer_heading("Artifacts")
    answer_table(
        ("KEY", "FILE", "TYPE", "SIZE"),
        ((item.key, item.path, item.media_type, show_bytes(item.size)) for item in artifacts),
        right=("SIZE",),
    )
