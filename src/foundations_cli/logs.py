"""`foundations get logs`: what a job printed, so far or as it comes."""

import re
from datetime import datetime
from typing import Annotated, Optional

import typer

from foundations_cli.jobs import AsJson, Config, JobId, Server
from foundations_cli.output import answer_json, fail, say
from foundations_cli.sessions import open_session
from foundations_cli.terminal import LogPrinter
from foundations_client.client import Client
from foundations_client.following import Beginning, follow_chunks, read_chunks
from foundations_wire.jobs import JobStatus
from foundations_wire.logs import tell_gap
from foundations_wire.times import to_iso

_AGO = re.compile(r"\d{1,9}[smhd]")


def get_logs(
    scheduler_config: Config,
    job_id: JobId,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the job ends.")
    ] = False,
    since: Annotated[
        Optional[str],
        typer.Option(
            metavar="TIME",
            help="Begin at what came then or later: 90s, 10m, 2h, 1d ago, or 2031-05-02T09:00.",
        ),
    ] = None,
    tail: Annotated[
        Optional[int], typer.Option(min=0, max=1_000_000, help="Begin with so many last lines.")
    ] = None,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Print the log of a job."""
    if follow and as_json:
        fail("Error: --json prints the log as one text, so it cannot follow; drop --follow")
    if since is not None and tail is not None:
        fail("Error: --since and --tail both say where to begin; drop one of them")
    beginning = Beginning(_read_moment(since) if since is not None else None, tail)
    session = open_session(scheduler_config, server)
    job = session.find_job(job_id)
    if job.status is JobStatus.QUEUED and not job.log_bytes and not follow:
        fail(f"Error: Job `{job.id}` is queued and has not produced any logs")
    if as_json:
        answer_json({"job_id": job.id, "log": _read(session.client, job.id, beginning)})
        return
    try:
        _print(session.client, job.id, beginning, is_followed=follow)
    except KeyboardInterrupt:
        if not follow:
            raise
        say(f"\nStopped following. Job '{job.id}' goes on.")


def _print(client: Client, job_id: str, beginning: Beginning, *, is_followed: bool) -> None:
    chunks = follow_chunks if is_followed else read_chunks
    printer = LogPrinter()
    try:
        for chunk in chunks(client, job_id, beginning):
            if chunk.missing:
                printer.print_line(tell_gap(chunk.missing))
            printer.print(chunk.data)
    finally:
        printer.close()


def _read(client: Client, job_id: str, beginning: Beginning) -> str:
    pieces: list[bytes] = []
    for chunk in read_chunks(client, job_id, beginning):
        if chunk.missing:
            pieces.append(tell_gap(chunk.missing))
        pieces.append(chunk.data)
    return b"".join(pieces).decode("utf-8", "replace")


def _read_moment(text: str) -> str:
    """Return the text as the server takes it; a moment without a zone is local time."""
    if _AGO.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        fail(
            f"Error: --since takes 90s, 10m, 2h, 1d or a time such as 2031-05-02T09:00, not {text}"
        )
    return to_iso(moment.timestamp())
