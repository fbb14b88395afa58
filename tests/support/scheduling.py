"""Schedules in the scene of a test, and a look of the server at what is due."""

from __future__ import annotations

from foundations_server.app import Atlas
from foundations_wire.jobs import JobSpec
from foundations_wire.schedules import ScheduleSpec, ScheduleView, Trigger
from support.scenes import Scene


def make_schedule(
    scene: Scene,
    schedule_id: str,
    trigger: Trigger | None = None,
    *,
    job: JobSpec | None = None,
    paused: bool = False,
) -> ScheduleView:
    """Make a schedule of a job in the project `birds`, nightly unless told otherwise."""
    nightly = Trigger(cron="0 3 * * *", timezone="UTC")
    spec = ScheduleSpec(job or JobSpec("birds", ["main.py"]), trigger or nightly, paused)
    return scene.client.schedules.create(schedule_id, spec)


def check_schedules(scene: Scene) -> None:
    """Let the server submit what is due by its clock, without waiting for its next look."""
    app = scene.transport.app
    assert isinstance(app, Atlas)
    app.parts.firing.check()
