from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from foundations_server.app import create_app
from foundations_server.migrations.runner import NewerSchema
from foundations_server.platform.lifecycle import HomeUnusable
from foundations_server.platform.settings import Settings, is_loopback
from support.scenes import open_scene


def test_second_server_on_a_home_is_refused(tmp_path: Path) -> None:
    other = create_app(Settings(home=tmp_path)).parts.lifecycle
    with open_scene(tmp_path), pytest.raises(HomeUnusable, match="Another server already uses"):
        other.open()

    other.open()
    other.close()


def test_home_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(HomeUnusable, match="cannot write to"):
        create_app(Settings(home=tmp_path / "file")).parts.lifecycle.open()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_home_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)

    with pytest.raises(HomeUnusable, match="cannot write to"):
        create_app(Settings(home=home)).parts.lifecycle.open()


def test_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = Settings(home=tmp_path).database
    path.parent.mkdir(parents=True)
    path.write_bytes(b"garbage" * 1000)

    with pytest.raises(HomeUnusable, match=r"cannot be used.*not a database"):
        create_app(Settings(home=tmp_path)).parts.lifecycle.open()

    assert path.read_bytes() == b"garbage" * 1000


def test_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with open_scene(tmp_path) as scene:
        scene.submit("j1")
    path = Settings(home=tmp_path).database
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    lifecycle = create_app(Settings(home=tmp_path)).parts.lifecycle

    with pytest.raises(NewerSchema, match="newer Atlas"):
        lifecycle.open()

    with sqlite3.connect(path) as database:
        assert database.execute("SELECT id FROM jobs").fetchall() == [("j1",)]
    database.close()


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.9.9.9", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.2", False), ("atlas.lan", False)],  # noqa: S104
)  # fmt: skip
def test_only_loopback_addresses_are_loopback(host: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(host) is expected
