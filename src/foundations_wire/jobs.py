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


class Until(str, enum.Enum):
    """Which end of a job another one waits for: that it completed, or any end."""

    SUCCESS = "success"
    END = "end"


class Pull(str, enum.Enum):
    """When a worker fetches an image: before each job, when it lacks it, or never."""

    ALWAYS = "always"
    MISSING = "missing"
    NEVER = "never"


@dataclass(frozen=True)
class Dependency:
    """A job, by its id, that has to end before another one starts."""

    job: str
    until: Until = Until.SUCCESS


@dataclass(frozen=True)
class JobSpec:
    """What a client asks for when it submits a job.

    `command` is what follows the interpreter (`["main.py", "--fast"]`); with `entrypoint`
    it follows that program instead. `bundle` is the SHA-256 of the uploaded code.
    `ram_gb` is in GB (10^9 bytes); `cpus` may be a fraction; what is None is not accounted.
    `time_limit` is in seconds of running, for each attempt; `grace` in seconds from TERM to
    KILL, the worker's own when None. `max_retries` counts new attempts after the job's own
    failures, `max_infra_retries` those after failures of machines and engines. A `held` job
    waits until it is released. `image`, `pull`, `volumes` and `working_dir` are for container
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
    cpus: Optional[float] = None
    time_limit: Optional[float] = None
    grace: Optional[float] = None
    max_retries: int = 0
    max_infra_retries: int = 0
    after: list[Dependency] = field(default_factory=list)
    held: bool = False
    pull: Pull = Pull.MISSING


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
    """A job as the server tells it. Times are UTC ISO texts.

    `attempt` is the number of the newest attempt, 0 before the first; `gpus` are the devices
    that it holds now. `array` and `array_index` say which job of which array this is, and
    `schedule` is the id of the schedule that submitted it.
    """

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
    cpus: Optional[float] = None
    ram_gb: Optional[float] = None
    time_limit: Optional[float] = None
    is_held: bool = False
    attempt: int = 0
    gpus: list[str] = field(default_factory=list)
    after: list[Dependency] = field(default_factory=list)
    array: Optional[str] = None
    array_index: Optional[int] = None
    schedule: Optional[str] = None


@dataclass(frozen=True)
class JobPage:
    """Jobs in order, the total without paging, and the column names over all of them."""

    items: list[JobView]
    total: int
    param_names: list[str]
    metric_names: list[str]


@dataclass(frozen=True)
class Queue:
    """A page of what workers hold, and of what waits, in order; the totals without paging.

    In this order jobs are offered to the workers: one that does not fit lets others pass.
    """

    running: list[JobView]
    waiting: list[JobView]
    running_total: int = 0
    waiting_total: int = 0


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
