from __future__ import annotations

import math
from typing import Any

import pandas as pd
import polars as pl
import pytest

from foundations.frames import make_columns
from foundations.tables import load_library, make_pandas, make_polars
from foundations_wire.search import JobColumn


def attributes(count: int = 1, **changes: list[Any]) -> list[JobColumn]:
    values: dict[str, list[Any]] = {
        "project": ["birds"] * count, "id": [f"job-{index}" for index in range(count)],
        "user": ["ada"] * count, "status": ["queued"] * count, "started": [None] * count,
        "ended": [None] * count, "created": [10.0] * count, **changes,
    }  # fmt: skip
    return [JobColumn(name, "attribute", name, "", some) for name, some in values.items()]


def param(name: str, *values: Any) -> JobColumn:
    return JobColumn(f"params.{name}", "param", name, "", list(values))


def metric(name: str, *values: Any) -> JobColumn:
    return JobColumn(f"metrics.{name}", "metric", name, "last", list(values))


def tag(key: str, *values: Any) -> JobColumn:
    return JobColumn(f"tags.{key}", "tag", key, "", list(values))


def test_fixed_columns_are_there_when_nothing_was_logged() -> None:
    assert make_columns(attributes()) == {
        "project_name": ["birds"],
        "job_id": ["job-0"],
        "user": ["ada"],
        "status": ["queued"],
        "start_time": ["No time available"],
        "completed_time": ["No time available"],
        "creation_time": [10.0],
        "tags": [{}],
    }


def test_what_was_logged_has_columns_by_its_names() -> None:
    columns = make_columns(
        [*attributes(2), param("lr", 0.1, "NaN"), metric("loss", "NaN", "-Infinity"),
         tag("good", "yes", None), tag("NaN", "NaN", "x")]
    )  # fmt: skip

    assert columns["lr"][0] == 0.1
    assert math.isnan(columns["lr"][1])
    assert columns["loss"][1] == -math.inf
    assert columns["tag_good"] == ["yes", None]
    assert columns["tag_NaN"] == ["NaN", "x"]
    assert columns["tags"] == [{"good": "yes", "NaN": "NaN"}, {"NaN": "x"}]


def test_columns_keep_apart_whatever_names_clash() -> None:
    columns = make_columns(
        [*attributes(), param("alpha", 1), param("alpha_metric", 2), param("status", 3),
         param("tag_k", 4), param("status_param", 5), metric("alpha", 6), metric("user", 7),
         metric("tag_k", 8), tag("k", "9"), tag("k_tag", "10")]
    )  # fmt: skip

    logged = {name: values[0] for name, values in list(columns.items())[8:]}
    assert logged == {
        "alpha": 1, "alpha_metric": 2, "status_param_param": 3, "tag_k": 4, "status_param": 5,
        "alpha_metric_metric": 6, "user_metric": 7, "tag_k_metric": 8, "tag_k_tag": "9",
        "tag_k_tag_tag": "10",
    }  # fmt: skip
    assert columns["status"] == ["queued"]


COLUMNS: dict[str, list[Any]] = {
    "whole": [1, 2, 3],
    "gaps": [1, None, 3],
    "floats": [0.5, None, math.inf],
    "mixed": [1, 0.5, math.nan],
    "long": [1 << 80, None, 1],
    "exact": [9007199254740993, None, 1],
    "both": [9007199254740993, 0.5, 1],
    "texts": ["a", None, "c"],
    "truths": [True, False, True],
    "odd": [1, "a", [1]],
    "nothing": [None, None, None],
    "at": [1.5, None, 1_900_000_000.123456],
}


def test_pandas_columns_are_exact_and_of_fitting_types() -> None:
    frame = make_pandas(pd, COLUMNS, ["at"])

    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["whole"] == "int64"
    assert kinds["gaps"] == kinds["floats"] == kinds["mixed"] == kinds["nothing"] == "float64"
    assert kinds["long"] == kinds["exact"] == kinds["both"] == kinds["odd"] == "object"
    assert kinds["truths"] == "bool"
    assert kinds["at"] == "datetime64[us, UTC]"
    assert frame["long"][0] == 1 << 80
    assert frame["both"][0] == 9007199254740993
    assert math.isnan(frame["long"][1])
    assert frame["texts"].isna().tolist() == [False, True, False]
    assert frame["at"][2].isoformat() == "2030-03-17T17:46:40.123456+00:00"


def test_polars_columns_are_of_one_type_each() -> None:
    frame = make_polars(pl, COLUMNS, ["at"])

    kinds = {name: str(kind) for name, kind in frame.schema.items()}
    assert kinds["whole"] == kinds["gaps"] == kinds["exact"] == "Int64"
    assert kinds["floats"] == kinds["mixed"] == "Float64"
    assert kinds["long"] == kinds["both"] == kinds["texts"] == kinds["odd"] == "String"
    assert kinds["truths"] == "Boolean"
    assert frame["odd"].to_list() == ["1", "a", "[1]"]
    assert frame["long"][0] == str(1 << 80)
    assert frame["at"][2].isoformat() == "2030-03-17T17:46:40.123456+00:00"


@pytest.mark.parametrize("columns", [{}, {"a": []}])
def test_frames_of_nothing_are_empty(columns: dict[str, list[Any]]) -> None:
    assert len(make_pandas(pd, columns)) == len(make_polars(pl, columns)) == 0


def test_library_that_is_missing_is_named() -> None:
    with pytest.raises(ModuleNotFoundError, match="search_jobs makes a nothing_such data frame"):
        load_library("nothing_such", "search_jobs")
