"""Workers and the leases by which they hold attempts."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Optional

from foundations_wire.jobs import JobSpec

# A worker speaks at least this often; after LEASE_SECONDS of silence the server marks its
# jobs as unheard-of, which is a condition and never a verdict.
HEARTBEAT_SECONDS = 10.0
LEASE_SECONDS = 30.0

# The server answers a lease request at the latest after this long.
POLL_SECONDS = 20.0


class Cause(str, enum.Enum):
    """Who is to blame for the end of an attempt; it decides whether another one may follow.

    The job's own code; a machine, an engine or the worker; a limit of the job; something that
    the job asks for and that cannot be had (an image, a requirement), so that trying again
    would end the same way; or a wish to stop.
    """

    CODE = "code"
    INFRASTRUCTURE = "infrastructure"
    LIMIT = "limit"
    REQUEST = "request"
    STOP = "stop"


@dataclass(frozen=True)
class Device:
    """A GPU of a worker. `id` is the driver's UUID, or `fake-0` for a declared one."""

    id: str
    name: str = ""
    memory_bytes: Optional[int] = None


@dataclass(frozen=True)
class WorkerHello:
    """What a worker says when it starts. Its id is kept over restarts.

    `cpus` and `ram_gb` (GB, 10^9 bytes) are what jobs may use together; None: not counted.
    """

    name: str
    host: str
    executor: str
    slots: int
    gpus: list[Device]
    version: str
    cpus: Optional[float] = None
    ram_gb: Optional[float] = None


@dataclass(frozen=True)
class Lease:
    """The right to carry out one attempt, proved by its token.

    `gpus` are the ids of the devices that it may use. `log_start` is how much of the job's
    log belongs to earlier attempts.
    """

    attempt_id: str
    token: str
    job_id: str
    attempt: int
    spec: JobSpec
    is_started: bool = False
    is_stop_wanted: bool = False
    gpus: list[str] = field(default_factory=list)
    log_start: int = 0


@dataclass(frozen=True)
class WorkerWelcome:
    """The attempts that the server believes this worker holds."""

    leases: list[Lease] = field(default_factory=list)


@dataclass(frozen=True)
class LeaseRequest:
    """`stopping` lists attempts whose stop the worker already carries out."""

    free_slots: int
    stopping: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class LeaseAnswer:
    """New leases, and attempts to stop. Both empty when the wait ran out."""

    leases: list[Lease] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Heartbeat:
    """The tokens of all attempts that the worker holds, by attempt id.

    `trouble` is a condition that keeps the worker from starting or watching jobs, such as an
    engine that does not answer. `sick_gpus` are devices whose probe failed, with the reason;
    `well_gpus` those that failed before and are well again.
    """

    tokens: dict[str, str] = field(default_factory=dict)
    trouble: Optional[str] = None
    sick_gpus: dict[str, str] = field(default_factory=dict)
    well_gpus: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class HeartbeatAnswer:
    """Attempts that are no longer the worker's: stop them, report nothing."""

    fenced: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class AttemptStarted:
    token: str
    at: float


@dataclass(frozen=True)
class AttemptFinished:
    """`status` is a final JobStatus; `reason` e.g. `exit code 3`.

    `has_begun` is False only when it is certain that the job's code never ran. `started_at`
    is told of an attempt that was over before its start was worth a report of its own.
    """

    token: str
    at: float
    status: str
    reason: Optional[str] = None
    exit_code: Optional[int] = None
    cause: Cause = Cause.CODE
    has_begun: bool = True
    sick_gpus: dict[str, str] = field(default_factory=dict)
    started_at: Optional[float] = None


@dataclass(frozen=True)
class GpuView:
    """A GPU and who holds it. `status` is `free`, `busy` or `quarantined` (see `problem`)."""

    id: str
    name: str
    memory_bytes: Optional[int]
    status: str
    job: Optional[str]
    problem: Optional[str]


@dataclass(frozen=True)
class WorkerView:
    """`status` is `connected`, `silent` or `gone`; `running` are the ids of its jobs."""

    id: str
    name: str
    host: str
    executor: str
    slots: int
    gpus: list[GpuView]
    version: str
    status: str
    seen_at: str
    running: list[str] = field(default_factory=list)
    cpus: Optional[float] = None
    ram_gb: Optional[float] = None
    is_draining: bool = False
    trouble: Optional[str] = None


@dataclass(frozen=True)
class WorkerList:
    items: list[WorkerView]
