"""What a job takes, what a worker has, and who holds it."""

from __future__ import annotations

import math
from dataclasses import dataclass

_ROUNDING = 1e-9  # tenths of CPUs do not add up exactly

# GPUs, CPUs, memory in GB; infinite where a worker does not count them.
Amounts = tuple[float, float, float]
NOTHING: Amounts = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Needs:
    """GPUs, CPUs and memory. None is not counted: not asked for, or not limited."""

    gpus: int = 0
    cpus: float | None = None
    ram_gb: float | None = None

    @property
    def wanted(self) -> Amounts:
        """The amounts that a job takes away."""
        return (float(self.gpus), self.cpus or 0.0, self.ram_gb or 0.0)

    @property
    def offered(self) -> Amounts:
        """The amounts that a worker can give."""
        cpus = math.inf if self.cpus is None else self.cpus
        return (float(self.gpus), cpus, math.inf if self.ram_gb is None else self.ram_gb)


@dataclass(frozen=True)
class Waiting:
    """A queued job. `name` is for people; `time_limit` is in seconds."""

    job_id: str
    name: str
    needs: Needs = Needs()
    project: str = ""
    user: str = ""
    time_limit: float | None = None


@dataclass(frozen=True)
class Holder:
    """A job on a worker. `ends_in` is after how many seconds it must be over, if it must."""

    name: str
    needs: Needs = Needs()
    project: str = ""
    user: str = ""
    ends_in: float | None = None


@dataclass(frozen=True)
class WorkerCapacity:
    """A worker: what it has in all and has left, quarantined GPUs left out.

    `free_slots` may be fewer than the holders leave: a worker takes what it says it takes.
    One that is not connected takes nothing, but its holders count for the limits.
    """

    worker_id: str
    name: str
    slots: int
    free_slots: int
    total: Needs = Needs()
    free: Needs = Needs()
    holders: tuple[Holder, ...] = ()
    is_draining: bool = False
    trouble: str | None = None
    is_connected: bool = True

    @property
    def is_accepting(self) -> bool:
        """Whether it takes new jobs at all."""
        return self.is_connected and not self.is_draining and self.trouble is None


def fits(wanted: Amounts, left: Amounts) -> bool:
    """Whether there is as much as is wanted of everything that is wanted at all."""
    pairs = zip(wanted, left, strict=True)
    return all(need <= 0 or need <= room + _ROUNDING for need, room in pairs)


def add(some: Amounts, more: Amounts) -> Amounts:
    return (some[0] + more[0], some[1] + more[1], some[2] + more[2])


def subtract(some: Amounts, less: Amounts) -> Amounts:
    return (some[0] - less[0], some[1] - less[1], some[2] - less[2])


def find_missing(wanted: Amounts, left: Amounts) -> Amounts:
    """Return how much more there would have to be."""
    gpus, cpus, ram_gb = (max(a - b, 0.0) for a, b in zip(wanted, left, strict=True))
    return (gpus, cpus, ram_gb)
