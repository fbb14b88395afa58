"""`foundations queue limits` and `limit`: how much a project or a user may hold at once."""

from typing import Annotated, Optional

import typer

from foundations_cli.describing import count
from foundations_cli.jobs import Server
from foundations_cli.listing import AsJson, ConfigOption
from foundations_cli.output import answer, answer_json, answer_table, fail, say
from foundations_cli.sessions import open_session
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_wire.queue import LimitView


def limits(
    config: ConfigOption = DEFAULT_CONFIG, server: Server = None, as_json: AsJson = False
) -> None:
    """List the limits of projects and users."""
    found = open_session(config, server).client.limits.list()
    if as_json:
        answer_json(found)
        return
    if not found.items:
        say("There are no limits.")
        return
    answer_table(
        ("SCOPE", "NAME", "RUNNING", "GPUS"),
        ((item.scope, item.name, _show(item.running), _show(item.gpus)) for item in found.items),
        right=("RUNNING", "GPUS"),
    )


def limit(
    project: Annotated[
        Optional[str],
        typer.Option(help="Project to limit; `*` for every one without a limit of its own."),
    ] = None,
    user: Annotated[
        Optional[str],
        typer.Option(help="User to limit; `*` for every one without a limit of their own."),
    ] = None,
    running: Annotated[
        Optional[int], typer.Option(min=0, help="The most jobs on workers at once.")
    ] = None,
    gpus: Annotated[Optional[int], typer.Option(min=0, help="The most GPUs at once.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the limit.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Limit what the jobs of a project or a user may hold at once, or remove the limit.

    What is not named is not limited. Jobs that run go on; the others wait.

    Example: foundations queue limit --project birds --running 4 --gpus 2
    """
    if (project is None) == (user is None):
        fail("Error: name who is limited with --project or with --user")
    if remove == (running is not None or gpus is not None):
        fail("Error: say what the limit is with --running or --gpus, or --remove it")
    scope, name = ("project", project or "") if project is not None else ("user", user or "")
    calls = open_session(config, server).client.limits
    if remove:
        calls.remove(scope, name)
        changed = LimitView(scope, name, None, None)
    else:
        changed = calls.put(scope, name, running=running, gpus=gpus)
    if as_json:
        answer_json(changed)
        return
    answer(_tell(changed))


def _tell(limit: LimitView) -> str:
    who = (
        f"Every {limit.scope} without its own limit"
        if limit.name == "*"
        else (f"{limit.scope.capitalize()} {limit.name}")
    )
    parts = []
    if limit.running is not None:
        parts.append(count(limit.running, "job"))
    if limit.gpus is not None:
        parts.append(count(limit.gpus, "GPU"))
    if not parts:
        return f"{who} has no limit any more"
    return f"{who} may hold {' and '.join(parts)} at once"


def _show(number: Optional[int]) -> str:
    return "" if number is None else str(number)
