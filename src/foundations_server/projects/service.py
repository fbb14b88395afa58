from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.platform.database import Database
from foundations_server.projects import repository
from foundations_wire.errors import UnknownProject
from foundations_wire.jobs import ProjectPage, ProjectView
from foundations_wire.times import to_iso


@dataclass(frozen=True)
class Figures:
    """What the jobs of a project add up to."""

    status_counts: dict[str, int] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


FindFigures = Callable[[Connection, Sequence[int]], dict[int, Figures]]


class ProjectService:
    """`find_figures` is how the feature that knows jobs counts them, by project id."""

    def __init__(self, database: Database, find_figures: FindFigures) -> None:
        self._database = database
        self._find_figures = find_figures

    def list_page(self, limit: int, offset: int) -> ProjectPage:
        """Return the projects that have jobs or schedules, the last changed first.

        A project whose jobs all moved on or were deleted is no longer shown, but keeps
        counting from where it was.
        """
        with self._database.read() as connection:
            rows = repository.list_all(connection)
            figures = self._find_figures(connection, [row.id for row in rows])
        shown = [row for row in rows if row.id in figures]
        views = [_view(row, figures[row.id]) for row in shown[offset : offset + limit]]
        return ProjectPage(views, len(shown))

    def get(self, name: str) -> ProjectView:
        with self._database.read() as connection:
            row = require(connection, name)
            figures = self._find_figures(connection, [row.id])
        return _view(row, figures.get(row.id, Figures()))


def require(connection: Connection, name: str) -> Row[Any]:
    row = repository.find(connection, name)
    if row is None:
        raise UnknownProject(f"Project `{name[:200]}` does not exist!")
    return row


ensure = repository.ensure
take_numbers = repository.take_numbers
touch = repository.touch


def _view(row: Row[Any], figures: Figures) -> ProjectView:
    return ProjectView(
        name=row.name,
        created_at=to_iso(row.created_at),
        updated_at=to_iso(row.updated_at),
        job_count=sum(figures.status_counts.values()),
        status_counts=figures.status_counts,
        tags=figures.tags,
    )
