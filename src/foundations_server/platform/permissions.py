"""What a route requires.

Until logins exist, whoever reaches loopback may do everything. The declarations are here
from the first route on, so that none is ever forgotten.
"""

from __future__ import annotations

import enum

from fastapi import Depends, FastAPI
from fastapi.params import Depends as DependsParameter
from fastapi.routing import APIRoute


class Permission(enum.Enum):
    PUBLIC = "public"  # nothing: health, the pages themselves
    VIEW = "view"  # look at projects, jobs, files, workers
    EDIT = "edit"  # submit, stop, delete, tag, order the queue
    REPORT = "report"  # what a job says of itself: events, log, files
    WORK = "work"  # what a worker does: leases and their reports


class Guard:
    """Lets a request pass if its caller has the permission."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self) -> None:
        """Pass: loopback is the only way in, see security.py."""


def requires(permission: Permission) -> DependsParameter:
    """Return the dependency that declares what a route requires."""
    dependency: DependsParameter = Depends(Guard(permission))
    return dependency


def find_permission(route: APIRoute) -> Permission | None:
    for dependency in route.dependencies:
        if isinstance(dependency.dependency, Guard):
            return dependency.dependency.permission
    return None


def check_all_declared(app: FastAPI) -> None:
    """Raise RuntimeError when a route does not say what it requires."""
    for route in app.routes:
        if not isinstance(route, APIRoute) or find_permission(route) is None:
            path = getattr(route, "path", route)
            raise RuntimeError(f"The route {path} declares no permission.")
