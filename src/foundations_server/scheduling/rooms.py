"""A worker while a plan is made: what is left of it, and what is kept for whom."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from foundations_server.scheduling.needs import (
    NOTHING,
    Amounts,
    Waiting,
    WorkerCapacity,
    add,
    find_missing,
    fits,
    subtract,
)


@dataclass
class Room:
    """What a worker has left. `kept` of it is for `kept_for`, which starts in `kept_from` s."""

    worker: WorkerCapacity
    slots: int
    free: Amounts
    kept: Amounts = NOTHING
    kept_for: Waiting | None = None
    kept_from: float = math.inf
    _ends: list[tuple[float, Amounts]] = field(default_factory=list)

    @classmethod
    def of(cls, worker: WorkerCapacity) -> Room:
        ends = [
            (math.inf if holder.ends_in is None else holder.ends_in, holder.needs.wanted)
            for holder in worker.holders
        ]
        return cls(worker, worker.free_slots, worker.free.offered, _ends=ends)

    def can_take(self, job: Waiting) -> bool:
        """Whether a job may start here now.

        What is kept for another job is lent only to one that is over in time.
        """
        if self.slots <= 0:
            return False
        is_over = job.time_limit is not None and job.time_limit <= self.kept_from < math.inf
        left = self.free if is_over else subtract(self.free, self.kept)
        return fits(job.needs.wanted, left)

    def has_free(self, job: Waiting) -> bool:
        """Whether it fits, if nothing were kept."""
        return self.slots > 0 and fits(job.needs.wanted, self.free)

    def take(self, job: Waiting) -> None:
        wanted = job.needs.wanted
        self.slots -= 1
        self.free = subtract(self.free, wanted)
        self._ends.append((math.inf if job.time_limit is None else job.time_limit, wanted))

    def find_start(self, job: Waiting) -> tuple[float, Amounts] | None:
        """Return in how many seconds a job fits here, and what is free then.

        Infinite when nobody knows; None when it never fits.
        """
        wanted = job.needs.wanted
        if not fits(wanted, self.worker.total.offered):
            return None
        slots, free, at = self.slots, self.free, 0.0
        for ends_in, amounts in sorted(self._ends):
            if slots > 0 and fits(wanted, free):
                break
            slots, free, at = slots + 1, add(free, amounts), ends_in
        return (at if slots > 0 and fits(wanted, free) else math.inf), free

    def rank(self, job: Waiting) -> tuple[float, Amounts] | None:
        """Return what is smaller the sooner a job fits here; None when it never does."""
        start = self.find_start(job)
        return None if start is None else (start[0], find_missing(job.needs.wanted, self.free))

    def keep(self, job: Waiting) -> None:
        """Set aside what a job needs and others could take, until it starts."""
        start = self.find_start(job)
        if start is None:
            return
        self.kept_from, then = start
        wanted = job.needs.wanted
        self.kept_for = job
        spare = subtract(then, wanted) if self.kept_from < math.inf else NOTHING
        gpus, cpus, ram_gb = map(_keep, self.free, wanted, spare)
        self.kept = (gpus, cpus, ram_gb)


def _keep(free: float, wanted: float, spare: float) -> float:
    """Return how much to set aside: what is wanted and there, less what others leave over."""
    if math.isinf(free):
        return 0.0
    return max(min(free, wanted, free - max(spare, 0.0)), 0.0)
