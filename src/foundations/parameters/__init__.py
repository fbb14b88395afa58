"""log_param, log_params, load_parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from foundations import jobs
from foundations.flattening import flatten_parameter_dictionary
from foundations_wire.jobs import PARAMETERS_FILE

__all__ = ["flatten_parameter_dictionary", "load_parameters", "log_param", "log_params"]


def log_param(key: str, value: Any) -> None:
    """Set a parameter of the job; the last value of a name wins.

    `value` is a number, a text, a truth value, None, a path, a numpy or torch scalar or
    array, or a list or dict of those. Outside a job nothing is stored, with one warning.

    Raises:
        TypeError: the value is nothing of the kind; the sentence names the parameter.
        ValueError: the key cannot name a parameter.
    """
    job = jobs.current_or_warn()
    if job is not None:
        job.log_param(key, value)


def log_params(parameters: dict[str, Any]) -> None:
    """Set a parameter for each entry of the flattened dict; errors as in log_param."""
    job = jobs.current_or_warn()
    if job is not None:
        job.log_params(parameters)


def load_parameters(log_parameters: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002
    """Return what `foundations_job_parameters.json` in the working directory holds.

    A file that is missing or empty gives `{}`. The parameters are logged flattened, and
    returned as they are in the file.

    Raises:
        json.JSONDecodeError: the file, which is named, is not JSON.
        ValueError: it is JSON, but no object.
    """
    try:
        text = Path(PARAMETERS_FILE).read_text("utf-8")
    except FileNotFoundError:
        return {}
    if not text.strip():
        return {}
    try:
        parameters = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{PARAMETERS_FILE} is not JSON: {error.msg}"
        raise json.JSONDecodeError(message, error.doc, error.pos) from None
    if not isinstance(parameters, dict):
        raise ValueError(f"{PARAMETERS_FILE} must hold a JSON object.")  # noqa: TRY004
    if log_parameters:
        log_params(parameters)
    return parameters
