"""Schedules: jobs that are submitted again and again, when they run and how it went."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from foundations_wire.jobs import JobSpec, JobView

# The fields of cron, from the largest to the smallest.
CRON_FIELDS = ("year", "month", "day", "week", "day_of_week", "hour", "minute", "second")
SHOWN_RUNS = 3  # of those to come


class CatchUp(str, enum.Enum):
    """What becomes of the ticks that were missed: nothing, or one run for the latest."""

    NONE = "none"
    LATEST = "latest"


class ScheduleStatus(str, enum.Enum):
    """Whether a schedule submits jobs; an `ended` one has no tick left."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True)
class Trigger:
    """When a schedule runs; with neither `cron` nor `every` it has no times yet.

    `cron` is a crontab line of five fields (`0 3 * * *`), or an object of the fields year,
    month, day, week, day_of_week, hour, minute, second: those below the smallest that is
    given are at their minimum, the others are `*`. `every` is in seconds, counted from
    `start`, else from the making of the schedule. `timezone` is an IANA name, the server's
    own when None. `start` and `end` are ISO moments, both included; one without an offset
    is in that zone. Without `overlap` a tick is skipped while a run has not ended.
    """

    cron: Optional[Union[dict[str, Any], str]] = None
    every: Optional[float] = None
    timezone: Optional[str] = None
    start: Optional[str] = None
    end: Optional[str] = None
    catch_up: CatchUp = CatchUp.NONE
    overlap: bool = False


@dataclass(frozen=True)
class ScheduleSpec:
    """What a client asks for: the job of each run, and when. Without times it is paused."""

    job: JobSpec
    trigger: Trigger = field(default_factory=Trigger)
    paused: bool = False


@dataclass(frozen=True)
class ScheduleUpdate:
    """What is to change; None stays as it is. A new trigger replaces all of the old one."""

    trigger: Optional[Trigger] = None
    job: Optional[JobSpec] = None


@dataclass(frozen=True)
class ScheduleView:
    """A schedule as the server tells it. Times are UTC ISO texts.

    `next_runs` are always three, null where there is none. `runs` counts the jobs that it
    submitted, `skipped` the ticks without one: missed, or while the run before had not
    ended. `unfinished` are the ids of its jobs that have not ended.
    """

    id: str
    project: str
    status: ScheduleStatus
    job: JobSpec
    trigger: Trigger
    next_runs: list[Optional[str]]
    last_run: Optional[str]
    runs: int
    skipped: int
    unfinished: list[str]
    created_at: str


@dataclass(frozen=True)
class SchedulePage:
    items: list[ScheduleView]
    total: int


@dataclass(frozen=True)
class RunPage:
    """The jobs of a schedule, newest first."""

    items: list[JobView]
    total: int


@dataclass(frozen=True)
class ScheduledRun:
    """The id of a job that was submitted out of turn."""

    job: str
