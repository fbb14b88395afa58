"""foundations.CronJobScheduler: schedules by the operations of the original's helper."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Callable, Optional, TypeVar, Union

from foundations_client.client import Client, connect
from foundations_client.configuration import find_server
from foundations_client.submission import split_command
from foundations_wire import codec
from foundations_wire.errors import AtlasError
from foundations_wire.jobs import JobSpec
from foundations_wire.schedules import (
    CRON_FIELDS,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleView,
    Trigger,
)
from foundations_wire.times import from_iso

F = TypeVar("F", bound=Callable[..., Any])
Entry = dict[str, Any]
_PAGE = 500
_SMALLEST = {"month": "1", "day": "1", "hour": "0", "minute": "0", "second": "0"}
# A schedule of the original holds its bounds beside the fields of cron.
_BOUNDS = {"start_date": "start", "end_date": "end"}
_OWN_KEYS = ("cron", "every", "timezone", "catch_up", "overlap")


class CronJobSchedulerError(Exception):
    """Something the server refused; the text is its sentence."""


def _telling(method: F) -> F:
    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return method(*arguments, **named)
        except AtlasError as error:
            raise CronJobSchedulerError(error.message) from error

    return call  # type: ignore[return-value] # of the same signature


class CronJobScheduler:
    """Makes and changes schedules.

    An entry is `{"next_run_time", "schedule", "status", "properties"}`: three whole epoch
    seconds or Nones, the fields of cron, `active`, `paused` or `ended`, and what was asked
    for. **Errors**: every method raises CronJobSchedulerError with the server's sentence.
    """

    def __init__(
        self, server_url: Optional[str] = None, *, client: Optional[Client] = None
    ) -> None:
        """Speak to an address, else to the configured server; nothing is sent yet."""
        self._client = client or connect(find_server(server_url))

    @_telling
    def schedule_job(
        self,
        job_id: str,
        spec: Union[JobSpec, Mapping[str, Any]],
        schedule: Mapping[str, Any],
        metadata: Optional[Mapping[str, Any]] = None,
        gpu_spec: Optional[Mapping[str, Any]] = None,
    ) -> str:
        """Make a schedule whose jobs are `<job_id>_<date>_<time>`; return `job_id`.

        `spec` is a job spec or a mapping of its fields; `metadata` may give `project_name`
        and `username`, `gpu_spec` may give `num_gpus`. `schedule` holds fields of cron with
        `start_date` and `end_date`, or `every`; an empty one is paused.
        """
        job = _read_job(spec, metadata or {}, gpu_spec or {})
        trigger = _read_trigger(schedule)
        return self._client.schedules.create(job_id, ScheduleSpec(job, trigger)).id

    @_telling
    def pause_job(self, job_id: str) -> None:
        """Let it submit nothing until it is resumed; paused twice is paused."""
        self._client.schedules.pause(job_id)

    @_telling
    def resume_job(self, job_id: str) -> None:
        """Go on with the next time; an active one stays as it is."""
        self._client.schedules.resume(job_id)

    @_telling
    def get_jobs(self) -> dict[str, Entry]:
        """Return the entries of all schedules by id."""
        return self._list(None)

    @_telling
    def get_job(self, job_id: str) -> dict[str, Entry]:
        """Return `{job_id: entry}`."""
        return {job_id: _make_entry(self._client.schedules.get(job_id))}

    @_telling
    def get_job_with_params(self, params: Mapping[str, Any]) -> dict[str, Entry]:
        """Return entries by id: those of one project with `{"project": name}`, else all."""
        unknown = sorted(set(params) - {"project"})
        if unknown:
            raise CronJobSchedulerError(f"{unknown[0]!r} is not known; known is 'project'.")
        return self._list(params.get("project"))

    @_telling
    def update_job_schedule(self, job_id: str, schedule: Mapping[str, Any]) -> None:
        """Replace when it runs; a paused schedule becomes active."""
        self._client.schedules.update(job_id, ScheduleUpdate(trigger=_read_trigger(schedule)))

    @_telling
    def delete_job(self, job_id: str) -> None:
        """Remove the schedule and stop its run, if one goes on; its jobs stay."""
        self._client.schedules.delete(job_id, stop=True)

    def _list(self, project: Optional[str]) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        offset, total = 0, 1
        while offset < total:
            page = self._client.schedules.list(project=project, limit=_PAGE, offset=offset)
            entries.update({view.id: _make_entry(view) for view in page.items})
            offset, total = offset + _PAGE, page.total
        return entries


def _read_job(
    spec: Union[JobSpec, Mapping[str, Any]],
    metadata: Mapping[str, Any],
    gpu_spec: Mapping[str, Any],
) -> JobSpec:
    if isinstance(spec, JobSpec):
        return spec
    fields = {key: value for key, value in spec.items() if value is not None}
    if isinstance(fields.get("command"), str):
        fields["command"] = split_command(fields["command"])
    environment = fields.get("environment", {})
    fields["environment"] = {k: str(v) for k, v in environment.items() if v is not None}
    given = {
        "project": metadata.get("project_name"),
        "user": metadata.get("username"),
        "num_gpus": gpu_spec.get("num_gpus"),
    }
    fields.update({key: value for key, value in given.items() if value is not None})
    return codec.build(JobSpec, fields)


def _read_trigger(schedule: Mapping[str, Any]) -> Trigger:
    cron = {key: value for key, value in schedule.items() if key not in (*_BOUNDS, *_OWN_KEYS)}
    others = {_BOUNDS.get(key, key): value for key, value in schedule.items() if key not in cron}
    bounds = {key: _to_text(value) for key, value in others.items() if value is not None}
    cron = {key: value for key, value in cron.items() if value is not None}
    if cron:  # beside a crontab line, the server refuses what it cannot place
        bounds["cron"] = {**cron, **({"cron": bounds["cron"]} if "cron" in bounds else {})}
    return codec.build(Trigger, bounds)


def _to_text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _make_entry(view: ScheduleView) -> Entry:
    job = asdict(view.job)
    return {
        "next_run_time": [None if at is None else int(from_iso(at)) for at in view.next_runs],
        "schedule": _spell_out(view.trigger),
        "status": view.status.value,
        "properties": {
            "job_id": view.id,
            "spec": codec.spell(job),
            "metadata": {"project_name": view.project, "username": view.job.user},
            "gpu_spec": {"num_gpus": view.job.num_gpus},
        },
    }


def _spell_out(trigger: Trigger) -> dict[str, Any]:
    """Return all fields of cron, with those that were not given as they count."""
    bounds = {"start_date": trigger.start, "end_date": trigger.end}
    if trigger.every is not None:
        return {"every": trigger.every, **bounds}
    cron = trigger.cron or {}
    if isinstance(cron, str):
        names = ("minute", "hour", "day", "month", "day_of_week")
        cron = dict(zip(names, cron.split())) if len(cron.split()) == len(names) else {}
    given = [index for index, name in enumerate(CRON_FIELDS) if name in cron]
    last = given[-1] if given else len(CRON_FIELDS)
    fields = {
        name: cron.get(name, _SMALLEST.get(name, "*") if index > last else "*")
        for index, name in enumerate(CRON_FIELDS)
    }
    return {**fields, **bounds}
