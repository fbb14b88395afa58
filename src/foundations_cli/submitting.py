"""`foundations submit`: queue a job, show its log, and end with its status if asked."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Callable, Optional

import typer

from foundations_cli.job_options import Entrypoint, Force, NumGpus, Priority, Ram
from foundations_cli.jobs import Config, Server
from foundations_cli.output import answer, answer_json, fail, say
from foundations_cli.sweeping import read_sets, submit_array
from foundations_cli.terminal import show_line
from foundations_client.client import Client
from foundations_client.following import follow_lines, insist, wait_until_final
from foundations_client.submission import Submission, make_ready, try_out
from foundations_client.submission import submit as send
from foundations_client.terms import Terms
from foundations_wire.errors import UnknownJob
from foundations_wire.jobs import JobStatus, JobView
from foundations_wire.many import DryRun

_LOOK_S = 0.5


def submit(  # noqa: PLR0913, PLR0917 (the options of a command are its parameters)
    scheduler_config: Config,
    job_directory: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The job directory: the job gets its files.")
    ],
    command: Annotated[
        Optional[list[str]],
        typer.Argument(
            metavar="COMMAND",
            help="Script and its arguments. All that follows the job directory belongs to it, "
            "also words that look like options.",
        ),
    ] = None,
    entrypoint: Entrypoint = None,
    project_name: Annotated[
        Optional[str], typer.Option(help="Project of the job; else the job directory's name.")
    ] = None,
    num_gpus: NumGpus = None,
    ram: Ram = None,
    priority: Priority = None,
    cpus: Annotated[
        Optional[float], typer.Option(help="CPUs that are kept for the job; none by default.")
    ] = None,
    image: Annotated[
        Optional[str], typer.Option(help="Image of its container, where jobs run in containers.")
    ] = None,
    pull: Annotated[
        Optional[str], typer.Option(help="When the image is fetched: always, missing or never.")
    ] = None,
    time_limit: Annotated[
        Optional[str],
        typer.Option(help="Time after which a running job is ended: 90s, 30m, 1h30m."),
    ] = None,
    grace: Annotated[
        Optional[str], typer.Option(help="Time from the request to end until it is killed.")
    ] = None,
    retries: Annotated[
        Optional[int], typer.Option(help="New attempts after failures of its own code.")
    ] = None,
    infra_retries: Annotated[
        Optional[int], typer.Option(help="New attempts after failures of machines and engines.")
    ] = None,
    after: Annotated[
        Optional[list[str]],
        typer.Option(
            metavar="JOB",
            help="Job that must complete before; JOB:end for any end. May be repeated.",
        ),
    ] = None,
    hold: Annotated[
        bool, typer.Option("--hold", help="Keep it waiting until `queue release`.")
    ] = False,
    array: Annotated[
        Optional[Path],
        typer.Option(
            metavar="FILE",
            help="Queue one job for each parameter set of a file: JSON, JSON lines or .csv.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would become of the job; store nothing."),
    ] = False,
    stream_job_logs: Annotated[
        Optional[bool],
        typer.Option(help="Show the job's log until it ends. Ctrl-C ends the showing only."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end; the exit status is the job's.")
    ] = False,
    force: Force = False,
    server: Server = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the job as JSON, and all else on stderr.")
    ] = False,
) -> None:
    """Queue a job that runs a command in a copy of a folder.

    Options come before the job directory: what follows it is the job's own command line.
    """
    submission = Submission(
        folder=job_directory,
        command=command,
        config=scheduler_config,
        project=project_name,
        entrypoint=entrypoint,
        num_gpus=num_gpus,
        ram_gb=ram,
        priority=priority,
        server=server,
        force=force,
        terms=Terms(
            cpus, time_limit, grace, retries, infra_retries, after or (), hold, image, pull
        ),
    )
    if dry_run:
        _tell_dry_run(try_out(submission, say), as_json=as_json)
        return
    tell = say if as_json else answer
    if array is not None:
        if wait:
            fail("Error: --wait is for one job; `foundations list jobs` shows those of an array")
        sets = read_sets(array)
        tell("Job submission started. Ctrl-C to cancel.")
        submit_array(make_ready(submission, say), sets, as_json=as_json)
        return
    tell("Job submission started. Ctrl-C to cancel.")
    submitted = send(submission, say)
    job = submitted.job
    tell(f"Job submitted with ID '{job.id}' in project '{job.project}'.")
    is_streamed = _wants_stream(stream_job_logs, default=not as_json)
    outcome = _Watch(submitted.client, tell, is_streamed=is_streamed, is_waited=wait).run(job)
    if as_json:
        answer_json(outcome or job)
    if wait:
        raise typer.Exit(exit_status(outcome))


def _tell_dry_run(found: DryRun, *, as_json: bool) -> None:
    if as_json:
        answer_json(found)
    elif found.can_start:
        answer(f"The job would start at once on {found.worker}.")
    else:
        answer(f"The job would wait: {found.reason}")


def _wants_stream(option: Optional[bool], *, default: bool) -> bool:
    if os.environ.get("DISABLE_LOG_STREAMING", "False") != "False":
        return False
    return default if option is None else option


def exit_status(job: Optional[JobView]) -> int:
    """Return 0 for a completed job, else its own exit code if it has one, else 1."""
    if job is None:
        return 1
    if job.status is JobStatus.COMPLETED:
        return 0
    return job.exit_code if job.exit_code and 0 < job.exit_code < 256 else 1


@dataclass(frozen=True)
class _Watch:
    """Accompanies one job from the queue to its end, as far as that is wanted."""

    client: Client
    tell: Callable[[str], None]
    is_streamed: bool
    is_waited: bool

    def run(self, job: JobView) -> Optional[JobView]:
        """Return the final job, or None when its end was not seen."""
        if not (self.is_streamed or self.is_waited):
            return None
        try:
            if self.is_streamed:
                self._stream(job)
            final = wait_until_final(self.client, job.id)
        except KeyboardInterrupt:
            self._explain_interrupt(job)
            raise typer.Exit(130 if self.is_waited else 0) from None
        except UnknownJob:
            self.tell(f"Job '{job.id}' cannot be found any more; was it deleted?")
            return None
        self.tell(_close(final))
        return final

    def _stream(self, job: JobView) -> None:
        self.tell("Job is queued. Ctrl-C stops this output, not the job.")
        started = self._wait_for_start(job)
        if started.status is JobStatus.RUNNING:
            self.tell("Job is running; its output follows.")
        for line in follow_lines(self.client, job.id):
            self.tell(show_line(line))

    def _wait_for_start(self, job: JobView) -> JobView:
        seen, told, job_id = "", "", job.id
        while True:
            job = insist(lambda: self.client.jobs.get(job_id))
            if job.status is not JobStatus.QUEUED:
                return job
            if job.reason and job.reason == seen != told:  # not worth a line if it passes at once
                told = job.reason
                say(f"Waiting: {told}")
            seen = job.reason or ""
            time.sleep(_LOOK_S)

    def _explain_interrupt(self, job: JobView) -> None:
        self.tell("")
        self.tell(
            f"Stopped streaming. Job '{job.id}' goes on; `foundations get logs --follow` "
            f"shows its output and `foundations stop` ends it."
        )


def _close(job: JobView) -> str:
    words = {
        JobStatus.COMPLETED: "has completed",
        JobStatus.FAILED: "has failed",
        JobStatus.STOPPED: "was stopped",
    }
    reason = f" Reason: {job.reason}." if job.reason and job.status is JobStatus.FAILED else ""
    return f"Job '{job.id}' {words[job.status]}.{reason}"
