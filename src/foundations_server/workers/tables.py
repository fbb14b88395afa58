from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from foundations_server.platform.database import metadata

workers = Table(
    "workers",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("name", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("executor", Text, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("gpus", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("is_gone", Boolean, nullable=False),  # it said goodbye
    Column("seen_at", Float, nullable=False),
    Column("cpus", Float),  # null: not counted
    Column("ram_gb", Float),
    Column("is_draining", Boolean, nullable=False, server_default=false()),
    Column("trouble", Text),  # what keeps it from starting or watching jobs
    # The row stays for the attempts of old that name it.
    Column("is_removed", Boolean, nullable=False, server_default=false()),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("worker_id", ForeignKey("workers.id"), nullable=False),
    Column("token", String(64), nullable=False),
    Column("num_gpus", Integer, nullable=False),
    Column("leased_at", Float, nullable=False),
    Column("started_at", Float),
    Column("ended_at", Float),
    Column("report", Text),  # JSON of the AttemptFinished that ended it
    Column("gpus", Text, nullable=False, server_default="[]"),  # JSON: ids of devices
    Column("cpus", Float),
    Column("ram_gb", Float),
    Column("log_start", BigInteger, nullable=False, server_default="0"),
    Index("ix_attempts_worker_id", "worker_id", "ended_at"),
    Index("ix_attempts_job_id", "job_id"),
    # No job ever has two attempts that have not ended.
    Index(
        "ix_attempts_open",
        "job_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

# One row for each GPU: that it names one attempt is what keeps two from sharing it.
gpus = Table(
    "gpus",
    metadata,
    Column("worker_id", ForeignKey("workers.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("position", Integer, nullable=False),  # in the worker's own order
    Column("name", Text, nullable=False),
    Column("memory_bytes", BigInteger),
    Column("is_present", Boolean, nullable=False),  # the worker names it still
    Column("attempt_id", ForeignKey("attempts.id", ondelete="SET NULL")),
    Column("problem", Text),  # why it is quarantined
    Index("ix_gpus_attempt", "attempt_id"),
    sqlite_with_rowid=False,
)
