"""Rows of jobs as the views that go out, with reasons made up to date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.archive import service as archive
from foundations_server.archive.logs import JobLogs
from foundations_server.jobs import labels
from foundations_server.jobs.dependencies import list_after
from foundations_server.jobs.fleet import Fleet, HeldAttempt
from foundations_server.jobs.reasons import Reasons
from foundations_server.metrics import service as metrics
from foundations_server.platform import stored
from foundations_server.platform.clock import Clock
from foundations_wire import codec
from foundations_wire.jobs import JobError, JobSource, JobStatus, JobView
from foundations_wire.times import to_iso

LONG_TEXT = 1_000  # characters of a text that a listing shows


class Viewer:
    def __init__(self, clock: Clock, logs: JobLogs, fleet: Fleet) -> None:
        self._clock = clock
        self._logs = logs
        self._fleet = fleet
        self._reasons = Reasons(clock, fleet)

    def view(
        self, connection: Connection, rows: Sequence[Row[Any]], *, is_short: bool = False
    ) -> list[JobView]:
        """Return a view of each row, in their order; a short one cuts long texts."""
        cut = shorten if is_short else _keep
        ids, keys = [row.id for row in rows], [row.key for row in rows]
        params = labels.list_params(connection, keys)
        tags = labels.list_tags(connection, keys)
        summaries = metrics.summarise(connection, keys)
        artifacts = archive.count_artifacts(connection, ids)
        positions, reasons = self._reasons.find(connection, rows)
        attempts = self._fleet.describe_attempts(connection, _list_attempts(rows))
        after = list_after(connection, ids)
        now = self._clock.now()
        return [
            JobView(
                params={k: cut(stored.decode(v)) for k, v in params.get(row.key, {}).items()},
                tags={k: cut(v) for k, v in tags.get(row.key, {}).items()},
                metrics=summaries.get(row.key, []),
                artifact_count=artifacts.get(row.id, 0),
                log_bytes=self._logs.size(row.id),
                queue_position=positions.get(row.id),
                reason=reasons.get(row.id, row.reason),
                duration_seconds=_measure(row, now),
                after=after.get(row.id, []),
                **_describe(row),
                **_describe_attempt(row, attempts.get(row.attempt_id)),
            )
            for row in rows
        ]


def shorten(value: Any) -> Any:
    """Return a text cut to what a table can show; other values as they are."""
    if isinstance(value, str) and len(value) > LONG_TEXT:
        return value[: LONG_TEXT - 1] + "…"
    return value


def _keep(value: Any) -> Any:
    return value


def _measure(row: Row[Any], now: float) -> float | None:
    if row.started_at is None:
        return None
    end = row.ended_at if row.ended_at is not None else now
    return max(float(end - row.started_at), 0.0)


def _describe(row: Row[Any]) -> dict[str, Any]:
    """Return the fields that only need spelling."""
    return {
        "id": row.id,
        "project": row.project,
        "number": row.number,
        "name": row.name,
        "status": JobStatus(row.status),
        "source": JobSource(row.source),
        "user": row.user,
        "command": stored.decode(row.command),
        "priority": row.priority,
        "num_gpus": row.num_gpus,
        "created_at": to_iso(row.created_at),
        "started_at": _to_iso(row.started_at),
        "ended_at": _to_iso(row.ended_at),
        "exit_code": row.exit_code,
        "error": _read_error(row),
        "worker": row.worker,
        "cpus": row.cpus,
        "ram_gb": row.ram_gb,
        "time_limit": row.time_limit,
        "is_held": row.is_held,
        "array": row.array_id,
        "array_index": row.array_index,
        "schedule": row.schedule_id,
    }


def _list_attempts(rows: Sequence[Row[Any]]) -> list[str]:
    return [row.attempt_id for row in rows if row.attempt_id is not None]


def _describe_attempt(row: Row[Any], attempt: HeldAttempt | None) -> dict[str, Any]:
    if attempt is None:  # before the first, or between two
        return {"attempt": row.failures + row.losses}
    return {"attempt": attempt.number, "gpus": [] if attempt.is_over else attempt.gpus}


def _to_iso(seconds: float | None) -> str | None:
    return None if seconds is None else to_iso(seconds)


def _read_error(row: Row[Any]) -> JobError | None:
    """Return the exception that ended the job; one of a child does not end a completed job."""
    if not row.error or row.status == JobStatus.COMPLETED.value:
        return None
    return codec.build(JobError, codec.decode(row.error))
