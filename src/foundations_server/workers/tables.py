from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

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
    Index("ix_attempts_worker_id", "worker_id", "ended_at"),
    Index("ix_attempts_job_id", "job_id"),
)
