"""Commands about one job: its log, its files, its end."""

import os
import tempfile
import time
from pathlib import Path, PurePosixPath
from typing import Annotated, Optional

import typer

from foundations_cli.choosing import Filter, JobIds, OfProject, choose_jobs, tell_many
from foundations_cli.confirming import Yes
from foundations_cli.output import answer, answer_json, fail, say
from foundations_cli.sessions import Session, open_session
from foundations_client.client import Client
from foundations_client.following import insist
from foundations_wire.archive import ARTIFACTS, FileEntry, Manifest
from foundations_wire.errors import Conflict, InvalidRequest, NotFound
from foundations_wire.jobs import JobSource, JobStatus, JobView

_STOP_PATIENCE_S = 30.0  # a worker's grace for TERM and some more
_LOOK_S = 0.2

Config = Annotated[
    str,
    typer.Argument(
        metavar="CONFIG", help="Name of the submission config; `scheduler` is the default one."
    ),
]
JobId = Annotated[
    str,
    typer.Argument(
        metavar="JOB", help="Id of the job, its beginning, the job's name, or project#number."
    ),
]
Server = Annotated[
    Optional[str],
    typer.Option(help="Address of the server, such as http://127.0.0.1:5555."),
]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def get_job(
    scheduler_config: Config,
    job_id: JobId,
    save_dir: Annotated[
        Optional[Path],
        typer.Option("--save_dir", "--save-dir", help="Folder to write to; ./JOB by default."),
    ] = None,
    source_dir: Annotated[
        str,
        typer.Option(
            "--source_dir", "--source-dir", help="Folder of the job to fetch, instead of all."
        ),
    ] = "",
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Download the files that a job's folder held at its end."""
    session = open_session(scheduler_config, server)
    job = session.find_job(job_id)
    manifest = _get_manifest(session, job)
    files = _choose(manifest.files, source_dir)
    if source_dir and not files:
        fail(f"Error: Could not download Job {job.id}: it has no folder `{source_dir}`")
    target = save_dir or Path.cwd() / job.id
    for path, entry in files.items():
        _fetch(session.client, entry, target / path)
    target.mkdir(parents=True, exist_ok=True)
    if as_json:
        answer_json({"job_id": job.id, "folder": str(target), "files": sorted(files)})
        return
    answer(f"Successfully retrieved Job {job.id} from archive store")
    say(f"{len(files)} file{'' if len(files) == 1 else 's'} in {target}")


def _get_manifest(session: Session, job: JobView) -> Manifest:
    if not job.status.is_final:
        fail(
            f"Error: Could not download Job {job.id}: it is {job.status.value}, and its files "
            f"are archived when it ends"
        )
    try:
        return session.client.archive.get_manifest(job.id, ARTIFACTS)
    except NotFound:
        fail(f"Error: Could not download Job {job.id}: it left no files in the archive")


def _choose(files: list[FileEntry], source_dir: str) -> dict[str, FileEntry]:
    """Return the files below a folder of the job, by their path from there."""
    top = "/".join(part for part in PurePosixPath(source_dir).parts if part not in (".", "/"))
    prefix = f"{top}/" if top else ""
    return {
        _check_path(entry.path)[len(prefix) :]: entry
        for entry in files
        if entry.path.startswith(prefix)
    }


def _check_path(path: str) -> str:
    parts = path.split("/")
    if (
        (os.name == "nt" and "\\" in path)
        or "\0" in path
        or any(part in ("", ".", "..") for part in parts)
    ):
        raise InvalidRequest(f"The archive names a file {path!r}, which cannot be written here.")
    return path


def _fetch(client: Client, entry: FileEntry, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(number, "wb") as file:
            client.archive.get_blob(entry.sha256, file)
        Path(name).chmod(0o755 if entry.mode & 0o100 else 0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def stop(
    scheduler_config: Config,
    job_id: JobIds = None,
    project: OfProject = None,
    filter_: Filter = None,
    yes: Yes = False,
    server: Server = None,
) -> None:
    """Stop jobs that wait or run. Also `foundations stop job CONFIG JOB`.

    One job is waited for; several, or those of a project or a filter, are told to stop.
    """
    session = open_session(scheduler_config, server)
    if job_id and len(job_id) == 1 and project is None and filter_ is None:
        _stop_one(session, session.find_job(job_id[0]))
        return
    chosen = choose_jobs(session, job_id, project, filter_, "Stop", is_sure=yes)
    tell_many(session.client.jobs.stop_many(chosen), "Stopping", "stopped")


def _stop_one(session: Session, job: JobView) -> None:
    if job.status.is_final:
        fail(f"Error: Job `{job.id}` has status `{job.status.value}` and cannot be stopped")
    try:
        stopping = session.client.jobs.stop(job.id)
    except Conflict as error:
        fail(f"Error: {error.message}")
    if stopping.status.is_final:
        what = "Declared ended job" if job.source is JobSource.LOCAL else "Stopped queued job"
        answer(f"{what} {job.id}")
        return
    final = _wait_for_stop(session.client, job.id)
    if final is None:
        fail(f"Error stopping job {job.id}: it has been told to stop and still runs")
    if final.status is not JobStatus.STOPPED:
        fail(f"Error: Job `{job.id}` ended as `{final.status.value}` before it was stopped")
    answer(f"Stopped running job {job.id}")


def _wait_for_stop(client: Client, job_id: str) -> Optional[JobView]:
    deadline = time.monotonic() + _STOP_PATIENCE_S
    while time.monotonic() < deadline:
        job = insist(lambda: client.jobs.get(job_id))
        if job.status.is_final:
            return job
        time.sleep(_LOOK_S)
    return None


def delete_job(
    scheduler_config: Config,
    job_id: JobIds = None,
    project: OfProject = None,
    filter_: Filter = None,
    yes: Yes = False,
    server: Server = None,
) -> None:
    """Delete ended jobs: their records, their logs and their files."""
    session = open_session(scheduler_config, server)
    if job_id and len(job_id) == 1 and project is None and filter_ is None:
        _delete_one(session, session.find_job(job_id[0]))
        return
    chosen = choose_jobs(session, job_id, project, filter_, "Delete", is_sure=yes)
    tell_many(session.client.jobs.delete_many(chosen), "Deleted", "deleted")


def _delete_one(session: Session, job: JobView) -> None:
    try:
        session.client.jobs.delete(job.id)
    except Conflict:
        status = session.client.jobs.get(job.id).status.value
        fail(f"Error: Job `{job.id}` has status `{status}` and cannot be deleted")
    answer(f"Job {job.id} successfully deleted")


def clear_queue(scheduler_config: Config, server: Server = None) -> None:
    """Stop every waiting job of every project; running jobs go on."""
    session = open_session(scheduler_config, server)
    answer(f"Removed {session.client.queue.clear().count} job(s) from queue")
