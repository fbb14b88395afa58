"""get_metrics_for_all_jobs."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional

from foundations.search import ask, read_values
from foundations.tables import load_library, make_pandas
from foundations_wire.search import JobColumn, JobQuery

if TYPE_CHECKING:
    from pandas import DataFrame

_NO_TIME = "No time available"
_ATTRIBUTES = ("project", "id", "user", "status", "started", "ended", "created")
_FIXED = (
    "project_name", "job_id", "user", "status", "start_time", "completed_time", "creation_time",
    "tags",
)  # fmt: skip


def get_metrics_for_all_jobs(project_name: str) -> DataFrame:
    """Return a pandas data frame with a row for each job of the project, oldest first.

    Columns: project_name, job_id, user, status, start_time, completed_time (local ISO
    texts), creation_time (seconds since 1970), tags (a dict), then one for each parameter,
    each metric (its last value; those under `system/` are left out) and, as `tag_<key>`, each
    tag. Where a name is taken already, a parameter gets `_param` behind it, a metric
    `_metric`, a tag `_tag`. What a job did not log is NaN.

    Raises:
        ValueError: there is no such project.
        ModuleNotFoundError: pandas is not installed.
    """
    pandas = load_library("pandas", "get_metrics_for_all_jobs")
    names = [*_ATTRIBUTES, "params", "metrics", "tags"]
    found = ask(JobQuery(project_name, sort="created,number", columns=names))
    columns = make_columns(found.columns)
    frame: DataFrame = make_pandas(pandas, columns if columns["job_id"] else {})
    return frame


def make_columns(found: list[JobColumn]) -> dict[str, list[Any]]:
    """Return the columns by the names that they get; see get_metrics_for_all_jobs."""
    values = {c.name: c.values for c in found if c.kind == "attribute"}  # noqa: PD011
    labels = [column for column in found if column.kind != "attribute"]
    tags = [column for column in labels if column.kind == "tag"]
    fixed = (
        values["project"],
        values["id"],
        values["user"],
        values["status"],
        [_local(seconds) for seconds in values["started"]],
        [_local(seconds) for seconds in values["ended"]],
        values["created"],
        _collect_tags(tags, len(values["id"])),
    )
    columns: dict[str, list[Any]] = dict(zip(_FIXED, fixed))
    # The names of parameters come first, so that nothing else takes one of them.
    taken = {*_FIXED, *(column.name for column in labels if column.kind == "param")}
    for column in labels:
        columns[_name(column, taken)] = read_values(column)
    return columns


def _name(column: JobColumn, taken: set[str]) -> str:
    name = f"tag_{column.name}" if column.kind == "tag" else column.name
    if column.kind == "param" and name not in _FIXED:
        return name
    while name in taken:
        name = f"{name}_{column.kind}"
    taken.add(name)
    return name


def _collect_tags(tags: list[JobColumn], count: int) -> list[dict[str, str]]:
    of_jobs: list[dict[str, str]] = [{} for _ in range(count)]
    for column in tags:
        for of_job, value in zip(of_jobs, column.values):
            if value is not None:
                of_job[column.name] = value
    return of_jobs


def _local(seconds: Optional[float]) -> str:
    if seconds is None or math.isnan(seconds):
        return _NO_TIME
    return datetime.fromtimestamp(seconds).isoformat()  # noqa: DTZ006 - local time
