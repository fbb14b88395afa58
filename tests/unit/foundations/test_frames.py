from __future__ import annotations

from typing import Any

from foundations.frames import make_rows
from foundations_wire.jobs import JobSource, JobStatus, JobView, MetricSummary


def make_job(**changes: Any) -> JobView:
    values: dict[str, Any] = {
        "id": "job-1", "project": "birds", "number": 1, "name": "amber-heron-1",
        "status": JobStatus.QUEUED, "reason": None, "source": JobSource.LOCAL, "user": "ada",
        "command": [], "priority": 0, "num_gpus": 0,
        "created_at": "1970-01-01T00:00:10.000000Z", "started_at": None, "ended_at": None,
        "duration_seconds": None, "exit_code": None, "error": None, "worker": None,
        "queue_position": None, "params": {}, "tags": {}, "metrics": [], "artifact_count": 0,
        "log_bytes": 0,
    }  # fmt: skip
    return JobView(**{**values, **changes})


def metric(name: str, last: Any, kind: str = "number") -> MetricSummary:
    return MetricSummary(name, kind, 1, last, None, None, 0)


def test_a_row_has_the_fixed_columns_when_nothing_was_logged() -> None:
    row = make_rows([make_job()])[0]

    assert row == {
        "project_name": "birds",
        "job_id": "job-1",
        "user": "ada",
        "status": "queued",
        "start_time": "No time available",
        "completed_time": "No time available",
        "creation_time": 10.0,
        "tags": {},
    }


def test_what_was_logged_has_columns_by_its_names() -> None:
    job = make_job(
        params={"lr": 0.1},
        metrics=[metric("loss", "NaN"), metric("note", "NaN", "text")],
        tags={"good": "yes"},
    )

    row = make_rows([job])[0]

    assert row["lr"] == 0.1
    assert row["loss"] != row["loss"]
    assert row["note"] == "NaN"
    assert row["tag_good"] == "yes"


def test_columns_keep_apart_when_names_clash() -> None:
    jobs = [
        make_job(metrics=[metric("loss", 1)]),
        make_job(id="job-2", params={"loss": "mse", "status": "fine"}),
    ]

    first, second = make_rows(jobs)

    assert first["loss_metric"] == 1
    assert "loss" not in first
    assert (second["loss"], second["status"], second["status_param"]) == ("mse", "queued", "fine")
