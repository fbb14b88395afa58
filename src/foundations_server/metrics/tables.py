from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from foundations_server.platform.database import metadata

# One row per metric of a job: what tables of jobs show. Exact values are JSON; their numbers
# are doubles for comparing, null for texts and NaN.
series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job_key", ForeignKey("jobs.key", ondelete="CASCADE"), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),  # as the job's
    Column("name", Text, nullable=False),
    Column("kind", String(10), nullable=False),  # number or text
    Column("points", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),  # points that were not kept
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("min", Text),
    Column("max", Text),
    Column("first_number", Float),
    Column("last_number", Float),
    Column("min_number", Float),
    Column("max_number", Float),
    Column("last_step", BigInteger, nullable=False),
    Column("min_step", BigInteger),  # the first step that had the lowest value
    Column("max_step", BigInteger),
    Column("first_at", Float, nullable=False),
    Column("last_at", Float, nullable=False),
    UniqueConstraint("job_key", "name"),
    Index("ix_series_last", "project_id", "name", "last_number", "job_key"),
    Index("ix_series_min", "project_id", "name", "min_number", "job_key"),
    Index("ix_series_max", "project_id", "name", "max_number", "job_key"),
)

# The points, in columns; see columns.py. Point numbers start … start + points - 1.
chunks = Table(
    "chunks",
    metadata,
    Column("series_id", ForeignKey("series.id", ondelete="CASCADE"), primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("points", Integer, nullable=False),
    Column("kind", String(10), nullable=False),  # how the values are packed
    Column("low_step", BigInteger, nullable=False),
    Column("high_step", BigInteger, nullable=False),
    Column("low_at", Float, nullable=False),
    Column("high_at", Float, nullable=False),
    Column("packed_steps", LargeBinary, nullable=False),
    Column("packed_times", LargeBinary, nullable=False),
    Column("packed_values", LargeBinary, nullable=False),
)
