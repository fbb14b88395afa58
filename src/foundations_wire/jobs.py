"""Jobs: what is asked for, what states there are, what the server tells."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, Optional

from foundations_wire import statuses

JobStatus = statuses.JobStatus
TRANSITIONS = statuses.TRANSITIONS


class JobSource(str, enum.Enum):
    """How the job came to be: `python main.py`, or `foundations submit`."""

    LOCAL = "local"
    SUBMITTED = "submitted"


# The file in a job's folder from which `load_parameters` reads; the worker writes it.
PARAMETERS_FILE = "foundations_job_parameters.json"

# Names for priorities; any whole number between -1000 and 1000 is one, larger goes first.
PRIORITIES = {"low": -10, "normal": 0, "high": 10}


@dataclass(frozen=True)
class JobSpec:
    """What a client asks for when it submits a job.

    `command` is what follows the interpreter (`["main.py", "--fast"]`); with `entrypoint`
    it follows that program instead. `bundle` is the SHA-256 of the uploaded code.
    `ram_gb` is in GB (10^9 bytes). `image`, `volumes` and `working_dir` are for container
    executors; the process executor says in the job's log that it does not use them.
    """

    project: str
    command: list[str] = field(default_factory=list)
    entrypoint: Optional[str] = None
    bundle: Optional[str] = None
    user: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    num_gpus: int = 0
    ram_gb: Optional[float] = None
    priority: int = 0
    image: Optional[str] = None
    working_dir: Optional[str] = None
    volumes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobError:
    """The exception that ended a job. `traceback` is the text Python printed."""

    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True)
class MetricSummary:
    """One metric of one job in numbers. For text metrics `min` and `max` are null.

    `last`, `min`, `max` are numbers, or one of the texts NaN, Infinity, -Infinity;
    `kind` is `number` or `text`.
    """

    name: str
    kind: str
    count: int
    last: Any
    min: Any
    max: Any
    last_step: Optional[int]


@dataclass(frozen=True)
class JobView:
    """A job as the server tells it. Times are UTC ISO texts."""

    id: str
    project: str
    number: int
    name: str
    status: JobStatus
    reason: Optional[str]
    source: JobSource
    user: str
    command: list[str]
    priority: int
    num_gpus: int
    created_at: str
    started_at: Optional[str]
    ended_at: Optional[str]
    duration_seconds: Optional[float]
    exit_code: Optional[int]
    error: Optional[JobError]
    worker: Optional[str]
    queue_position: Optional[int]
    params: dict[str, Any]
    tags: dict[str, str]
    metrics: list[MetricSummary]
    artifact_count: int
    log_bytes: int


@dataclass(frozen=True)
class JobPage:
    """Jobs in order, the total without paging, and the column names over all of them."""

    items: list[JobView]
    total: int
    param_names: list[str]
    metric_names: list[str]


@dataclass(frozen=True)
class Queue:
    """What runs and what waits, in the order in which it will start."""

    running: list[JobView]
    waiting: list[JobView]


@dataclass(frozen=True)
class QueueMove:
    """Put a waiting job at `position` (1 is the head) among jobs of its priority."""

    job_id: str
    position: int


@dataclass(frozen=True)
class Cleared:
    count: int


@dataclass(frozen=True)
class ProjectView:
    name: str
    created_at: str
    updated_at: str
    job_count: int
    status_counts: dict[str, int]
    tags: list[str]


@dataclass(frozen=True)
class ProjectPage:
    items: list[ProjectView]
    total: int


@dataclass(frozen=True)
class ServerInfo:
    """`version` is for people, `protocol` decides whether programs fit."""

    version: str
    protocol: int
    time: str
