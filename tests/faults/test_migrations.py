"""An upgrade that is killed anywhere goes on at the next start (R56)."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from foundations_server.migrations.runner import REVISIONS
from support.server import Server

SOURCE = Path(__file__).resolve().parents[2] / "src"
DUMPS = sorted((Path(__file__).parents[1] / "migration" / "databases").glob("*.sql"))

# For each number: a copy of the old database is migrated by a process that kills itself
# before that statement; then another one opens it as the next start does. Statements are
# counted by SQLite itself, BEGIN and COMMIT among them. Processes are forked, so that what
# takes long to import is imported once.
KILLER = """
import json, os, shutil, sqlite3, sys
from contextlib import closing
from functools import partial
from pathlib import Path
import alembic.command, alembic.config, alembic.runtime.environment
from sqlalchemy import Engine, event
import foundations_server.app
from foundations_server.migrations.runner import prepare
from foundations_server.platform.database import Database, metadata

folder, old = Path(sys.argv[1]), Path(sys.argv[2])
path = folder / "data" / "atlas.db"
seen, fatal = 0, 0

def watch(statement):
    global seen
    seen += 1
    if seen == fatal:
        os.kill(os.getpid(), 9)

event.listen(Engine, "connect", lambda raw, _record: raw.set_trace_callback(watch))

def migrate_and_tell(tell, connection):
    prepare(connection, metadata=metadata)
    if tell:
        (folder / "seen").write_text(str(seen))

def migrate(number, tell):
    global fatal
    fatal = number
    pid = os.fork()
    if pid == 0:
        database = Database(path)
        database.open(partial(migrate_and_tell, tell))
        database.close()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def start_anew():
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir(parents=True)
    shutil.copy(old, path)

def dump(file):
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        return list(database.iterdump())

start_anew()
assert migrate(0, True) == 0
total = int((folder / "seen").read_text()) + 1  # and the COMMIT
whole, before = dump(path), dump(old)
wrong = []
for number in range(1, total + 1):
    start_anew()
    killed = migrate(number, False)
    again = migrate(0, False)
    backups = sorted((path.parent / "backups").glob("atlas-*.db"))
    found = {"killed": killed, "again": again, "is_whole": dump(path) == whole,
             "backups": [dump(backup) == before for backup in backups]}
    if found != {"killed": -9, "again": 0, "is_whole": True, "backups": [True]}:
        wrong.append({"number": number, **found})
print(json.dumps({"total": total, "wrong": wrong}))
"""


@pytest.mark.parametrize("dump", DUMPS[:-1], ids=lambda dump: dump.stem)
def test_the_next_start_completes_a_migration_that_was_killed_anywhere(
    dump: Path, tmp_path: Path
) -> None:
    old, script = tmp_path / "old.db", tmp_path / "killer.py"
    with closing(sqlite3.connect(old)) as database:
        database.executescript(dump.read_text(encoding="utf-8"))
    script.write_text(KILLER)

    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home"), str(old)],
        env={"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
        timeout=900, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    print(f"{dump.stem}: killed before each of {found['total']} statements")
    assert found["wrong"] == []
    assert found["total"] > 10


def test_an_older_program_refuses_a_newer_database_and_changes_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path / "server")
    server.start()
    server.stop()
    path = server.home / "data" / "atlas.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()

    with pytest.raises(
        AssertionError, match=r"newer Atlas \(schema 9999.* up to " + REVISIONS[-1]
    ):
        server.start()

    assert path.read_bytes() == before
