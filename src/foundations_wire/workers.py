"""Workers and the leases by which they hold attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Optional

from foundations_wire.jobs import JobSpec

# A worker speaks at least this often; after LEASE_SECONDS of silence the server marks its
# jobs as unheard-of, which is a condition and never a verdict.
HEARTBEAT_SECONDS = 10.0
LEASE_SECONDS = 30.0

# The server answers a lease request at the latest after this long.
POLL_SECONDS = 20.0


@dataclass(frozen=True)
class WorkerHello:
    """What a worker says when it starts. Its id is kept over restarts."""

    name: str
    host: str
    executor: str
    slots: int
    gpus: int
    version: str


@dataclass(frozen=True)
class Lease:
    """The right to carry out one attempt, proved by its token."""

    attempt_id: str
    token: str
    job_id: str
    attempt: int
    spec: JobSpec
    is_started: bool = False
    is_stop_wanted: bool = False


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
    """The tokens of all attempts that the worker holds, by attempt id."""

    tokens: dict[str, str] = field(default_factory=dict)


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
    """`status` is a final JobStatus; `reason` e.g. `exit code 3`."""

    token: str
    at: float
    status: str
    reason: Optional[str] = None
    exit_code: Optional[int] = None


@dataclass(frozen=True)
class WorkerView:
    id: str
    name: str
    host: str
    executor: str
    slots: int
    gpus: int
    version: str
    status: str
    seen_at: str
    running: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class WorkerList:
    items: list[WorkerView]
