"""What the jobs of a project add up to, for the projects feature below."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from foundations_server.jobs import labels, repository
from foundations_server.projects.service import Figures


def find_figures(connection: Connection, project_ids: Sequence[int]) -> dict[int, Figures]:
    """Return the figures of the projects that have jobs, by project id."""
    tags = labels.list_tag_keys(connection, project_ids)
    return {
        project_id: Figures(counts, tags.get(project_id, []))
        for project_id, counts in repository.count_by_status(connection, project_ids).items()
    }
