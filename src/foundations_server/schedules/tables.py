from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from foundations_server.platform.database import metadata

schedules = Table(
    "schedules",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("project", Text, nullable=False),
    Column("spec", Text, nullable=False),  # JSON of the JobSpec that each run gets
    Column("bundle", String(64)),
    Column("trigger", Text, nullable=False),  # JSON: when it runs, and how it catches up
    Column("is_paused", Boolean, nullable=False),
    Column("next_at", Float),  # null: it does not run again
    Column("last_at", Float),  # the moment of the newest run, as planned
    Column("runs", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),  # because the run before had not ended
    Column("created_at", Float, nullable=False),
    Index("ix_schedules_next_at", "is_paused", "next_at"),
    Index("ix_schedules_bundle", "bundle"),
)
