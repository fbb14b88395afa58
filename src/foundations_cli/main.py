"""The `foundations` command: its parts put together, and its errors told in sentences."""

import os
import sys
import traceback
from typing import Annotated, Any, Callable, Optional

import typer

from foundations_cli import (
    environments,
    fleet,
    jobs,
    limits,
    listing,
    logs,
    queueing,
    repeating,
    scaffolding,
    schedules,
    scheduling,
    submitting,
    syncing,
)
from foundations_cli.arguments import prepare
from foundations_cli.output import Refusal, answer, say
from foundations_client.configuration import UnknownConfig
from foundations_wire.errors import AtlasError
from foundations_wire.versions import VERSION

_SETTINGS = {"help_option_names": ["-h", "--help"]}


def _make_app() -> typer.Typer:
    app = typer.Typer(
        context_settings=_SETTINGS,
        pretty_exceptions_enable=False,
        help="Track machine-learning jobs and run them on workers.",
    )
    app.callback(invoke_without_command=True)(_top)
    app.command(no_args_is_help=False)(scaffolding.init)
    app.command()(submitting.submit)
    app.add_typer(
        _make_group({"job": jobs.get_job, "logs": logs.get_logs}),
        name="get",
        help="Fetch a job's files or its log.",
    )
    app.command()(jobs.stop)
    app.command()(repeating.rerun)
    app.command("clear-queue")(jobs.clear_queue)
    app.add_typer(_make_group({"job": jobs.delete_job}), name="delete", help="Delete a job.")
    app.add_typer(
        _make_group(
            {
                "jobs": listing.list_jobs,
                "projects": listing.list_projects,
                "queue": queueing.list_queue,
            }
        ),
        name="list",
        help="List jobs, projects or the queue.",
    )
    app.add_typer(_make_group({"job": listing.show_job}), name="show", help="Show one job.")
    _add_scheduling(app)
    app.command()(syncing.sync)
    app.command()(environments.info)
    return app


def _add_scheduling(app: typer.Typer) -> None:
    app.add_typer(
        _make_group(
            {
                "create": scheduling.create,
                "list": schedules.list_schedules,
                "show": schedules.show,
                "pause": schedules.pause,
                "resume": schedules.resume,
                "update": scheduling.update,
                "run": schedules.run,
                "delete": schedules.delete,
            }
        ),
        name="schedule",
        help="Run a job again and again: every night, every ten minutes.",
    )
    app.add_typer(
        _make_group(
            {
                "list": queueing.list_queue,
                "why": queueing.why,
                "hold": queueing.hold,
                "release": queueing.release,
                "move": queueing.move,
                "priority": queueing.priority,
                "clear": queueing.clear,
                "limits": limits.limits,
                "limit": limits.limit,
            }
        ),
        name="queue",
        help="See and order what runs and what waits; alone it lists.",
    )
    app.add_typer(
        _make_group(
            {
                "list": fleet.list_workers,
                "drain": fleet.drain,
                "resume": fleet.resume,
                "remove": fleet.remove,
                "lost": fleet.lost,
            }
        ),
        name="workers",
        help="See and look after the workers; alone it lists.",
    )


def _make_group(commands: dict[str, Any]) -> typer.Typer:
    group = typer.Typer(context_settings=_SETTINGS)
    group.callback(invoke_without_command=True)(_show_help_alone)
    for name, function in commands.items():
        group.command(name)(function)
    return group


def _show_help_alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        if text := context.get_help():  # rich has printed it already
            answer(text)
        raise typer.Exit


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        answer(f"Running Foundations version {VERSION}")
        raise typer.Exit


def _top(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 (its callback does the work)
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    debug: Annotated[  # noqa: ARG001 (taken out before parsing; here for the help)
        bool, typer.Option("--debug", help="Print the traceback of an error; may stand anywhere.")
    ] = False,
) -> None:
    _show_help_alone(context)


app = _make_app()


def main(words: Optional[list[str]] = None) -> int:
    """Run a command line (else the program's own) and return its exit status."""
    arguments = prepare(sys.argv[1:] if words is None else words)
    if arguments.stray:
        say(
            f"Warning: {', '.join(arguments.stray)} stands behind the job directory and goes to "
            f"your script; options of the command stand before it."
        )
    try:
        app(args=arguments.words, prog_name="foundations")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        say("Interrupted.")
        return 130
    except BrokenPipeError:
        return _end_quietly()
    except Exception as error:  # noqa: BLE001 (the boundary: a person reads a sentence)
        if arguments.is_debug:
            traceback.print_exc()
        _tell(error, say if arguments.is_json else answer)
        return 1
    return 0


def _tell(error: Exception, tell: Callable[[str], None]) -> None:
    """Print the sentence; when it was stdout that failed, on stderr."""
    try:
        tell(_explain(error))
    except OSError:
        say(_explain(error))
        _end_quietly()


def run() -> None:
    """Be the console script."""
    sys.exit(main())


def _explain(error: Exception) -> str:
    if isinstance(error, (Refusal, UnknownConfig)):
        return error.message
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"Error running command: {error.filename}: {error.strerror}"
    if isinstance(error, (AtlasError, OSError)) and str(error):
        return f"Error running command: {error}"
    return f"Error running command: {type(error).__name__}: {error} (--debug shows where)"


def _end_quietly() -> int:
    """End as a program does whose reader has gone, e.g. `foundations list jobs | head -1`."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return 141
