"""Arrays: the parameter sets of a file, each for one job of the same code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from foundations_cli.output import answer, answer_json, fail
from foundations_client.submission import Ready, check_params
from foundations_wire.ids import new_id
from foundations_wire.many import ArraySpec


def read_sets(path: Path) -> list[dict[str, Any]]:
    """Return the parameter sets of a file.

    `.csv` has names in its first line and a set in each other one, with JSON or texts as
    values; any other file is a JSON list of objects, or one object a line.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"Error: {path} cannot be read: {getattr(error, 'strerror', None) or error}")
    sets = _read_csv(text) if path.suffix == ".csv" else _read_json(text, path)
    if not sets:
        fail(f"Error: {path} holds no parameter set")
    for number, one in enumerate(sets, 1):
        if not isinstance(one, dict):
            fail(f"Error: set {number} of {path} is no object of parameters")
    return [check_params(one) for one in sets]


def submit_array(ready: Ready, sets: list[dict[str, Any]], *, as_json: bool) -> None:
    """Queue one job for each set and say which they are."""
    array = ready.client.arrays.submit(new_id(), ArraySpec(ready.spec, sets))
    if as_json:
        answer_json(array)
        return
    answer(f"{array.total} jobs submitted in project '{array.project}' as array '{array.id}'.")


def _read_csv(text: str) -> list[dict[str, Any]]:
    return [
        {name: _read_value(value) for name, value in row.items() if name is not None}
        for row in csv.DictReader(io.StringIO(text))
    ]


def _read_value(text: str) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _read_json(text: str, path: Path) -> list[Any]:
    try:
        whole = json.loads(text)
    except ValueError:
        whole = _read_lines(text, path)
    return whole if isinstance(whole, list) else [whole]


def _read_lines(text: str, path: Path) -> list[Any]:
    sets = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            sets += [json.loads(line)] if line.strip() else []
        except ValueError as error:
            fail(f"Error: {path}, line {number}, is not JSON: {error}")
    return sets
