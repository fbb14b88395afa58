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
    UniqueConstraint,
    false,
    text,
)

from foundations_server.platform.database import metadata


def _of_schedules(name: str, column: str) -> Index:
    """Return an index that costs nothing for the jobs of no schedule."""
    has_one = text("schedule_id IS NOT NULL")
    return Index(name, "schedule_id", column, sqlite_where=has_one, postgresql_where=has_one)


jobs = Table(
    "jobs",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("id", String(128), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", String(100), nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", Text),
    Column("source", String(20), nullable=False),
    Column("user", Text, nullable=False),
    Column("command", Text, nullable=False),  # JSON
    Column("spec", Text),  # JSON, of submitted jobs
    Column("bundle", String(64)),
    Column("priority", Integer, nullable=False),
    Column("queue_order", BigInteger, nullable=False),  # among jobs of one priority
    Column("num_gpus", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("ended_at", Float),
    Column("exit_code", Integer),
    Column("error", Text),  # JSON of JobError
    Column("is_stop_wanted", Boolean, nullable=False),
    Column("attempt_id", String(36)),  # the newest attempt, once there is one
    Column("worker", Text),  # the name of the worker that holds or held it
    Column("is_held", Boolean, nullable=False, server_default=false()),
    Column("cpus", Float),  # null: not accounted
    Column("ram_gb", Float),
    Column("time_limit", Float),  # seconds
    # How many jobs have to end before this one may start.
    Column("blockers", Integer, nullable=False, server_default="0"),
    Column("not_before", Float),  # the earliest start of the next attempt
    Column("failures", Integer, nullable=False, server_default="0"),  # of its code
    Column("losses", Integer, nullable=False, server_default="0"),  # to the infrastructure
    Column("array_id", String(128)),
    Column("array_index", Integer),
    Column("schedule_id", String(128)),
    UniqueConstraint("id"),
    UniqueConstraint("project_id", "number"),
    Index("ix_jobs_created_at", "created_at"),
    Index("ix_jobs_project_id", "project_id", "created_at"),
    Index("ix_jobs_project_status", "project_id", "status", "created_at"),
    Index("ix_jobs_queue_order", "queue_order"),
    Index("ix_jobs_status", "status", "created_at"),
    Index("ix_jobs_bundle", "bundle"),
    Index("ix_jobs_array", "array_id", "array_index"),
    _of_schedules("ix_jobs_schedule", "created_at"),
    _of_schedules("ix_jobs_unfinished_runs", "status"),
)

# The queue itself, in its order. It holds what decides whether a job may start, so that
# looking for one that fits among thousands that do not never reads their rows.
Index(
    "ix_jobs_waiting",
    jobs.c.priority.desc(),
    jobs.c.queue_order,
    jobs.c.is_held,
    jobs.c.blockers,
    jobs.c.not_before,
    jobs.c.num_gpus,
    jobs.c.cpus,
    jobs.c.ram_gb,
    jobs.c.time_limit,
    jobs.c.project_id,
    jobs.c.user,
    sqlite_where=text("status = 'queued' AND attempt_id IS NULL"),
    postgresql_where=text("status = 'queued' AND attempt_id IS NULL"),
)

# The jobs that workers hold, oldest first.
Index(
    "ix_jobs_on_workers",
    jobs.c.started_at,
    jobs.c.created_at,
    sqlite_where=text("status IN ('queued', 'running') AND attempt_id IS NOT NULL"),
    postgresql_where=text("status IN ('queued', 'running') AND attempt_id IS NOT NULL"),
)

# Which jobs a job waits for; a row stays when it is met.
dependencies = Table(
    "dependencies",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("after_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("until", String(20), nullable=False),
    Column("is_met", Boolean, nullable=False),
    Index("ix_dependencies_after", "after_id", "is_met"),
    sqlite_with_rowid=False,
)

# How much of the machines the jobs of a project or of a user may hold at once. The name `*`
# stands for each that has no row of its own; null is no limit.
limits = Table(
    "limits",
    metadata,
    Column("scope", String(20), primary_key=True),  # project or user
    Column("name", Text, primary_key=True),
    Column("running", Integer),
    Column("gpus", Integer),
    sqlite_with_rowid=False,
)


def _job_key() -> Column[int]:
    return Column("job_key", ForeignKey("jobs.key", ondelete="CASCADE"), primary_key=True)


def _project_id() -> Column[int]:
    """Return the project of the job, held twice so that an index can begin with it."""
    return Column("project_id", ForeignKey("projects.id"), nullable=False)


# The indexes answer filters, sorts, counts and lists of names without a look at the rows.
params = Table(
    "params",
    metadata,
    _job_key(),
    Column("name", Text, primary_key=True),
    _project_id(),
    Column("value", Text, nullable=False),  # JSON
    Column("number", Float),  # null for what is no number, and for NaN
    Column("text", Text),  # how it reads, shortened; null for a null
    Index("ix_params_number", "project_id", "name", "number", "job_key"),
    Index("ix_params_text", "project_id", "name", "text", "job_key"),
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    _job_key(),
    Column("key", Text, primary_key=True),
    _project_id(),
    Column("value", Text, nullable=False),
    Index("ix_tags_key", "project_id", "key", "job_key"),
    sqlite_with_rowid=False,
)

# How far the events of each process of a job are stored.
producers = Table(
    "producers",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("producer", Text, primary_key=True),
    Column("next", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
