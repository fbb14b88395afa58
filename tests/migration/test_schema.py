"""The schema's history: migrations and tables agree, and old databases open."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, create_engine

import foundations_server.app  # noqa: F401 - all tables
from foundations_server.migrations.runner import (
    FOLDER,
    REVISIONS,
    BrokenMigration,
    find_version,
    prepare,
    upgrade,
)
from foundations_server.platform.database import Database, metadata
from foundations_wire.jobs import JobStatus
from support.scenes import open_scene

# A revision that exists in these tests only.
NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "9999"
down_revision = "{down}"


def upgrade() -> None:
    with op.batch_alter_table("jobs", recreate="always") as batch:
        batch.add_column(sa.Column("colour", sa.Text))
    {more}
"""
DUMPS = sorted((Path(__file__).parent / "databases").glob("*.sql"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    yield made
    made.dispose()


def describe(path: Path) -> dict[str, Any]:
    """Return the parts of each definition; the order of constraints means nothing."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: sorted(_split(sql)) for name, sql in rows}


def _split(sql: str) -> list[str]:
    return [" ".join(re.findall(r"\w+", part)) for part in sql.split(",")]


def test_migrations_make_the_same_schema_as_the_tables(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        upgrade(connection)
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    direct = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    with direct.begin() as connection:
        prepare(connection, metadata)
    direct.dispose()

    assert differences == []
    assert describe(tmp_path / "migrated.db") == describe(tmp_path / "direct.db")


def test_revisions_are_those_in_the_folder(engine: Engine) -> None:
    names = sorted(path.stem.split("_")[0] for path in (FOLDER / "versions").glob("*.py"))

    with engine.begin() as connection:
        upgrade(connection)
        version = find_version(connection)

    assert tuple(names) == REVISIONS
    assert version == REVISIONS[-1]


def test_every_version_is_kept_as_a_database() -> None:
    assert tuple(dump.stem for dump in DUMPS) == REVISIONS


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_old_database_opens_with_everything_in_it(dump: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    with closing(sqlite3.connect(home / "data" / "atlas.db")) as database:
        database.executescript(dump.read_text(encoding="utf-8"))

    with open_scene(home) as scene:
        done = scene.client.jobs.get("done")
        running = scene.client.jobs.get("running")
        loss = scene.client.jobs.series("done", "loss")
        artifacts = scene.client.jobs.artifacts("done").items
        manifest = scene.client.archive.get_manifest("done", "code")
        names = scene.client.jobs.list(project="birds")
        scene.submit("new")

    assert (done.status, done.params, done.tags) == (
        JobStatus.COMPLETED,
        {"lr": 0.1},
        {"best": "yes"},
    )
    assert loss.values == [1.0, "NaN", 0.25]
    assert (names.param_names, names.metric_names) == (["lr"], ["loss"])
    assert [artifact.key for artifact in artifacts] == ["plot"]
    assert [file.path for file in manifest.files] == ["main.py"]
    assert (running.status, running.worker) == (JobStatus.RUNNING, "worker-w1")


def test_columns_that_are_compared_are_filled_from_old_rows(tmp_path: Path) -> None:
    load(DUMPS[0], tmp_path / "atlas.db")

    migrate(tmp_path)

    with closing(sqlite3.connect(tmp_path / "atlas.db")) as database:
        param = database.execute("SELECT name, project_id, number, text FROM params").fetchall()
        series = database.execute(
            "SELECT first, last_number, min_number, max_number, last_step, min_step, max_step, "
            "first_at, last_at, dropped FROM series"
        ).fetchall()
    assert param == [("lr", 1, 0.1, "0.1")]
    assert series == [("1.0", 0.25, 0.25, 1.0, 2, 2, 0, 1900000000.0, 1900000000.0, 0)]


def load(dump: Path, path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(dump.read_text(encoding="utf-8"))


def count_rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as database:
        return {
            name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for name in metadata.tables.keys() & _list_tables(database)
        }


def _list_tables(database: sqlite3.Connection) -> set[str]:
    return {row[0] for row in database.execute("SELECT name FROM sqlite_master")}


def migrate(tmp_path: Path, more: str = "pass") -> None:
    """Open the database as a program does that knows one more revision."""
    folder = tmp_path / "migrations"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = NEXT.format(down=REVISIONS[-1], more=more)
    (folder / "versions" / "9999_next.py").write_text(text, encoding="utf-8")
    database = Database(tmp_path / "atlas.db")
    known = (*REVISIONS, "9999")
    try:
        database.open(partial(prepare, metadata=metadata, folder=folder, revisions=known))
    finally:
        database.close()


@pytest.mark.parametrize("dump", DUMPS, ids=lambda dump: dump.stem)
def test_no_row_is_lost_when_a_migration_makes_jobs_anew(dump: Path, tmp_path: Path) -> None:
    load(dump, tmp_path / "atlas.db")
    before = count_rows(tmp_path / "atlas.db")

    migrate(tmp_path)

    assert min(before.values()) > 0
    assert before.items() <= count_rows(tmp_path / "atlas.db").items()
    assert "colour" in str(describe(tmp_path / "atlas.db")["jobs"])


def test_old_database_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    load(DUMPS[-1], tmp_path / "atlas.db")
    before = describe(tmp_path / "atlas.db"), count_rows(tmp_path / "atlas.db")

    migrate(tmp_path)

    copies = list((tmp_path / "backups").iterdir())
    assert [copy.name for copy in copies] == [f"atlas-{REVISIONS[-1]}.db"]
    assert (describe(copies[0]), count_rows(copies[0])) == before


def test_migration_that_breaks_references_changes_nothing(tmp_path: Path) -> None:
    load(DUMPS[-1], tmp_path / "atlas.db")
    before = describe(tmp_path / "atlas.db"), count_rows(tmp_path / "atlas.db")

    with pytest.raises(BrokenMigration, match=r"rows of .*params.* nothing was changed"):
        migrate(tmp_path, more='op.execute("DELETE FROM jobs")')

    assert (describe(tmp_path / "atlas.db"), count_rows(tmp_path / "atlas.db")) == before


def test_references_are_kept_again_once_the_database_is_open(tmp_path: Path) -> None:
    load(DUMPS[-1], tmp_path / "atlas.db")
    database = Database(tmp_path / "atlas.db")
    database.open(partial(prepare, metadata=metadata))

    def remove_jobs(connection: Connection) -> None:
        connection.exec_driver_sql("DELETE FROM attempts")
        connection.exec_driver_sql("DELETE FROM jobs")

    database.write(remove_jobs)
    database.close()

    assert count_rows(tmp_path / "atlas.db")["params"] == 0
