from __future__ import annotations

from typing import Annotated

from starlette.responses import Response

from foundations_server.platform.parameters import Bounds, RawBody
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer, no_content, parse
from foundations_server.platform.routing import Routes
from foundations_server.schedules.service import ScheduleService
from foundations_wire.schedules import (
    RunPage,
    ScheduledRun,
    SchedulePage,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleView,
)

_ONE = "/schedules/{schedule_id}"
_Limit = Annotated[int, Bounds(1, 500)]
_Offset = Annotated[int, Bounds(0, 1 << 62)]


class ScheduleRoutes:
    def __init__(self, schedules: ScheduleService) -> None:
        self._schedules = schedules

    def declare(self, routes: Routes) -> None:
        see, edit, one = Permission.VIEW, Permission.EDIT, ScheduleView
        routes.add("GET", "/schedules", self.list_schedules, needs=see, answer=SchedulePage)
        routes.add(
            "PUT",
            _ONE,
            self.create_schedule,
            needs=edit,
            body=ScheduleSpec,
            answer=one,
            status=201,
        )
        routes.add("GET", _ONE, self.get_schedule, needs=see, answer=one)
        routes.add(
            "PATCH", _ONE, self.update_schedule, needs=edit, body=ScheduleUpdate, answer=one
        )
        routes.add("DELETE", _ONE, self.delete_schedule, needs=edit, status=204)
        routes.add("POST", f"{_ONE}/pause", self.pause_schedule, needs=edit, answer=one)
        routes.add("POST", f"{_ONE}/resume", self.resume_schedule, needs=edit, answer=one)
        routes.add("POST", f"{_ONE}/run", self.run_schedule, needs=edit, answer=ScheduledRun)
        routes.add("GET", f"{_ONE}/runs", self.list_runs, needs=see, answer=RunPage)

    def list_schedules(
        self, project: str | None = None, limit: _Limit = 100, offset: _Offset = 0
    ) -> Response:
        return answer(self._schedules.list_page(project, limit, offset))

    def create_schedule(self, schedule_id: str, body: RawBody) -> Response:
        made, is_new = self._schedules.create(schedule_id, parse(ScheduleSpec, body))
        return answer(made, 201 if is_new else 200)

    def get_schedule(self, schedule_id: str) -> Response:
        return answer(self._schedules.get(schedule_id))

    def update_schedule(self, schedule_id: str, body: RawBody) -> Response:
        return answer(self._schedules.update(schedule_id, parse(ScheduleUpdate, body)))

    def delete_schedule(self, schedule_id: str, *, stop: bool = False) -> Response:
        self._schedules.delete(schedule_id, is_stop_wanted=stop)
        return no_content()

    def pause_schedule(self, schedule_id: str) -> Response:
        return answer(self._schedules.pause(schedule_id))

    def resume_schedule(self, schedule_id: str) -> Response:
        return answer(self._schedules.resume(schedule_id))

    def run_schedule(self, schedule_id: str) -> Response:
        return answer(self._schedules.run_now(schedule_id))

    def list_runs(self, schedule_id: str, limit: _Limit = 100, offset: _Offset = 0) -> Response:
        return answer(self._schedules.list_runs(schedule_id, limit, offset))
