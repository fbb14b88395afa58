from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from foundations_server.jobs.tables import jobs
from foundations_server.platform.database import slices


def find_used_bundles(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Return those of the bundles that some job needs."""
    found: set[str] = set()
    for some in slices(hashes):
        query = select(jobs.c.bundle).distinct().where(jobs.c.bundle.in_(some))
        found.update(connection.execute(query).scalars())
    return found
