"""The schema's history: migrations and tables agree, and old databases open."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, event

import foundations_server.app  # noqa: F401 - all tables
from foundations_server.migrations.runner import (
    FOLDER,
    REVISIONS,
    find_version,
    prepare,
    upgrade,
)
from foundations_server.platform.database import metadata
from foundations_wire.jobs import JobStatus
from support.scenes import open_scene

DUMPS = sorted((Path(__file__).parent / "databases").glob("*.sql"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    event.listen(made, "connect", lambda raw, _record: raw.execute("PRAGMA foreign_keys = ON"))
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
        scene.submit("new")

    assert (done.status, done.params, done.tags) == (
        JobStatus.COMPLETED,
        {"lr": 0.1},
        {"best": "yes"},
    )
    assert loss.values == [1.0, "NaN", 0.25]
    assert [artifact.key for artifact in artifacts] == ["plot"]
    assert [file.path for file in manifest.files] == ["main.py"]
    assert (running.status, running.worker) == (JobStatus.RUNNING, "worker-w1")
