"""`foundations queue …`: what runs, what waits and why, and in which order."""

from typing import Annotated, Callable, Optional

import typer

from foundations_cli.describing import (
    count,
    show_after,
    show_id,
    show_needs,
    show_priority,
    show_time_since,
    show_why,
)
from foundations_cli.jobs import JobId, Server
from foundations_cli.listing import AsJson, ConfigOption
from foundations_cli.output import (
    answer,
    answer_heading,
    answer_json,
    answer_pairs,
    answer_table,
    fail,
    say,
)
from foundations_cli.sessions import Session, open_session
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_client.submission import check_priority
from foundations_wire.errors import Conflict, NotFound
from foundations_wire.jobs import JobStatus, JobView, Queue

JobIds = Annotated[
    list[str],
    typer.Argument(
        metavar="JOB...", help="Ids of jobs, their beginnings, names, or project#number."
    ),
]


def list_queue(
    limit: Annotated[
        int, typer.Option(min=1, max=500, help="At most so many, of those that run and wait each.")
    ] = 50,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many first.")] = 0,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List what runs and what waits, in the order in which it will start, and why it waits."""
    queue = open_session(config, server).client.queue.get(limit=limit, offset=offset)
    if as_json:
        answer_json(queue)
        return
    if not queue.running_total and not queue.waiting_total:
        say("Nothing runs and nothing waits.")
        return
    if queue.running:
        _show_running(queue)
    if queue.running and queue.waiting:
        answer("")
    if queue.waiting:
        _show_waiting(queue)
    _tell_rest(queue, offset)


def _show_running(queue: Queue) -> None:
    answer_table(
        ("RUNNING", "PROJECT", "WORKER", "NEEDS", "FOR", "ID", "NOTE"),
        (
            (
                job.name,
                job.project,
                job.worker,
                show_needs(job),
                show_time_since(job.started_at),
                show_id(job.id),
                job.reason,
            )
            for job in queue.running
        ),
        right=("FOR",),
        fold=("NEEDS", "NOTE"),
        optional=("NEEDS", "NOTE"),
    )


def _show_waiting(queue: Queue) -> None:
    answer_table(
        ("#", "WAITING", "PROJECT", "NEEDS", "PRIORITY", "ID", "WHY"),
        (
            (
                str(job.queue_position or ""),
                job.name,
                job.project,
                show_needs(job),
                show_priority(job.priority),
                show_id(job.id),
                show_why(job),
            )
            for job in queue.waiting
        ),
        right=("#",),
        fold=("NEEDS", "WHY"),
        optional=("NEEDS", "PRIORITY"),
    )


def _tell_rest(queue: Queue, offset: int) -> None:
    parts = [
        f"{shown} of {total} {what}"
        for shown, total, what in (
            (len(queue.running), queue.running_total, "running"),
            (len(queue.waiting), queue.waiting_total, "waiting"),
        )
        if shown < total
    ]
    if parts:
        more = offset + max(len(queue.running), len(queue.waiting))
        say(f"{' and '.join(parts)} are shown; --limit or --offset {more} shows more.")


def why(
    job_id: JobId,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Say why a job waits: what it needs, what is free, who holds the rest, its position."""
    job = open_session(config, server).find_job(job_id)
    if as_json:
        answer_json(
            {
                "job_id": job.id,
                "status": job.status.value,
                "position": job.queue_position,
                "reason": job.reason,
            }
        )
        return
    answer_heading(_sum_up(job), is_first=True)
    answer_pairs(
        [
            ("Why", show_why(job)),
            ("Needs", show_needs(job) or "1 slot"),
            ("Priority", show_priority(job.priority)),
            ("After", show_after(job)),
        ]
    )


def _sum_up(job: JobView) -> str:
    if job.status is JobStatus.RUNNING:
        where = f" on {job.worker}" if job.worker else ""
        return f"{job.name} does not wait: it has been running{where} for " + (
            show_time_since(job.started_at) or "a moment"
        )
    if job.status.is_final:
        return f"{job.name} does not wait: it is {job.status.value}"
    if job.queue_position is None:
        return f"{job.name} starts now"
    return f"{job.name} waits at position {job.queue_position}"


def hold(
    job_ids: JobIds,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Keep waiting jobs from starting until they are released."""
    session = open_session(config, server)
    _change_each(session, job_ids, session.client.queue.hold, "Held job {}", as_json=as_json)


def release(
    job_ids: JobIds,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Let held jobs start when their turn comes."""
    session = open_session(config, server)
    _change_each(
        session, job_ids, session.client.queue.release, "Released job {}", as_json=as_json
    )


def _change_each(
    session: Session,
    texts: list[str],
    change: Callable[[str], JobView],
    sentence: str,
    *,
    as_json: bool,
) -> None:
    """Change jobs one after another; what is refused is told, and the others are changed."""
    changed: list[JobView] = []
    refused: list[str] = []
    for job in session.find_jobs(texts):
        try:
            changed.append(change(job.id))
        except (Conflict, NotFound) as error:
            refused.append(f"Error: {error.message}")
            continue
        if not as_json:
            answer(sentence.format(job.id))
    if as_json:
        answer_json(changed)
    if refused:
        fail("\n".join(refused))


def move(
    job_id: JobId,
    position: Annotated[
        int,
        typer.Argument(
            metavar="POSITION", min=1, help="1 is the head of the jobs of its priority."
        ),
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Put a waiting job at another place among the jobs of its priority."""
    session = open_session(config, server)
    job = session.find_job(job_id)
    session.client.queue.move(job.id, position)
    moved = session.client.jobs.get(job.id)
    if as_json:
        answer_json(moved)
        return
    where = f"is at position {moved.queue_position}" if moved.queue_position else "starts now"
    answer(f"Moved job {job.id}; it {where}")
    among = f"those of priority {show_priority(moved.priority) or 'normal'}"
    if moved.queue_position and moved.queue_position > position:
        say(f"Jobs of a higher priority stay before it: {position} counts among {among}.")


def priority(
    job_id: JobId,
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="PRIORITY", help="low, normal, high, or a whole number; larger goes first."
        ),
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Give a waiting job another priority; it goes behind those that have that one.

    A number below zero comes after `--`: foundations queue priority -- JOB -5
    """
    number = check_priority(wanted)
    session = open_session(config, server)
    job = session.client.queue.set_priority(session.find_job(job_id).id, number)
    if as_json:
        answer_json(job)
        return
    where = f"is at position {job.queue_position}" if job.queue_position else "starts now"
    answer(f"Job {job.id} has priority {show_priority(number) or 'normal'} and {where}")


def clear(
    project: Annotated[
        Optional[str], typer.Option(help="Only jobs of this project; else of all projects.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Stop every waiting job, or those of a project; running jobs go on."""
    cleared = open_session(config, server).client.queue.clear(project)
    if as_json:
        answer_json(cleared)
        return
    answer(f"Removed {count(cleared.count, 'job')} from the queue")
