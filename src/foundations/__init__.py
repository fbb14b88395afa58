"""Tracks machine-learning jobs: parameters, metrics, tags, artifacts, code and output.

A script that imports this package and runs as `python main.py` becomes a job. Nothing here
makes a program slower or fail because of the network: what it reports goes into a file
first and to the server from a background thread.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from foundations import roles
from foundations_wire.versions import VERSION as __version__  # noqa: N811 - Python's own spelling

if TYPE_CHECKING:
    from foundations.artifacts import save_artifact
    from foundations.blocks import start_job
    from foundations.cron import CronJobScheduler, CronJobSchedulerError
    from foundations.deployments import DeploymentWrapper
    from foundations.flattening import flatten_parameter_dictionary
    from foundations.flushing import flush
    from foundations.frames import get_metrics_for_all_jobs
    from foundations.jobs import current_foundations_job, set_project_name
    from foundations.metrics import log_metric, log_metrics
    from foundations.parameters import load_parameters, log_param, log_params
    from foundations.parameters.generate_random_parameters import generate_random_parameters
    from foundations.resources import set_job_resources
    from foundations.search import search_jobs
    from foundations.series import get_series
    from foundations.submission import submit
    from foundations.tags import set_tag

__all__ = [
    "CronJobScheduler",
    "CronJobSchedulerError",
    "DeploymentWrapper",
    "__version__",
    "current_foundations_job",
    "flatten_parameter_dictionary",
    "flush",
    "generate_random_parameters",
    "get_metrics_for_all_jobs",
    "get_series",
    "load_parameters",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "save_artifact",
    "search_jobs",
    "set_job_resources",
    "set_project_name",
    "set_tag",
    "start_job",
    "submit",
]

# Where each name lives: loaded when first used, so that importing the package costs little
# in a process that is no job.
_HOMES = {
    "CronJobScheduler": "cron",
    "CronJobSchedulerError": "cron",
    "DeploymentWrapper": "deployments",
    "current_foundations_job": "jobs",
    "flatten_parameter_dictionary": "flattening",
    "flush": "flushing",
    "generate_random_parameters": "parameters.generate_random_parameters",
    "get_metrics_for_all_jobs": "frames",
    "get_series": "series",
    "load_parameters": "parameters",
    "log_metric": "metrics",
    "log_metrics": "metrics",
    "log_param": "parameters",
    "log_params": "parameters",
    "save_artifact": "artifacts",
    "search_jobs": "search",
    "set_job_resources": "resources",
    "set_project_name": "jobs",
    "set_tag": "tags",
    "start_job": "blocks",
    "submit": "submission",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'foundations' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"foundations.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


_role = roles.decide()
if _role != roles.NONE:
    from foundations import execution

    execution.begin(_role)
