"""Jobs wait for jobs, limits and resources; GPUs are rows; schedules submit jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _extend_jobs()
    _extend_workers()
    _extend_attempts()
    _create_dependencies()
    _create_limits()
    _create_gpus()
    _create_schedules()


def _add(table: str, *columns: sa.Column[object]) -> None:
    for column in columns:
        op.add_column(table, column)


def _extend_jobs() -> None:
    _add(
        "jobs",
        sa.Column("is_held", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("cpus", sa.Float()),
        sa.Column("ram_gb", sa.Float()),
        sa.Column("time_limit", sa.Float()),
        sa.Column("blockers", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("not_before", sa.Float()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("losses", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("array_id", sa.String(length=128)),
        sa.Column("array_index", sa.Integer()),
        sa.Column("schedule_id", sa.String(length=128)),
    )
    op.create_index("ix_jobs_array", "jobs", ["array_id", "array_index"], unique=False)
    # What waits has its own index now; this one is for lists of jobs of one status.
    op.drop_index("ix_jobs_status", "jobs")
    op.create_index("ix_jobs_status", "jobs", ["status", "created_at"], unique=False)
    _index_runs()
    is_waiting = sa.text("status = 'queued' AND attempt_id IS NULL")
    op.create_index(
        "ix_jobs_waiting",
        "jobs",
        [sa.text("priority DESC"), "queue_order", "is_held", "blockers", "not_before",
         "num_gpus", "cpus", "ram_gb", "time_limit", "project_id", "user"],
        unique=False,
        sqlite_where=is_waiting,
        postgresql_where=is_waiting,
    )  # fmt: skip
    is_held = sa.text("status IN ('queued', 'running') AND attempt_id IS NOT NULL")
    op.create_index(
        "ix_jobs_on_workers",
        "jobs",
        ["started_at", "created_at"],
        unique=False,
        sqlite_where=is_held,
        postgresql_where=is_held,
    )


def _index_runs() -> None:
    has_one = sa.text("schedule_id IS NOT NULL")
    for name, column in (
        ("ix_jobs_schedule", "created_at"),
        ("ix_jobs_unfinished_runs", "status"),
    ):
        op.create_index(
            name, "jobs", ["schedule_id", column], unique=False, sqlite_where=has_one,
            postgresql_where=has_one,
        )  # fmt: skip


def _extend_workers() -> None:
    _add(
        "workers",
        sa.Column("cpus", sa.Float()),
        sa.Column("ram_gb", sa.Float()),
        sa.Column("is_draining", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("trouble", sa.Text()),
        sa.Column("is_removed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _extend_attempts() -> None:
    _add(
        "attempts",
        sa.Column("gpus", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("cpus", sa.Float()),
        sa.Column("ram_gb", sa.Float()),
        sa.Column("log_start", sa.BigInteger(), nullable=False, server_default="0"),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["job_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _create_dependencies() -> None:
    op.create_table(
        "dependencies",
        sa.Column("job_id", sa.String(length=128), nullable=False),
        sa.Column("after_id", sa.String(length=128), nullable=False),
        sa.Column("until", sa.String(length=20), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_dependencies_job_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["after_id"], ["jobs.id"], name="fk_dependencies_after_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("job_id", "after_id", name="pk_dependencies"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_dependencies_after", "dependencies", ["after_id", "is_met"], unique=False)


def _create_limits() -> None:
    op.create_table(
        "limits",
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("running", sa.Integer()),
        sa.Column("gpus", sa.Integer()),
        sa.PrimaryKeyConstraint("scope", "name", name="pk_limits"),
        sqlite_with_rowid=False,
    )


def _create_gpus() -> None:
    op.create_table(
        "gpus",
        sa.Column("worker_id", sa.String(length=128), nullable=False),
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("memory_bytes", sa.BigInteger()),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("attempt_id", sa.String(length=36)),
        sa.Column("problem", sa.Text()),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["workers.id"], name="fk_gpus_worker_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name="fk_gpus_attempt_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("worker_id", "id", name="pk_gpus"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_gpus_attempt", "gpus", ["attempt_id"], unique=False)


def _create_schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("bundle", sa.String(length=64)),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.Float()),
        sa.Column("last_at", sa.Float()),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
    )
    op.create_index("ix_schedules_next_at", "schedules", ["is_paused", "next_at"], unique=False)
    op.create_index("ix_schedules_bundle", "schedules", ["bundle"], unique=False)
