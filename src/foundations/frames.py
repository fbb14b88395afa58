"""get_metrics_for_all_jobs."""

from __future__ import annotations

import contextlib
import importlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional

from foundations.deployments import last_value
from foundations_client.client import Client, connect
from foundations_client.configuration import find_server
from foundations_wire.errors import UnknownProject
from foundations_wire.jobs import JobView
from foundations_wire.times import from_iso

if TYPE_CHECKING:
    from pandas import DataFrame

_PAGE = 500
_NO_TIME = "No time available"


def get_metrics_for_all_jobs(project_name: str) -> DataFrame:
    """Return a pandas data frame with a row for each job of the project, oldest first.

    Columns: project_name, job_id, user, status, start_time, completed_time (local ISO
    texts), creation_time (seconds since 1970), tags (a dict), then one for each parameter,
    each metric (its last value) and, as `tag_<key>`, each tag. A metric named as a
    parameter gets the column `<name>_metric`; a parameter named as one of the first eight
    gets `<name>_param`. What a job did not log is NaN.

    Raises:
        ValueError: there is no such project.
        ModuleNotFoundError: pandas is not installed.
    """
    pandas = _load_pandas()
    with contextlib.closing(connect(find_server())) as client:
        rows = make_rows(list_jobs(client, project_name))
    frame: DataFrame = pandas.DataFrame(rows)
    return frame


def list_jobs(client: Client, project_name: str) -> list[JobView]:
    """Return all jobs of a project, oldest first.

    Raises:
        ValueError: there is no such project.
    """
    jobs: dict[str, JobView] = {}  # by id: a job that starts meanwhile shifts the pages
    total, offset = 1, 0
    while offset < total:
        try:
            page = client.jobs.list(project=project_name, limit=_PAGE, offset=offset)
        except UnknownProject as error:
            raise ValueError(f"Project `{project_name}` does not exist!") from error
        jobs.update({job.id: job for job in page.items})
        total, offset = page.total, offset + _PAGE
    return list(reversed(list(jobs.values())))


def make_rows(jobs: list[JobView]) -> list[dict[str, Any]]:
    """Return one row for each job; see get_metrics_for_all_jobs for the columns."""
    all_params = {name for job in jobs for name in job.params}
    return [_make_row(job, all_params) for job in jobs]


def _make_row(job: JobView, all_params: set[str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "project_name": job.project,
        "job_id": job.id,
        "user": job.user,
        "status": job.status.value,
        "start_time": _local(job.started_at),
        "completed_time": _local(job.ended_at),
        "creation_time": from_iso(job.created_at),
        "tags": job.tags,
    }
    fixed = set(row)
    for name, value in job.params.items():
        row[f"{name}_param" if name in fixed else name] = value
    for metric in job.metrics:
        taken = metric.name in fixed or metric.name in all_params
        row[f"{metric.name}_metric" if taken else metric.name] = last_value(metric)
    for key, value in job.tags.items():
        row[f"tag_{key}"] = value
    return row


def _local(moment: Optional[str]) -> str:
    if moment is None:
        return _NO_TIME
    return datetime.fromtimestamp(from_iso(moment)).isoformat()  # noqa: DTZ006 - local time


def _load_pandas() -> Any:
    try:
        return importlib.import_module("pandas")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "get_metrics_for_all_jobs makes a pandas data frame, and pandas is not installed: "
            "pip install pandas"
        ) from error
