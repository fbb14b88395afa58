"""Chunks are packed with zstd and say which steps and times they hold.

The columns are packed as metrics/columns.py did at this version: a byte for the way, then,
for numbers, zstd over byte 0 of all of them, byte 1 of all, …; for the rest zstd over JSON.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SHUFFLED, _JSON = b"\2", b"\4"
_SOME = 200  # rows at a time; there may be more than memory holds


def upgrade() -> None:
    op.rename_table("chunks", "old_chunks")
    op.create_table(
        "chunks",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("low_step", sa.BigInteger(), nullable=False),
        sa.Column("high_step", sa.BigInteger(), nullable=False),
        sa.Column("low_at", sa.Float(), nullable=False),
        sa.Column("high_at", sa.Float(), nullable=False),
        sa.Column("packed_steps", sa.LargeBinary(), nullable=False),
        sa.Column("packed_times", sa.LargeBinary(), nullable=False),
        sa.Column("packed_values", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name="fk_chunks_series_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", "start", name="pk_chunks"),
    )
    insert = sa.text(
        "INSERT INTO chunks (series_id, start, points, kind, low_step, high_step, low_at, "
        "high_at, packed_steps, packed_times, packed_values) VALUES (:series_id, :start, "
        ":points, :kind, :low_step, :high_step, :low_at, :high_at, :packed_steps, "
        ":packed_times, :packed_values)"
    )
    for rows in _read():
        op.get_bind().execute(insert, [_convert(row) for row in rows])
    op.drop_table("old_chunks")


def _read() -> Iterator[list[dict[str, Any]]]:
    """Yield all old rows, some at a time, in the order of their key."""
    query = sa.text(
        "SELECT * FROM old_chunks WHERE (series_id, start) > (:series_id, :start) "
        "ORDER BY series_id, start LIMIT :some"
    )
    last = {"series_id": -1, "start": -1}
    while True:
        found = op.get_bind().execute(query, {**last, "some": _SOME})
        rows = [dict(row) for row in found.mappings()]
        if not rows:
            return
        yield rows
        last = {"series_id": rows[-1]["series_id"], "start": rows[-1]["start"]}


def _convert(row: dict[str, Any]) -> dict[str, Any]:
    steps, times = zlib.decompress(row["packed_steps"]), zlib.decompress(row["packed_times"])
    values = zlib.decompress(row["packed_values"])
    is_plain = row["kind"] in {"floats", "integers"}
    all_steps, all_times = _list("q", steps), _list("d", times)
    return {
        **row,
        "low_step": min(all_steps),
        "high_step": max(all_steps),
        "low_at": min(all_times),
        "high_at": max(all_times),
        "packed_steps": _shuffle(steps),
        "packed_times": _shuffle(times),
        "packed_values": _shuffle(values) if is_plain else _JSON + zstandard.compress(values),
    }


def _list(code: str, data: bytes) -> list[Any]:
    column: array[Any] = array(code)
    column.frombytes(data)
    if memoryview(array("h", [1])).tobytes()[0] == 0:  # the other way round than the data
        column.byteswap()
    return column.tolist()


def _shuffle(numbers: bytes) -> bytes:
    return _SHUFFLED + zstandard.compress(b"".join(numbers[index::8] for index in range(8)))
