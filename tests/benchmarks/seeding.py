"""Many jobs in little time: one goes through the server, its rows are copied with new values.

Copying asks the database for its columns, so it follows the schema; points in chunks, which
no listing reads, are not copied.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.services import Api
from foundations_wire import batches
from foundations_wire.events import (
    Event,
    Finished,
    MetricLogged,
    ParamLogged,
    Registered,
    TagSet,
    to_wire,
)

PROJECT = "listing"
TEMPLATE = "template"
NAMES = range(10)
TAGS = ("baseline", "night", "team/vision")

Row = dict[str, Any]


def add_template(url: str) -> None:
    """Send one finished job with 10 parameters, 10 metrics and 3 tags."""
    now = time.time()
    events: list[Event] = [
        Registered(now, PROJECT, "bench", ["main.py"]),
        *(ParamLogged(now, f"p{k}", 1) for k in NAMES),
        *(MetricLogged(now, f"m{k}", 0, 0.5) for k in NAMES),
        *(TagSet(now, key, "yes") for key in TAGS),
        Finished(now, "completed", None, 0),
    ]
    with Api(url) as api:
        wires = [to_wire(event) for event in events]
        api.post_batch(TEMPLATE, batches.from_events("p0", 0, wires))


def copy_template(home: Path, jobs: int) -> None:
    """Fill the database of a stopped server up to so many jobs."""
    with closing(sqlite3.connect(home / "data" / "atlas.db")) as database:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA foreign_keys=OFF")
        job = find(database, "jobs", "id", TEMPLATE)[0]
        insert(database, "jobs", (copy_job(job, index) for index in range(1, jobs)))
        for table, copy in (("params", copy_param), ("series", copy_series), ("tags", copy_tag)):
            rows = find(database, table, "job_key", job["key"])
            chance = random.Random(table)  # noqa: S311 - data, not a secret
            copies = (
                copy({**row, "job_key": job["key"] + index}, chance)
                for index in range(1, jobs)
                for row in rows
            )
            insert(database, table, copies)
        database.execute(
            "UPDATE projects SET last_number = ? WHERE id = ?", (jobs, job["project_id"])
        )
        database.commit()


def find(database: sqlite3.Connection, table: str, column: str, value: Any) -> list[Row]:
    rows = database.execute(f"SELECT * FROM {table} WHERE {column} = ?", (value,))  # noqa: S608 - ours
    return [dict(row) for row in rows]


def insert(database: sqlite3.Connection, table: str, rows: Iterator[Row]) -> None:
    first = next(rows, None)
    if first is None:
        return
    columns = ", ".join(f'"{name}"' for name in first)
    values = ", ".join(f":{name}" for name in first)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({values})"  # noqa: S608 - ours
    database.execute(statement, first)
    database.executemany(statement, rows)


def copy_job(job: Row, index: int) -> Row:
    return {
        **job,
        "key": job["key"] + index,
        "id": f"job-{index}",
        "number": job["number"] + index,
        "name": f"amber-heron-{job['number'] + index}",
        "created_at": job["created_at"] - index,
        "started_at": job["started_at"] - index,
        "ended_at": job["ended_at"] - index,
    }


def copy_param(param: Row, chance: random.Random) -> Row:
    value = chance.randrange(10)
    return {**param, "value": str(value), "number": float(value), "text": str(value)}


def copy_series(series: Row, chance: random.Random) -> Row:
    """Give a metric new values, and drop the row's own number: the database gives one."""
    value = chance.random()
    texts = dict.fromkeys(("first", "last", "min", "max"), repr(value))
    numbers = {f"{name}_number": value for name in texts}
    return {**series, **texts, **numbers, "id": None}


def copy_tag(tag: Row, chance: random.Random) -> Row:
    return {**tag, "value": chance.choice(("yes", "no", ""))}
