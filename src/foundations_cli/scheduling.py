"""`foundations schedule create` and `update`: what runs again and again, and when."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Optional

import typer

from foundations_cli.job_options import Entrypoint, Force, NumGpus, Priority, Ram
from foundations_cli.jobs import Config, Server
from foundations_cli.listing import ConfigOption
from foundations_cli.output import answer, answer_json, fail, say, show_time
from foundations_cli.sessions import open_session
from foundations_client import durations
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_client.submission import Ready, Submission, make_ready
from foundations_wire.errors import InvalidRequest, UnknownSchedule
from foundations_wire.schedules import (
    CatchUp,
    ScheduleSpec,
    ScheduleStatus,
    ScheduleUpdate,
    ScheduleView,
    Trigger,
)

_NO_BOUND = "none"

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the schedule.")]
Cron = Annotated[
    Optional[str],
    typer.Option(help="Five fields of cron, such as `0 3 * * *`, or a name such as `@daily`."),
]
Every = Annotated[
    Optional[str], typer.Option(help="An interval instead, such as `90s`, `10m`, `6h`, `1d`.")
]
Timezone = Annotated[
    Optional[str], typer.Option(help="Such as `Europe/Berlin`; else the server's own.")
]
Start = Annotated[
    Optional[str], typer.Option(help="No run before, such as `2031-05-02T09:00:00`.")
]
End = Annotated[Optional[str], typer.Option(help="No run after.")]
Catch = Annotated[
    Optional[CatchUp],
    typer.Option(help="What becomes of missed runs: none of them, or one for the latest."),
]
Overlap = Annotated[
    Optional[bool], typer.Option(help="Let a run begin while the one before has not ended.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the schedule as JSON.")]


@dataclass(frozen=True)
class When:
    """What the options say about a trigger; None says nothing."""

    cron: Optional[str]
    every: Optional[str]
    timezone: Optional[str]
    start: Optional[str]
    end: Optional[str]
    catch_up: Optional[CatchUp]
    overlap: Optional[bool]

    def over(self, trigger: Trigger) -> Trigger:
        """Return the trigger with what the options say; cron and interval replace each other."""
        if self.cron is not None and self.every is not None:
            raise InvalidRequest("a schedule has --cron or --every, not both.")
        if self.cron is not None:
            trigger = replace(trigger, cron=self.cron, every=None)
        if self.every is not None:
            trigger = replace(trigger, cron=None, every=read_seconds(self.every))
        return replace(
            trigger,
            timezone=self.timezone or trigger.timezone,
            start=_choose(self.start, trigger.start),
            end=_choose(self.end, trigger.end),
            catch_up=self.catch_up or trigger.catch_up,
            overlap=trigger.overlap if self.overlap is None else self.overlap,
        )


def _choose(said: Optional[str], present: Optional[str]) -> Optional[str]:
    if said is None:
        return present
    return None if said == _NO_BOUND else said


def read_seconds(text: str) -> float:
    """Return the seconds of an interval such as `90`, `90s`, `1.5h`.

    Raises:
        InvalidRequest: it is none.
    """
    seconds = durations.parse(text)
    if seconds is None:
        raise InvalidRequest(f"--every {text!r} is no interval; write 90s, 10m, 6h or 1d.")
    return seconds


def create(  # noqa: PLR0913, PLR0917 (the options of a command are its parameters)
    scheduler_config: Config,
    job_directory: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The job directory: each run gets its files.")
    ],
    command: Annotated[
        Optional[list[str]],
        typer.Argument(metavar="COMMAND", help="Script and its arguments, as for submit."),
    ] = None,
    name: Annotated[
        Optional[str], typer.Option(help="Name of the schedule; the ids of runs begin with it.")
    ] = None,
    cron: Cron = None,
    every: Every = None,
    timezone: Timezone = None,
    start: Start = None,
    end: End = None,
    catch_up: Catch = None,
    overlap: Overlap = None,
    paused: Annotated[
        bool, typer.Option("--paused", help="Run nothing until it is resumed.")
    ] = False,
    replace_present: Annotated[
        bool, typer.Option("--replace", help="Change the schedule that has the name already.")
    ] = False,
    entrypoint: Entrypoint = None,
    project_name: Annotated[
        Optional[str], typer.Option(help="Project of the runs; else the job directory's name.")
    ] = None,
    num_gpus: NumGpus = None,
    ram: Ram = None,
    priority: Priority = None,
    force: Force = False,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Run a command in a copy of a folder again and again.

    Options come before the job directory: what follows it is the job's own command line.

    Each night:

      foundations schedule create --name nightly --cron "0 3 * * *" scheduler . train.py

    Every ten minutes:

      foundations schedule create --name probe --every 10m scheduler . probe.py
    """
    if not name:
        fail("Error: a schedule needs a name; add for example `--name nightly`")
    trigger = When(cron, every, timezone, start, end, catch_up, overlap).over(Trigger())
    submission = Submission(
        folder=job_directory, command=command, config=scheduler_config, project=project_name,
        entrypoint=entrypoint, num_gpus=num_gpus, ram_gb=ram, priority=priority, server=server,
        force=force,
    )  # fmt: skip
    ready = make_ready(submission, say)
    if replace_present and (changed := _replace(name, ready, trigger, is_paused=paused)):
        tell_schedule(changed, "changed", as_json=as_json)
        return
    spec = ScheduleSpec(ready.spec, trigger, paused)
    tell_schedule(ready.client.schedules.create(name, spec), "made", as_json=as_json)


def _replace(
    name: str, ready: Ready, trigger: Trigger, *, is_paused: bool
) -> Optional[ScheduleView]:
    """Return the schedule that had the name, changed; None when there is none."""
    schedules = ready.client.schedules
    try:
        changed = schedules.update(name, ScheduleUpdate(trigger, ready.spec))
    except UnknownSchedule:
        return None
    return schedules.pause(name) if is_paused else changed


def update(  # noqa: PLR0913, PLR0917 (the options of a command are its parameters)
    name: Name,
    cron: Cron = None,
    every: Every = None,
    timezone: Timezone = None,
    start: Start = None,
    end: End = None,
    catch_up: Catch = None,
    overlap: Overlap = None,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Change when a schedule runs; what is not named stays, and a paused one becomes active.

    `--start none` and `--end none` take the bound away.

    Example: foundations schedule update nightly --cron "30 4 * * *"
    """
    when = When(cron, every, timezone, start, end, catch_up, overlap)
    schedules = open_session(config, server).client.schedules
    present = schedules.get(name).trigger
    wanted = when.over(present)
    if wanted == present:
        fail('Error: say what is to change, for example `--cron "0 4 * * *"`')
    changed = schedules.update(name, ScheduleUpdate(trigger=wanted))
    tell_schedule(changed, "changed", as_json=as_json)


def tell_schedule(view: ScheduleView, what: str, *, as_json: bool) -> None:
    """Print a schedule after a change: as JSON, or in a sentence with its next run."""
    if as_json:
        answer_json(view)
        return
    first = view.next_runs[0]
    when = {
        ScheduleStatus.PAUSED: "is paused",
        ScheduleStatus.ENDED: "has ended",
        ScheduleStatus.ACTIVE: f"runs next at {show_time(first)}",
    }[view.status]
    answer(f"Schedule '{view.id}' in project '{view.project}' was {what}; it {when}.")
