"""Rows of schedules as triggers, timings and views."""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import Row

from foundations_server.jobs.adding import read_spec
from foundations_server.schedules.triggers import Timing, is_empty, prepare
from foundations_wire import codec
from foundations_wire.schedules import SHOWN_RUNS, ScheduleStatus, ScheduleView, Trigger
from foundations_wire.times import to_iso


@functools.lru_cache(maxsize=4096)
def read_trigger(text: str) -> Trigger:
    return codec.build(Trigger, codec.decode(text))


@functools.lru_cache(maxsize=4096)
def _prepare(text: str, anchor: float) -> Timing:
    return prepare(read_trigger(text), anchor)


def read_timing(row: Row[Any]) -> Timing:
    """Return the timing of a schedule whose trigger is not empty."""
    return _prepare(row.trigger, row.created_at)


def find_status(row: Row[Any]) -> ScheduleStatus:
    if row.is_paused:
        return ScheduleStatus.PAUSED
    return ScheduleStatus.ENDED if row.next_at is None else ScheduleStatus.ACTIVE


def view(row: Row[Any], unfinished: list[str]) -> ScheduleView:
    return ScheduleView(
        id=row.id,
        project=row.project,
        status=find_status(row),
        job=read_spec(row.spec),
        trigger=read_trigger(row.trigger),
        next_runs=_list_next(row),
        last_run=None if row.last_at is None else to_iso(row.last_at),
        runs=row.runs,
        skipped=row.skipped,
        unfinished=unfinished,
        created_at=to_iso(row.created_at),
    )


def _list_next(row: Row[Any]) -> list[str | None]:
    shown: list[str | None] = []
    moment = row.next_at
    if not row.is_paused and not is_empty(read_trigger(row.trigger)):
        while moment is not None and len(shown) < SHOWN_RUNS:
            shown.append(to_iso(moment))
            moment = read_timing(row).after(moment)
    return shown + [None] * (SHOWN_RUNS - len(shown))
