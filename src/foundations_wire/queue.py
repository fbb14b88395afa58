"""Orders about the queue, and the limits that hold jobs back in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class PriorityChange:
    """The new priority of a waiting job, -1000 to 1000; larger goes first."""

    priority: int


@dataclass(frozen=True)
class QueueClear:
    """Which waiting jobs to stop: those of one project, or all."""

    project: Optional[str] = None


@dataclass(frozen=True)
class LimitSettings:
    """The most jobs on workers, and the most GPUs, at once. None is no limit."""

    running: Optional[int] = None
    gpus: Optional[int] = None


@dataclass(frozen=True)
class LimitView:
    """The limit of a `project` or a `user`; the name `*` is for all without their own."""

    scope: str
    name: str
    running: Optional[int]
    gpus: Optional[int]


@dataclass(frozen=True)
class LimitList:
    items: list[LimitView]
