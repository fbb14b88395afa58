from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from foundations_server.platform.database import metadata

# One row per metric of a job: what tables of jobs show.
series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(10), nullable=False),  # number or text
    Column("points", BigInteger, nullable=False),
    Column("last", Text, nullable=False),  # JSON, as are min and max
    Column("min", Text),
    Column("max", Text),
    Column("last_step", BigInteger, nullable=False),
    UniqueConstraint("job_id", "name"),
)

# The points, in columns; see columns.py. Point numbers start … start + points - 1.
chunks = Table(
    "chunks",
    metadata,
    Column("series_id", ForeignKey("series.id", ondelete="CASCADE"), primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("points", Integer, nullable=False),
    Column("kind", String(10), nullable=False),  # how the values are packed
    Column("packed_steps", LargeBinary, nullable=False),
    Column("packed_times", LargeBinary, nullable=False),
    Column("packed_values", LargeBinary, nullable=False),
)
