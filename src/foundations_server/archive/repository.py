from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from foundations_server.archive.tables import archived_files, areas, artifacts
from foundations_server.platform.database import find_present, slices
from foundations_wire.archive import FileEntry


def put_artifact(connection: Connection, row: dict[str, Any]) -> set[str]:
    """Store an artifact under its key; return the content that it replaces, if any."""
    before = find_artifact(connection, row["job_id"], row["key"])
    connection.execute(
        delete(artifacts).where(artifacts.c.job_id == row["job_id"], artifacts.c.key == row["key"])
    )
    connection.execute(insert(artifacts).values(row))
    return {before.sha256} - {row["sha256"]} if before is not None else set()


def list_artifacts(connection: Connection, job_id: str) -> Sequence[Row[Any]]:
    query = select(artifacts).where(artifacts.c.job_id == job_id).order_by(artifacts.c.key)
    return connection.execute(query).all()


def find_artifact(connection: Connection, job_id: str, key: str) -> Row[Any] | None:
    query = select(artifacts).where(artifacts.c.job_id == job_id, artifacts.c.key == key)
    return connection.execute(query).first()


def count_artifacts(connection: Connection, job_ids: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for some in slices(job_ids):
        query = (
            select(artifacts.c.job_id, func.count())
            .where(artifacts.c.job_id.in_(some))
            .group_by(artifacts.c.job_id)
        )
        counts.update((row[0], row[1]) for row in connection.execute(query))
    return counts


def put_area(
    connection: Connection, job_id: str, area: str, files: Iterable[FileEntry]
) -> set[str]:
    """Store the files of an area; return the contents that they replace."""
    where = (archived_files.c.job_id == job_id, archived_files.c.area == area)
    query = select(archived_files.c.sha256).distinct().where(*where)
    before = set(connection.execute(query).scalars())
    for table in (archived_files, areas):
        connection.execute(delete(table).where(table.c.job_id == job_id, table.c.area == area))
    connection.execute(insert(areas).values(job_id=job_id, area=area))
    rows = [
        {"job_id": job_id, "area": area, "path": file.path, "sha256": file.sha256,
         "size": file.size, "mode": file.mode}
        for file in files
    ]  # fmt: skip
    if rows:
        connection.execute(insert(archived_files), rows)
    return before - {row["sha256"] for row in rows}


def find_area(connection: Connection, job_id: str, area: str) -> list[FileEntry] | None:
    """Return the files of an area by path; None when it was never archived."""
    where = (areas.c.job_id == job_id, areas.c.area == area)
    if connection.execute(select(areas.c.area).where(*where)).first() is None:
        return None
    query = (
        select(archived_files)
        .where(archived_files.c.job_id == job_id, archived_files.c.area == area)
        .order_by(archived_files.c.path)
    )
    return [
        FileEntry(row.path, row.sha256, row.size, row.mode) for row in connection.execute(query)
    ]


def list_hashes(connection: Connection, job_id: str) -> set[str]:
    """Return the contents that a job refers to."""
    found: set[str] = set()
    for table in (artifacts, archived_files):
        query = select(table.c.sha256).distinct().where(table.c.job_id == job_id)
        found.update(connection.execute(query).scalars())
    return found


def keep_referenced(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Return those of the contents that some job refers to."""
    columns = (artifacts.c.sha256, archived_files.c.sha256)
    return set().union(*(find_present(connection, column, hashes) for column in columns))
