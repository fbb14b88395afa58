from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, MetaData, inspect, text

from foundations_wire.errors import AtlasError

FOLDER = Path(__file__).resolve().parent
# Oldest first. A test compares them with the files in versions/.
REVISIONS = ("0001",)


class NewerSchema(AtlasError):
    """The database was written by a newer Atlas than this one."""

    code = "newer-schema"


def prepare(connection: Connection, metadata: MetaData) -> None:
    """Bring the schema to the last version.

    A new database is made from the tables as they are, and an up-to-date one is only looked
    at, so that Alembic, which takes long to import, is needed for old ones alone. A test
    holds the tables and the migrations equal.

    Raises:
        NewerSchema: a newer Atlas has changed the database.
    """
    version = find_version(connection)
    if version is None:
        metadata.create_all(connection)
        _stamp(connection)
    elif version not in REVISIONS:
        raise NewerSchema(
            f"The database is of a newer Atlas (schema {version}; this program knows up to "
            f"{REVISIONS[-1]}). Install that version again, or restore an older backup."
        )
    elif version != REVISIONS[-1]:
        upgrade(connection)


def find_version(connection: Connection) -> str | None:
    """Return the schema version of the database; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)


def upgrade(connection: Connection) -> None:
    """Run the migrations that the database lacks."""
    from alembic import command  # noqa: PLC0415 - slow to import, needed for old databases only
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


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
