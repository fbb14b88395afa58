"""get_series: the points of a metric, for plots and analysis."""

from __future__ import annotations

import contextlib
import importlib
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional, Union

from foundations_client.client import Client, connect
from foundations_client.configuration import find_server
from foundations_wire.errors import UnknownJob
from foundations_wire.metrics import SeriesPart, SeriesQuery

if TYPE_CHECKING:
    from pandas import DataFrame

Number = Union[int, float]


@dataclass(frozen=True)
class MetricSeries:
    """The points of one metric of one job, in the order in which they were logged.

    Columns are numpy arrays where numpy is installed, else arrays of the standard library;
    values that one array cannot hold exactly (texts, whole numbers beside others) are a list.
    `times` are seconds since 1970. `dropped` counts points that were thinned out before they
    reached the server.

    A series asked for with `max_points` holds buckets instead: `steps` (or `times`) is where
    each begins, `values` the last value in it, and `columns` also mean, min, max, n, nan,
    above and below (how many finite numbers, NaN, Infinity and -Infinity it holds).
    """

    job_id: str
    metric: str
    kind: str
    dropped: int
    width: Optional[float]
    columns: dict[str, Any]

    def __len__(self) -> int:
        """Return the number of points, or of buckets."""
        return len(next(iter(self.columns.values())))

    @property
    def steps(self) -> Any:
        """The steps, shape (n,)."""
        return self.columns["steps"]

    @property
    def times(self) -> Any:
        """The moments in seconds since 1970, shape (n,)."""
        return self.columns["times"]

    @property
    def values(self) -> Any:
        """The values, shape (n,)."""
        return self.columns["values"]

    def to_pandas(self) -> DataFrame:
        """Return a pandas data frame with these columns.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        pandas = importlib.import_module("pandas")
        frame: DataFrame = pandas.DataFrame(self.columns)
        return frame


def get_series(
    job_id: str,
    metric: str,
    *,
    by: str = "step",
    between: Optional[tuple[Number, Number]] = None,
    max_points: Optional[int] = None,
) -> MetricSeries:
    """Return the points that a job logged of a metric.

    Args:
        job_id: the job.
        metric: the name of the metric.
        by: what `between` and `max_points` go by, `step` or `time` (seconds since 1970).
        between: the lowest and the highest step or time to return, both included.
        max_points: return the series in at most so many buckets.

    Raises:
        ValueError: there is no such job, or it did not log such a metric.
    """
    with contextlib.closing(connect(find_server())) as client:
        parts = _ask(client, SeriesQuery(
            [job_id], [metric], by, list(between) if between else None, {}, max_points
        ))  # fmt: skip
        if not parts:
            raise ValueError(_explain(client, job_id, metric))
    first = parts[0]
    columns = {name: _join([part.columns[name] for part in parts]) for name in first.columns}
    if first.width is not None:
        axis = "steps" if by == "step" else "times"
        columns = {axis: columns.pop("x"), "values": columns.pop("last"), **columns}
    return MetricSeries(job_id, metric, first.kind, first.dropped, first.width, columns)


def _ask(client: Client, query: SeriesQuery) -> list[SeriesPart]:
    """Return the answers that together hold all points."""
    name = f"{query.jobs[0]}/{query.metrics[0]}"
    parts: list[SeriesPart] = []
    is_end = False
    while not is_end:
        after = {name: parts[-1].next} if parts else {}
        asked = SeriesQuery(
            query.jobs, query.metrics, query.x, query.range, after, query.max_points
        )  # fmt: skip
        found = client.jobs.query_series(asked).series
        parts += found
        is_end = not found or found[0].is_end
    return parts


def _explain(client: Client, job_id: str, metric: str) -> str:
    try:
        names = [summary.name for summary in client.jobs.get(job_id).metrics]
    except UnknownJob:
        return f"Job `{job_id}` does not exist!"
    logged = ", ".join(names) or "none"
    return f"Job `{job_id}` has no metric `{metric}`; it logged: {logged}."


def _join(columns: list[Any]) -> Any:
    if any(isinstance(column, list) for column in columns):
        return [value for column in columns for value in column]
    codes = {column.typecode for column in columns}
    if len(codes) > 1:  # whole numbers up to some point, others from there
        return [value for column in columns for value in column]
    joined: array[Any] = columns[0]
    for column in columns[1:]:
        joined.extend(column)
    try:
        numpy = importlib.import_module("numpy")
    except ModuleNotFoundError:
        return joined
    return numpy.frombuffer(joined, joined.typecode)
