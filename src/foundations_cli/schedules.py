"""Commands about schedules that are there."""

from typing import Annotated, Optional

import typer

from foundations_cli.jobs import Server
from foundations_cli.listing import ConfigOption, Limit
from foundations_cli.output import answer, answer_json, answer_pairs, answer_table, say, show_time
from foundations_cli.scheduling import AsJson, Name, tell_schedule
from foundations_cli.sessions import open_session
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_wire.schedules import ScheduleView, Trigger


def list_schedules(
    project: Annotated[Optional[str], typer.Option(help="Only schedules of this project.")] = None,
    limit: Limit = 100,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """List schedules, newest first, with their next run."""
    page = open_session(config, server).client.schedules.list(project=project, limit=limit)
    if as_json:
        answer_json(page)
        return
    if not page.items:
        say("No schedules.")
        return
    answer_table(
        ("NAME", "PROJECT", "STATUS", "WHEN", "NEXT RUN", "RUNS", "SKIPPED"),
        (
            (
                view.id,
                view.project,
                view.status.value,
                describe(view.trigger),
                show_time(view.next_runs[0]),
                str(view.runs),
                str(view.skipped),
            )
            for view in page.items
        ),
        right=("RUNS", "SKIPPED"),
    )
    if page.total > len(page.items):
        say(f"{len(page.items)} of {page.total} schedules; --limit shows more.")


def show(
    name: Name,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Show a schedule: when it runs, its next three runs, and how it went."""
    view = open_session(config, server).client.schedules.get(name)
    if as_json:
        answer_json(view)
        return
    answer_pairs(_list_facts(view))


def pause(
    name: Name,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Let a schedule run nothing until it is resumed; a run goes on."""
    view = open_session(config, server).client.schedules.pause(name)
    tell_schedule(view, "paused", as_json=as_json)


def resume(
    name: Name,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Let a paused schedule go on with its next time."""
    view = open_session(config, server).client.schedules.resume(name)
    tell_schedule(view, "resumed", as_json=as_json)


def run(
    name: Name,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Submit the job of a schedule now, out of turn."""
    client = open_session(config, server).client
    job_id = client.schedules.run(name)
    if as_json:
        answer_json(client.jobs.get(job_id))
        return
    answer(f"Job submitted with ID '{job_id}'.")


def delete(
    name: Name,
    stop: Annotated[bool, typer.Option("--stop", help="Stop its run as well.")] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Delete a schedule; its jobs stay, and a run goes on unless --stop is given."""
    open_session(config, server).client.schedules.delete(name, stop=stop)
    if as_json:
        answer_json({"schedule": name, "is_deleted": True})
        return
    answer(f"Schedule '{name}' was deleted; its jobs stay.")


def describe(trigger: Trigger) -> str:
    """Return when it runs in a few words."""
    if trigger.every is not None:
        return f"every {trigger.every:g} s"
    if isinstance(trigger.cron, str):
        return trigger.cron
    return " ".join(f"{name}={value}" for name, value in (trigger.cron or {}).items())


def _list_facts(view: ScheduleView) -> list[tuple[str, Optional[str]]]:
    trigger = view.trigger
    coming = [show_time(moment) for moment in view.next_runs if moment]
    return [
        ("Schedule", view.id),
        ("Project", view.project),
        ("Status", view.status.value),
        ("When", describe(trigger) or "no times yet"),
        ("Time zone", trigger.timezone),
        ("Start", trigger.start),
        ("End", trigger.end),
        ("Missed runs", f"catch up {trigger.catch_up.value}"),
        ("Overlap", "allowed" if trigger.overlap else "not allowed"),
        ("Next runs", "\n".join(coming)),
        ("Last run", show_time(view.last_run)),
        ("Runs", str(view.runs)),
        ("Skipped", str(view.skipped)),
        ("Not ended", "\n".join(view.unfinished)),
        ("Command", " ".join(view.job.command)),
        ("Created", show_time(view.created_at)),
    ]
