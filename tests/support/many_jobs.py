"""Fills the database of a home with many jobs, by rows, without a server."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

import foundations_server.app  # noqa: F401 - all tables
from foundations_server.jobs.tables import jobs, params, tags
from foundations_server.metrics.tables import series
from foundations_server.migrations.runner import prepare
from foundations_server.platform.database import metadata
from foundations_server.projects.tables import projects

AT = 1_800_000_000.0
_SLICE = 2_000
_STATUSES = ("completed", "completed", "completed", "failed", "stopped")


def fill(home: Path, count: int, project: str = "many", seed: int = 7) -> None:
    """Make a project of jobs with 10 params, 10 metrics and 3 tags each.

    `metric_0` … `metric_9` and `param_0` … `param_4` are even between 0 and 1; `param_5` is a
    whole number below 100, `param_6` … `param_9` are texts.
    """
    (home / "data").mkdir(parents=True, exist_ok=True)
    path = home / "data" / "atlas.db"
    engine = create_engine(f"sqlite:///{path}")
    chosen = random.Random(seed)  # noqa: S311 - the same jobs every time
    with engine.begin() as connection:
        prepare(connection, metadata)
        values = {"name": project, "created_at": AT, "updated_at": AT, "last_number": count}
        key = connection.execute(insert(projects).values(values)).inserted_primary_key
        project_id = key[0] if key else 0
        for first in range(0, count, _SLICE):
            keys = range(first + 1, min(first + _SLICE, count) + 1)
            owners = [{"job_key": key, "project_id": project_id} for key in keys]
            connection.execute(insert(jobs), [_job(o, chosen) for o in owners])
            connection.execute(insert(params), [r for o in owners for r in _params(o, chosen)])
            connection.execute(insert(tags), [r for o in owners for r in _tags(o, chosen)])
            connection.execute(insert(series), [r for o in owners for r in _series(o, chosen)])
    engine.dispose()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")


def _job(owner: dict[str, Any], chosen: random.Random) -> dict[str, Any]:
    key = owner["job_key"]
    at = AT + key
    return {
        "key": key, "id": f"{chosen.getrandbits(128):032x}", "project_id": owner["project_id"],
        "number": key, "name": f"amber-heron-{key}", "status": chosen.choice(_STATUSES),
        "source": "local", "user": chosen.choice(("ada", "bob")), "command": '["main.py"]',
        "priority": 0, "queue_order": key, "num_gpus": 0, "created_at": at, "started_at": at,
        "ended_at": at + 100, "exit_code": 0, "is_stop_wanted": False,
    }  # fmt: skip


def _params(owner: dict[str, Any], chosen: random.Random) -> Iterator[dict[str, Any]]:
    for index in range(10):
        value: Any = chosen.random() if index < 5 else chosen.randrange(100)
        if index > 5:
            value = f"choice-{value % 7}"
        is_text = isinstance(value, str)
        yield {
            **owner, "name": f"param_{index}", "value": f'"{value}"' if is_text else repr(value),
            "number": None if is_text else float(value), "text": str(value),
        }  # fmt: skip


def _tags(owner: dict[str, Any], chosen: random.Random) -> Iterator[dict[str, Any]]:
    for index in range(3):
        yield {**owner, "key": f"tag_{index}", "value": chosen.choice(("a", "b", ""))}


def _series(owner: dict[str, Any], chosen: random.Random) -> Iterator[dict[str, Any]]:
    for index in range(10):
        last = chosen.random()
        row: dict[str, Any] = {
            **owner, "name": f"metric_{index}", "kind": "number", "points": 100, "dropped": 0,
            "last_step": 99, "min_step": 50, "max_step": 0, "first_at": AT, "last_at": AT,
        }  # fmt: skip
        for which, value in (("first", 2.0), ("last", last), ("min", last / 2), ("max", 2.0)):
            row[which], row[f"{which}_number"] = repr(value), value
        yield row
