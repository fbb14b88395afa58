"""The commands, their options and their exit statuses."""

# ruff: noqa: FBT002 (Typer names booleans by their options)

from __future__ import annotations

import json
import sys
import traceback
from dataclasses import asdict
from typing import Annotated

import typer

from foundations_server.command import examining, stopping, worker_image
from foundations_server.command.installations import DEFAULT_PORT, CommandFailed, Installation
from foundations_server.command.options import Wishes
from foundations_server.command.printing import AsJson, Home, answer, say
from foundations_server.command.starting import start as start_programs
from foundations_server.command.worker_commands import worker_app
from foundations_server.platform import ballast
from foundations_wire.errors import AtlasError
from foundations_wire.versions import PROTOCOL, VERSION

NOT_RUNNING = 3  # as LSB says of services

app = typer.Typer(
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


app.add_typer(worker_app, name="worker")
app.add_typer(worker_image.app, name="worker-image")


@app.callback()
def top(
    debug: Annotated[
        bool, typer.Option("--debug", help="Print the traceback of an error; may stand anywhere.")
    ] = False,
) -> None:
    """Run the Atlas server and its local worker."""


@app.command()
def start(  # noqa: PLR0913, PLR0917 (the options of a command are its parameters)
    host: Annotated[
        str | None, typer.Option(help="Loopback address to listen on; else 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            "-d",
            "--dashboard-port",
            min=1,
            max=65535,
            help=f"Port to listen on; else that of the last start, else {DEFAULT_PORT}.",
        ),
    ] = None,
    home: Home = None,
    executor: Annotated[
        str | None,
        typer.Option(metavar="auto|process|docker", help="How jobs are run; auto: as processes."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            "--slots",
            min=0,
            help="Jobs that run at once; else as at the last start, else one per GPU, else "
            "half the CPUs.",
        ),
    ] = None,
    gpus: Annotated[
        int | None, typer.Option(min=0, help="GPUs to declare, for simulation.")
    ] = None,
    worker_options: Annotated[
        str | None,
        typer.Option(help="More options for the worker's program, such as '--ram 16'."),
    ] = None,
    logs: Annotated[
        bool, typer.Option("--logs", "-l", help="Follow the logs; Ctrl-C ends only that.")
    ] = False,
    foreground: Annotated[
        bool,
        typer.Option(
            "--foreground", help="Stay, and end both programs with this one (for services)."
        ),
    ] = False,
    max_schedules: Annotated[
        int | None, typer.Option(min=0, help="Schedules that there may be; else any number.")
    ] = None,
    archive_port: Annotated[
        int | None, typer.Option("--archive-port", "-a", help="Of the original; no effect.")
    ] = None,
    disable_tensorboard: Annotated[
        bool, typer.Option("--disable-tensorboard", "-t", help="Of the original; no effect.")
    ] = False,
    tensorboard_port: Annotated[
        int | None, typer.Option("--tensorboard-port", "-T", help="Of the original; no effect.")
    ] = None,
    scheduler_host: Annotated[
        str | None, typer.Option("--scheduler-host", "-s", help="Of the original; no effect.")
    ] = None,
    auth_server_port: Annotated[
        int | None, typer.Option("--auth-server-port", "-u", help="Of the original; no effect.")
    ] = None,
    enable_gpu: Annotated[
        bool, typer.Option("--enable-gpu", "-g", help="As many slots as there are GPUs.")
    ] = False,
    authentication: Annotated[
        bool, typer.Option("--authentication", "-p", help="Comes with the login.")
    ] = False,
) -> None:
    """Start the server and its worker; both go on in the background."""
    if authentication:
        raise CommandFailed("-p (--authentication) comes with a later version; start without it.")
    _warn_of_old_options({
        "--archive-port": archive_port, "--disable-tensorboard": disable_tensorboard,
        "--tensorboard-port": tensorboard_port, "--scheduler-host": scheduler_host,
        "--auth-server-port": auth_server_port,
    })  # fmt: skip
    wishes = Wishes(
        host, port, executor, workers, gpus, enable_gpu, foreground, worker_options, max_schedules
    )
    installation = Installation.at(home)
    signals = stopping.catch_signals() if foreground else []
    running = start_programs(installation, wishes, say)
    plural = "" if running.slots == 1 else "s"
    answer(f"Atlas {running.version} is ready at {running.address}")
    answer(f"  {running.slots} slot{plural}, executor {running.executor}")
    if foreground:
        raise typer.Exit(stopping.stay(installation, signals, say))
    answer(f"  logs in {installation.server_log.parent}")
    answer("  stop it with `atlas-server stop`")
    if logs:
        _follow(installation)


def _follow(installation: Installation) -> None:
    try:
        stopping.follow_logs(installation, answer)
    except KeyboardInterrupt:
        say("\nNo longer following; Atlas goes on. `atlas-server stop` stops it.")


def _warn_of_old_options(values: dict[str, object]) -> None:
    given = [name for name, value in values.items() if value]
    if given:
        names = ", ".join(given)
        say(f"Warning: {names} of the original Atlas has no effect: one port serves all.")


@app.command()
def stop(home: Home = None) -> None:
    """Stop the server and its worker; jobs that run go on."""
    installation = Installation.at(home)
    if stopping.stop(installation, say):
        answer("Atlas has stopped.")
    else:
        answer(f"Atlas is not running (home {installation.home}).")


@app.command()
def status(home: Home = None, as_json: AsJson = False) -> None:
    """Show whether server and worker run; the exit status is 3 when the server does not."""
    found = examining.examine(Installation.at(home))
    if as_json:
        answer(json.dumps(asdict(found), indent=2))
    else:
        for name, value in examining.describe(found):
            answer(f"{name:<8}{value}")
    if not found.is_running:
        raise typer.Exit(NOT_RUNNING)


@app.command()
def free_ballast(home: Home = None) -> None:
    """Give a full disk 64 MiB back, so that jobs can be deleted; the server may run on."""
    freed = ballast.free(Installation.at(home).home / "data")
    if freed:
        answer(f"{freed >> 20} MiB are free. Delete what you can spare; the next start of the")
        answer("server keeps as much back again once the disk has room.")
    else:
        answer("There is no ballast to free.")


@app.command()
def version(as_json: AsJson = False) -> None:
    """Print the version."""
    answer(json.dumps({"version": VERSION, "protocol": PROTOCOL}) if as_json else VERSION)


@app.command()
def doctor(
    home: Home = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port that the server is to have.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check what Atlas stands on, one line each; the exit status is 1 when something fails."""
    findings = examining.check(Installation.at(home), port)
    if as_json:
        answer(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            answer(f"{finding.result:<6}{finding.name:<9}{finding.text}")
    if any(finding.result == examining.FAIL for finding in findings):
        raise typer.Exit(1)


def main(words: list[str] | None = None) -> int:
    """Run a command line (else the program's own) and return its exit status."""
    given = sys.argv[1:] if words is None else words
    try:
        app(args=[word for word in given if word != "--debug"], prog_name="atlas-server")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130
    except (AtlasError, OSError) as error:
        if "--debug" in given:
            traceback.print_exc()
        say(f"atlas-server: {error}")
        return error.exit_status if isinstance(error, CommandFailed) else 1
    return 0


def run() -> None:
    """Be the console script."""
    sys.exit(main())
