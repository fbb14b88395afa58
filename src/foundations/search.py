"""search_jobs."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

from foundations.tables import FRAMES, load_library, make_pandas, make_polars, restore_numbers
from foundations_client.client import connect
from foundations_client.configuration import find_server
from foundations_wire.errors import InvalidFilter, UnknownProject
from foundations_wire.search import JobColumn, JobColumns, JobQuery, point_at

if TYPE_CHECKING:
    from pandas import DataFrame as PandasFrame
    from polars import DataFrame as PolarsFrame

_TIMES = ("created", "started", "ended")


def search_jobs(
    filter: str = "",  # noqa: A002 - what everybody calls it
    *,
    project: Optional[str] = None,
    sort: Optional[Union[str, Sequence[str]]] = None,
    limit: Optional[int] = None,
    fields: Optional[Sequence[str]] = None,
    frame: str = "pandas",
) -> Union[PandasFrame, PolarsFrame]:
    """Return the jobs that a filter chooses as a data frame, one row for each.

    ```python
    foundations.search_jobs("metrics.accuracy.max > 0.9 and tag:baseline", sort="-created")
    ```

    Args:
        filter: what the jobs must be like; all of them without one.
        project: only jobs of this project.
        sort: fields with commas between, or a list of them; `-` before one is for descending.
            Newest first without it.
        limit: at most so many jobs.
        fields: the columns, such as `name`, `params.lr`, `metrics.loss.min`, `tags.stage`;
            `params`, `metrics` and `tags` are all of theirs. All attributes, params, last
            values of metrics (without `system/`) and tags without it.
        frame: `pandas` or `polars`.

    Columns are named as the fields. Times are in UTC.

    Raises:
        ValueError: the filter, the sort or a field is wrong (the text says where), or there is
            no such project.
        ModuleNotFoundError: pandas or polars is not installed.
    """
    if frame not in FRAMES:
        raise ValueError(f"frame must be one of {', '.join(FRAMES)}, not {frame!r}.")
    library = load_library(frame, "search_jobs")
    order = sort if isinstance(sort, str) else ",".join(sort or ())
    names = None if fields is None else list(fields)
    found = ask(JobQuery(project, filter, order, names, limit))
    columns = {column.key: read_values(column) for column in found.columns}
    times = [column.key for column in found.columns if is_time(column)]
    make = make_pandas if frame == "pandas" else make_polars
    made: Union[PandasFrame, PolarsFrame] = make(library, columns, times)
    return made


def ask(query: JobQuery) -> JobColumns:
    """Return what the server answers to a query.

    Raises:
        ValueError: the query is wrong; the text says where.
    """
    with contextlib.closing(connect(find_server())) as client:
        try:
            return client.jobs.query(query)
        except UnknownProject as error:
            raise ValueError(f"Project `{query.project}` does not exist!") from error
        except InvalidFilter as error:
            raise ValueError(point_at(query.filter, query.sort, error)) from error


def read_values(column: JobColumn) -> list[Any]:
    """Return the values of a column, numbers as numbers. Texts of tags stay texts."""
    if column.kind in ("param", "metric"):
        return restore_numbers(column.values)
    return column.values  # noqa: PD011 - a dataclass


def is_time(column: JobColumn) -> bool:
    """Whether the values are moments."""
    return column.kind == "attribute" and column.name in _TIMES
