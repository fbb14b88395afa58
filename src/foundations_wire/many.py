"""Many jobs at once, jobs made from others, and jobs that are only tried out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional

from foundations_wire.jobs import Dependency, JobSpec, JobView, Pull

MAX_ARRAY = 10_000  # jobs


@dataclass(frozen=True)
class ArraySpec:
    """One job for each of `params`, which come on top of those of `spec`.

    The jobs of the array `sweep` are `sweep-0001` and so on; they share one bundle.
    """

    spec: JobSpec
    params: list[dict[str, Any]]


@dataclass(frozen=True)
class ArrayView:
    """The jobs of an array, a page of them in order, and how many have which status."""

    id: str
    project: str
    total: int
    status_counts: dict[str, int]
    items: list[JobView]


@dataclass(frozen=True)
class JobSelection:
    """Jobs by their ids; or those of a project, of a filter (see docs/queries.md), or of both."""

    ids: Optional[list[str]] = None
    project: Optional[str] = None
    filter: str = ""


@dataclass(frozen=True)
class JobsChanged:
    """What was done to many jobs: to which, and for which it was refused, with the reason."""

    count: int
    ids: list[str]
    refused: dict[str, str]


@dataclass(frozen=True)
class DryRun:
    """What would become of a job that is submitted now.

    `worker` is the name of the one on which it would start at once. Without one it would
    wait at `position` of the queue for what `reason` says.
    """

    can_start: bool
    worker: Optional[str]
    position: Optional[int]
    reason: Optional[str]


@dataclass(frozen=True)
class Rerun:
    """What is to be different in a job that repeats another one.

    What is left out stays as it was; null takes it away. `params` and `environment` come on
    top of those of the other job. What it waited for and that it was held do not stay.
    `id` is that of the new job.
    """

    id: Optional[str] = None
    project: Optional[str] = None
    command: Optional[list[str]] = None
    entrypoint: Optional[str] = None
    user: Optional[str] = None
    params: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    num_gpus: Optional[int] = None
    ram_gb: Optional[float] = None
    priority: Optional[int] = None
    image: Optional[str] = None
    working_dir: Optional[str] = None
    volumes: Optional[dict[str, Any]] = None
    cpus: Optional[float] = None
    time_limit: Optional[float] = None
    grace: Optional[float] = None
    max_retries: Optional[int] = None
    max_infra_retries: Optional[int] = None
    after: Optional[list[Dependency]] = None
    held: Optional[bool] = None
    pull: Optional[Pull] = None
