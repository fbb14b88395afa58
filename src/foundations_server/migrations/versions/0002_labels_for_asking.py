"""Jobs get an integer key; params, tags and series say their project and can be compared.

The tables are made anew: SQLite cannot change a primary key.
"""

from __future__ import annotations

import json
import math
import zlib
from array import array
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SHORT = 500
_SPECIALS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_JOBS = (
    "id, project_id, number, name, status, reason, source, user, command, spec, bundle, priority, "
    "queue_order, num_gpus, created_at, started_at, ended_at, exit_code, error, is_stop_wanted, "
    "attempt_id, worker"
)
_JOB_INDEXES = {
    "bundle": ["bundle"],
    "created_at": ["created_at"],
    "project_id": ["project_id", "created_at"],
    "project_status": ["project_id", "status", "created_at"],
    "queue_order": ["queue_order"],
    "status": ["status", "priority", "queue_order"],
}


def upgrade() -> None:
    _create_jobs()
    # The keys grow as the jobs were made, for that is how ties are sorted.
    op.execute(
        f"INSERT INTO new_jobs ({_JOBS}) SELECT {_JOBS} FROM jobs "  # noqa: S608 - a constant
        "ORDER BY created_at, project_id, number"
    )
    _replace("jobs")
    for name, columns in _JOB_INDEXES.items():
        op.create_index(f"ix_jobs_{name}", "jobs", columns, unique=False)
    _create_params()
    _fill_params()
    _replace("params")
    for kind in ("number", "text"):
        columns = ["project_id", "name", kind, "job_key"]
        op.create_index(f"ix_params_{kind}", "params", columns, unique=False)
    _create_tags()
    op.execute(
        "INSERT INTO new_tags (job_key, key, project_id, value) "
        "SELECT jobs.key, old.key, jobs.project_id, old.value "
        "FROM tags AS old JOIN jobs ON jobs.id = old.job_id"
    )
    _replace("tags")
    op.create_index("ix_tags_key", "tags", ["project_id", "key", "job_key"], unique=False)
    _create_series()
    _fill_series()
    _replace("series")
    for which in ("last", "min", "max"):
        columns = ["project_id", "name", f"{which}_number", "job_key"]
        op.create_index(f"ix_series_{which}", "series", columns, unique=False)


def _replace(table: str) -> None:
    """Put the new table in the old one's place, where other tables refer to it."""
    op.drop_table(table)
    op.rename_table(f"new_{table}", table)


def _create_jobs() -> None:
    op.create_table(
        "new_jobs",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=True),
        sa.Column("bundle", sa.String(length=64), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("queue_order", sa.BigInteger(), nullable=False),
        sa.Column("num_gpus", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=True),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("is_stop_wanted", sa.Boolean(), nullable=False),
        sa.Column("attempt_id", sa.String(length=36), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_jobs_project_id"),
        sa.PrimaryKeyConstraint("key", name="pk_jobs"),
        sa.UniqueConstraint("id", name="uq_jobs_id"),
        sa.UniqueConstraint("project_id", "number", name="uq_jobs_project_id_number"),
    )


def _create_params() -> None:
    op.create_table(
        "new_params",
        sa.Column("job_key", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("number", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_key"], ["jobs.key"], name="fk_params_job_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_params_project_id"),
        sa.PrimaryKeyConstraint("job_key", "name", name="pk_params"),
        sqlite_with_rowid=False,
    )


def _create_tags() -> None:
    op.create_table(
        "new_tags",
        sa.Column("job_key", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_key"], ["jobs.key"], name="fk_tags_job_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_tags_project_id"),
        sa.PrimaryKeyConstraint("job_key", "key", name="pk_tags"),
        sqlite_with_rowid=False,
    )


def _create_series() -> None:
    op.create_table(
        "new_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_key", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.Column("first", sa.Text(), nullable=False),
        sa.Column("last", sa.Text(), nullable=False),
        sa.Column("min", sa.Text(), nullable=True),
        sa.Column("max", sa.Text(), nullable=True),
        sa.Column("first_number", sa.Float(), nullable=True),
        sa.Column("last_number", sa.Float(), nullable=True),
        sa.Column("min_number", sa.Float(), nullable=True),
        sa.Column("max_number", sa.Float(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("min_step", sa.BigInteger(), nullable=True),
        sa.Column("max_step", sa.BigInteger(), nullable=True),
        sa.Column("first_at", sa.Float(), nullable=False),
        sa.Column("last_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_key"], ["jobs.key"], name="fk_series_job_key", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_series_project_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint("job_key", "name", name="uq_series_job_key_name"),
    )


def _fill_params() -> None:
    rows = _select(
        "SELECT jobs.key AS job_key, old.name AS name, jobs.project_id AS project_id, "
        "old.value AS value FROM params AS old JOIN jobs ON jobs.id = old.job_id"
    )
    _insert(
        "INSERT INTO new_params (job_key, name, project_id, value, number, text) "
        "VALUES (:job_key, :name, :project_id, :value, :number, :text)",
        (_convert_param(row) for row in rows),
    )


def _convert_param(row: dict[str, Any]) -> dict[str, Any]:
    value = json.loads(row["value"])
    text = value if isinstance(value, str) else row["value"]
    short = None if value is None else text[:_SHORT]
    return {**row, "number": _as_double(value), "text": short}


def _fill_series() -> None:
    rows = _select(
        "SELECT old.id AS id, jobs.key AS job_key, jobs.project_id AS project_id, "
        "old.name AS name, old.kind AS kind, old.points AS points, old.last AS last, "
        "old.min AS min, old.max AS max, old.last_step AS last_step "
        "FROM series AS old JOIN jobs ON jobs.id = old.job_id"
    )
    _insert(
        "INSERT INTO new_series (id, job_key, project_id, name, kind, points, dropped, first, "
        "last, min, max, first_number, last_number, min_number, max_number, last_step, min_step, "
        "max_step, first_at, last_at) VALUES (:id, :job_key, :project_id, :name, :kind, :points, "
        "0, :first, :last, :min, :max, :first_number, :last_number, :min_number, :max_number, "
        ":last_step, :min_step, :max_step, :first_at, :last_at)",
        (_convert_series(row) for row in rows),
    )


def _convert_series(row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"first": row["last"], "first_at": 0.0, "last_at": 0.0}
    wanted = {end: _as_double(_decode(row[end])) for end in ("min", "max")}
    steps: dict[str, int | None] = {"min": None, "max": None}
    is_first = True
    for chunk in _select(
        "SELECT * FROM chunks WHERE series_id = :id ORDER BY start", id=row["id"]
    ):
        at = _unpack("d", chunk["packed_times"])
        values = _unpack_values(chunk["kind"], chunk["packed_values"])
        if is_first:
            text = json.dumps(values[0], ensure_ascii=False)
            found |= {"first": text, "first_at": at[0]}
            is_first = False
        found["last_at"] = at[-1]
        for end in ("min", "max"):
            if steps[end] is None and wanted[end] is not None:
                at_end = (i for i, value in enumerate(values) if _as_double(value) == wanted[end])
                place = next(at_end, None)
                if place is not None:
                    steps[end] = _unpack("q", chunk["packed_steps"])[place]
    is_text = row["kind"] == "text"
    ends = {**row, "first": found["first"]}
    for end in ("first", "last", "min", "max"):
        found[f"{end}_number"] = None if is_text else _as_double(_decode(ends[end]))
    return {**row, **found, "min_step": steps["min"], "max_step": steps["max"]}


def _unpack(code: str, data: bytes) -> list[Any]:
    """Return a column as this version packed it: deflated, little-endian."""
    column: array[Any] = array(code)
    column.frombytes(zlib.decompress(data))
    if memoryview(array("h", [1])).tobytes()[0] == 0:
        column.byteswap()
    return column.tolist()


def _unpack_values(kind: str, data: bytes) -> list[Any]:
    """Return JSON-ready values: specials are texts."""
    if kind == "integers":
        return _unpack("q", data)
    if kind == "floats":
        return [value if math.isfinite(value) else _spell(value) for value in _unpack("d", data)]
    values: list[Any] = json.loads(zlib.decompress(data))
    return values


def _spell(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _decode(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _as_double(value: Any) -> float | None:
    if isinstance(value, str):
        value = _SPECIALS.get(value)
    if value is None or isinstance(value, (bool, list, dict)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return None if math.isnan(number) else number


def _select(query: str, **values: Any) -> Iterator[dict[str, Any]]:
    for row in op.get_bind().execute(sa.text(query), values).mappings():
        yield dict(row)


def _insert(query: str, rows: Iterator[dict[str, Any]]) -> None:
    """Insert rows some at a time; there may be more than memory holds."""
    statement, some = sa.text(query), []
    for row in rows:
        some.append(row)
        if len(some) == 1000:
            op.get_bind().execute(statement, some)
            some = []
    if some:
        op.get_bind().execute(statement, some)
