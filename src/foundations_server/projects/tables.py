from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table

from foundations_server.platform.database import metadata

projects = Table(
    "projects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("last_number", Integer, nullable=False),  # of its newest job
)
