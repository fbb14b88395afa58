"""The names that the jobs of a project, or of all, have given to things."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, exists, select

from foundations_server.jobs import labels
from foundations_server.jobs.tables import jobs, params, tags
from foundations_server.metrics import service as metrics
from foundations_server.metrics.tables import series
from foundations_server.projects.repository import among


class ProjectVocabulary:
    """Looks names up in the database. `project_id` None is for all projects."""

    def __init__(self, connection: Connection, project_id: int | None) -> None:
        self._connection = connection
        self._project_id = project_id

    def has(self, kind: str, name: str) -> bool:
        """Whether some job has it; true while there are no jobs, for nothing is wrong yet."""
        table = {"param": params, "metric": series, "tag": tags}[kind]
        column = tags.c.key if kind == "tag" else table.c.name
        found = exists().where(table.c.project_id.in_(among(self._project_id)), column == name)
        return self._ask(found) or not self._has_jobs()

    def list_names(self, kind: str) -> Sequence[str]:
        if kind == "param":
            return labels.list_param_names(self._connection, self._project_id)
        if kind == "metric":
            return metrics.list_names(self._connection, self._project_id)
        return labels.list_all_tag_keys(self._connection, self._project_id)

    def _has_jobs(self) -> bool:
        return self._ask(exists().where(jobs.c.project_id.in_(among(self._project_id))))

    def _ask(self, found: ColumnElement[bool]) -> bool:
        return bool(self._connection.execute(select(found)).scalar())
