from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, MetaData, inspect, text

from foundations_wire.errors import AtlasError

FOLDER = Path(__file__).resolve().parent
# Oldest first. A test compares them with the files in versions/.
REVISIONS = ("0001", "0002", "0003", "0004")


class NewerSchema(AtlasError):
    """The database was written by a newer Atlas than this one."""

    code = "newer-schema"


class BrokenMigration(AtlasError):
    """A migration would have left rows that refer to nothing."""

    code = "broken-migration"


def prepare(
    connection: Connection,
    metadata: MetaData,
    *,
    folder: Path = FOLDER,
    revisions: Sequence[str] = REVISIONS,
) -> None:
    """Bring the schema to the last version; an old database is copied before.

    Foreign keys must be off, for a migration may drop a table and make it anew.

    A new database is made from the tables as they are, and an up-to-date one is only looked
    at, so that Alembic, which takes long to import, is needed for old ones alone. A test
    holds the tables and the migrations equal.

    Raises:
        NewerSchema: a newer Atlas has changed the database.
        BrokenMigration: the database is left as it was.
    """
    version = find_version(connection)
    if version is None:
        metadata.create_all(connection)
        _stamp(connection)
    elif version not in revisions:
        raise NewerSchema(
            f"The database is of a newer Atlas (schema {version}; this program knows up to "
            f"{revisions[-1]}). Install that version again, or restore an older backup."
        )
    elif version != revisions[-1]:
        backup = _back_up(connection, version)
        upgrade(connection, folder)
        _check_references(connection, backup)


def find_version(connection: Connection) -> str | None:
    """Return the schema version of the database; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


def upgrade(connection: Connection, folder: Path = FOLDER) -> None:
    """Run the migrations that the database lacks."""
    from alembic import command  # noqa: PLC0415 - slow to import, needed for old databases only
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _back_up(connection: Connection, version: str) -> Path:
    """Copy the database as it was last committed; return the copy."""
    source = Path(connection.execute(text("PRAGMA database_list")).all()[0][2])
    target = source.parent / "backups" / f"{source.stem}-{version}{source.suffix}"
    target.parent.mkdir(exist_ok=True, mode=0o700)
    unfinished = target.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(unfinished)) as new:
        old.backup(new)
    unfinished.replace(target)
    return target


def _check_references(connection: Connection, backup: Path) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        raise BrokenMigration(
            f"The change to the new schema would have broken {len(broken)} rows of {tables}; "
            f"nothing was changed. Go on with the version before and report this; a copy of "
            f"the database is in {backup}."
        )


def _stamp(connection: Connection) -> None:
    connection.execute(
        text(
            "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
            "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
    )
    connection.execute(
        text("INSERT INTO alembic_version (version_num) VALUES (:version)"),
        {"version": REVISIONS[-1]},
    )
