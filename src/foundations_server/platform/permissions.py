"""What a route requires.

Until logins exist, whoever reaches loopback may do everything. The declarations are here
from the first route on, so that none is ever forgotten.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from starlette.routing import BaseRoute


class Permission(enum.Enum):
    PUBLIC = "public"  # nothing: health, the pages themselves
    VIEW = "view"  # look at projects, jobs, files, workers
    EDIT = "edit"  # submit, stop, delete, tag, order the queue
    REPORT = "report"  # what a job says of itself: events, log, files
    MANAGE = "manage"  # say which workers take jobs, and which are lost
    WORK = "work"  # what a worker does: leases and their reports


def check_all_declared(routes: Iterable[BaseRoute]) -> None:
    """Raise RuntimeError when a route does not say what it requires."""
    for route in routes:
        if getattr(route, "needs", None) is None:
            path = getattr(route, "path", route)
            raise RuntimeError(f"The route {path} declares no permission.")
