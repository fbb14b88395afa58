"""Limits: how much the jobs of a project or of a user may hold at once."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from foundations_server.jobs.tables import limits
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.scheduling.allowances import EVERYONE, SCOPES, Limit
from foundations_wire.errors import InvalidRequest
from foundations_wire.ids import check_project_name
from foundations_wire.queue import LimitList, LimitSettings, LimitView

_MOST = 1_000_000
_LIMITS = select(limits)
_LONGEST = 200  # characters of the name of a user


def read_limits(connection: Connection) -> dict[tuple[str, str], Limit]:
    """Return all limits by scope and name, as the policy takes them."""
    rows = connection.execute(_LIMITS)
    return {(row.scope, row.name): Limit(row.running, row.gpus) for row in rows}


class LimitService:
    def __init__(self, database: Database, hints: HintBus) -> None:
        self._database = database
        self._hints = hints

    def list_all(self) -> LimitList:
        with self._database.read() as connection:
            found = read_limits(connection)
        return LimitList(
            [
                LimitView(scope, name, limit.running, limit.gpus)
                for (scope, name), limit in sorted(found.items())
            ]
        )

    def put(self, scope: str, name: str, settings: LimitSettings) -> LimitView:
        """Set the limit of a project or of a user; the name `*` is for all without their own."""
        _check_owner(scope, name)
        _check_settings(settings)

        def change(connection: Connection) -> None:
            values = {"running": settings.running, "gpus": settings.gpus}
            known = update(limits).where(limits.c.scope == scope, limits.c.name == name)
            if connection.execute(known.values(values)).rowcount == 0:
                connection.execute(insert(limits).values(scope=scope, name=name, **values))

        self._database.write(change)
        self._hints.publish(Hint("queue", "", "status"))
        return LimitView(scope, name, settings.running, settings.gpus)

    def remove(self, scope: str, name: str) -> None:
        """Remove a limit; that there is none is no error."""
        _check_owner(scope, name)
        known = delete(limits).where(limits.c.scope == scope, limits.c.name == name)
        self._database.write(lambda connection: connection.execute(known).rowcount)
        self._hints.publish(Hint("queue", "", "status"))


def _check_owner(scope: str, name: str) -> None:
    if scope not in SCOPES:
        raise InvalidRequest(f"A limit is for a `project` or a `user`, not for {scope[:60]!r}.")
    if scope == "project" and name != EVERYONE:
        check_project_name(name)
    if not 0 < len(name) <= _LONGEST or "\0" in name:
        raise InvalidRequest(f"The name of a {scope} has 1 to {_LONGEST} characters.")


def _check_settings(settings: LimitSettings) -> None:
    if settings.running is None and settings.gpus is None:
        raise InvalidRequest("A limit says how many jobs are `running` or how many `gpus`.")
    for name, value in (("running", settings.running), ("gpus", settings.gpus)):
        if value is not None and not 0 <= value <= _MOST:
            raise InvalidRequest(f"{name!r} must be between 0 and {_MOST}, not {value}.")
