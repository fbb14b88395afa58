"""What is asked about schedules, and done to them."""

from __future__ import annotations

from typing import Optional

from foundations_client.calls import Group, make_query, quote_segment
from foundations_wire.schedules import (
    RunPage,
    ScheduledRun,
    SchedulePage,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleView,
)


class Schedules(Group):
    """Every method but `create` and `list` raises UnknownSchedule for an id that is not there."""

    def create(self, schedule_id: str, spec: ScheduleSpec) -> ScheduleView:
        """Make the schedule durable; the same call again answers the same schedule."""
        return self.calls.send("PUT", _path(schedule_id), spec, ScheduleView)

    def get(self, schedule_id: str) -> ScheduleView:
        return self.calls.get(ScheduleView, _path(schedule_id))

    def list(
        self, *, project: Optional[str] = None, limit: int = 100, offset: int = 0
    ) -> SchedulePage:
        """Return schedules, newest first."""
        return self.calls.get(
            SchedulePage, "/api/v1/schedules", project=project, limit=limit, offset=offset
        )

    def update(self, schedule_id: str, update: ScheduleUpdate) -> ScheduleView:
        """Replace the trigger, the job, or both; a new trigger makes it active."""
        return self.calls.send("PATCH", _path(schedule_id), update, ScheduleView)

    def pause(self, schedule_id: str) -> ScheduleView:
        return self.calls.send("POST", f"{_path(schedule_id)}/pause", None, ScheduleView)

    def resume(self, schedule_id: str) -> ScheduleView:
        """Go on; InvalidRequest when it has no time to come."""
        return self.calls.send("POST", f"{_path(schedule_id)}/resume", None, ScheduleView)

    def run(self, schedule_id: str) -> str:
        """Submit a job out of turn and return its id."""
        path = f"{_path(schedule_id)}/run"
        return self.calls.send("POST", path, None, ScheduledRun).job

    def runs(self, schedule_id: str, *, limit: int = 100, offset: int = 0) -> RunPage:
        """Return the jobs that it submitted, newest first."""
        path = f"{_path(schedule_id)}/runs"
        return self.calls.get(RunPage, path, limit=limit, offset=offset)

    def delete(self, schedule_id: str, *, stop: bool = False) -> None:
        """Remove the schedule, not its jobs; `stop` ends those that have not ended."""
        query = make_query({"stop": "true" if stop else None})
        self.calls.do("DELETE", f"{_path(schedule_id)}{query}")


def _path(schedule_id: str) -> str:
    return f"/api/v1/schedules/{quote_segment(schedule_id)}"
