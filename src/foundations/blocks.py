"""start_job: a block of code as a job, for notebooks and libraries."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from typing import Any, Optional

from foundations import jobs, roles, system_metrics
from foundations.execution import deliver, describe, outcome_of, record_end
from foundations.exits import Deadline, exit_seconds
from foundations.recording import Recorder
from foundations_client.users import find_user
from foundations_wire.errors import InvalidRequest
from foundations_wire.events import Registered
from foundations_wire.ids import check_project_name, new_id

_VARIABLES = (roles.OWNER_VARIABLE, roles.JOB_VARIABLE, roles.PROJECT_VARIABLE)


@contextlib.contextmanager
def start_job(
    project_name: Optional[str] = None, params: Optional[dict[str, Any]] = None
) -> Iterator[jobs.Job]:
    """Track the block as a job of its own.

    Inside, `foundations.log_metric` and the like act on this job, and so do the methods of
    the object that the block gets. An exception makes the job failed and goes on to the
    caller. The project defaults to FOUNDATIONS_PROJECT_NAME, then to the name of the
    working directory. At the end the block waits a bounded time for the server.

    Raises:
        ValueError: the text cannot name a project.
        TypeError: a parameter cannot be logged; the job is failed then.
    """
    job = _make_job(project_name)
    recorder = job.recorder
    recorder.record(Registered(time.time(), job.project_name, find_user(), list(sys.argv)))
    before = jobs.replace_current(job)
    environment = _enter(job)
    sampler = system_metrics.start(job)
    error: Optional[BaseException] = None
    try:
        if params:
            job.log_params(params)
        yield job
    except BaseException as raised:
        error = raised
        raise
    finally:
        jobs.replace_current(before)
        _leave(environment)
        if sampler is not None:
            sampler.stop()
        _finish(job, error)


def _make_job(project_name: Optional[str]) -> jobs.Job:
    job_id = new_id()
    name = project_name or os.environ.get(roles.PROJECT_VARIABLE) or os.path.basename(os.getcwd())  # noqa: PTH109, PTH119
    try:
        return jobs.Job(job_id, check_project_name(name or "default"), Recorder(job_id))
    except InvalidRequest as error:
        raise ValueError(error.message) from error


def _enter(job: jobs.Job) -> dict[str, Optional[str]]:
    """Let child processes attach to the block's job; return what was there before."""
    before = {name: os.environ.get(name) for name in _VARIABLES}
    values = (f"pid:{os.getpid()}", job.job_id, job.project_name)
    os.environ.update(zip(_VARIABLES, values))
    return before


def _leave(before: dict[str, Optional[str]]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _finish(job: jobs.Job, error: Optional[BaseException]) -> None:
    outcome = outcome_of(error)
    if outcome.error is not None:
        job.recorder.record(describe(outcome.error))
    record_end(job, outcome)
    deliver(job, Deadline(exit_seconds()))
