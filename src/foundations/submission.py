"""foundations.submit."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional, Union

from foundations import reporting, resources
from foundations.deployments import DeploymentWrapper
from foundations_client import submission
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_client.terms import Terms
from foundations_wire.errors import ServerUnreachable

_NO_STREAMING = "DISABLE_LOG_STREAMING"


def submit(  # noqa: PLR0913 - the names that scripts have used since 2020
    *,
    scheduler_config: Optional[str] = None,
    job_directory: Union[str, os.PathLike[str], None] = None,
    project_name: Optional[str] = None,
    entrypoint: Optional[str] = None,
    params: Optional[Mapping[str, Any]] = None,
    ram: Optional[float] = None,
    num_gpus: Optional[int] = None,
    stream_job_logs: Optional[bool] = None,
    command: Union[str, Sequence[str], None] = None,
    priority: Union[int, str, None] = None,
    cpus: Optional[float] = None,
    time_limit: Union[float, str, None] = None,
    max_retries: Optional[int] = None,
    after: Union[str, Sequence[str]] = (),
    held: bool = False,
    image: Optional[str] = None,
) -> DeploymentWrapper:
    """Queue a job that runs `command` in a copy of `job_directory`; return its handle.

    What is None comes from the folder's `job.config.yaml`, for the resources from
    set_job_resources before that, then from the defaults. Nothing of the calling job
    changes and nothing is written into the folder. `ram` is in GB (10^9 bytes);
    `priority` is a whole number or `low`, `normal`, `high`. `time_limit` is in seconds, or a
    text such as `90s`, `30m`, `1h30m`; `max_retries` counts new attempts after failures of
    the job's code; `after` names one job or several that have to complete before (by id,
    name or `project#number`, with `:end` behind it where any end will do); a `held` job
    waits until it is released. With `stream_job_logs` the job's lines are printed until it
    ends; Ctrl-C ends the printing, not the job.

    Raises:
        ConnectionError: no server answers; the sentence says how to start one.
        ValueError: `ram` or `num_gpus` is no amount.
        AtlasError: something else cannot be; the sentence says what.
    """
    folder = Path(job_directory) if job_directory is not None else Path.cwd()
    wanted = _choose_resources(num_gpus, ram)
    asked = submission.Submission(
        folder=folder,
        command=command,
        config=scheduler_config or DEFAULT_CONFIG,
        project=project_name,
        entrypoint=entrypoint,
        params=params,
        num_gpus=wanted[0],
        ram_gb=wanted[1],
        priority=priority,
        terms=Terms(
            cpus=cpus,
            time_limit=time_limit,
            max_retries=max_retries,
            after=[after] if isinstance(after, str) else after,
            held=held,
            image=image,
        ),
    )
    try:
        submitted = submission.submit(asked, _tell)
    except ServerUnreachable as error:
        raise ConnectionError(error.message) from error
    job = submitted.job
    reporting.say(f"Job submitted with ID '{job.id}' in project '{job.project}'.")
    deployment = DeploymentWrapper(job.id, submitted.client)
    if stream_job_logs and os.environ.get(_NO_STREAMING, "False") == "False":
        with contextlib.suppress(KeyboardInterrupt):
            for line in deployment.stream_job_logs():
                print(line, flush=True)  # noqa: T201 - asked for
    return deployment


def _choose_resources(
    num_gpus: Optional[int], ram: Optional[float]
) -> tuple[Optional[int], Optional[float]]:
    """Lay what set_job_resources said under the arguments, but over nothing else."""
    resources.check(0 if num_gpus is None else num_gpus, ram)
    chosen = resources.chosen_resources()
    if chosen is None:
        return num_gpus, ram
    return (
        chosen.num_gpus if num_gpus is None else num_gpus,
        chosen.ram if ram is None else ram,
    )


def _tell(sentence: str) -> None:
    kind, _, text = sentence.partition("Warning: ")
    if text and not kind:
        reporting.warn(text)
    else:
        reporting.say(sentence)
