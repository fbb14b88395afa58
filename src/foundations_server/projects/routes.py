from __future__ import annotations

from typing import Annotated

from starlette.responses import Response

from foundations_server.platform.parameters import Bounds
from foundations_server.platform.permissions import Permission
from foundations_server.platform.responses import answer
from foundations_server.platform.routing import Routes
from foundations_server.projects.service import ProjectService
from foundations_wire.jobs import ProjectPage, ProjectView


class ProjectRoutes:
    def __init__(self, projects: ProjectService) -> None:
        self._projects = projects

    def declare(self, routes: Routes) -> None:
        view = Permission.VIEW
        routes.add("GET", "/projects", self.list_projects, needs=view, answer=ProjectPage)
        routes.add("GET", "/projects/{name}", self.get_project, needs=view, answer=ProjectView)

    def list_projects(
        self,
        limit: Annotated[int, Bounds(1, 500)] = 100,
        offset: Annotated[int, Bounds(0, 1 << 62)] = 0,
    ) -> Response:
        return answer(self._projects.list_page(limit, offset))

    def get_project(self, name: str) -> Response:
        return answer(self._projects.get(name))
