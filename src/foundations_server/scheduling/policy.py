"""What may start now. The order of the queue is the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foundations_server.scheduling.allowances import Allowances, Spent
from foundations_server.scheduling.needs import NOTHING, Amounts, Waiting, WorkerCapacity
from foundations_server.scheduling.rooms import Room

# How many of the first jobs that do not fit have something kept for them, each on a worker
# of its own. More would leave machines idle for jobs that are far from their turn.
MAX_RESERVATIONS = 8


@dataclass(frozen=True)
class Refusal:
    """No job fits that needs as much as this, for as long (None: for nobody knows how long)."""

    wanted: Amounts
    time_limit: float | None

    def covers(self, job: Waiting) -> bool:
        if any(less > more for less, more in zip(self.wanted, job.needs.wanted, strict=True)):
            return False
        if job.time_limit is None:
            return True
        return self.time_limit is not None and job.time_limit >= self.time_limit


class Plan:
    """Offered jobs in the order of the queue, it says which of them start where.

    - A job that does not fit never blocks one behind it, except from what is kept for it:
      for the first jobs that do not fit, what they need is kept on the worker where they
      fit soonest, or they would starve behind smaller ones. A job that is over before the
      kept part is needed may use it.
    - A job that a limit holds back blocks nobody and has nothing kept.
    - A GPU job goes where the fewest GPUs are left, other jobs where most slots are free.
    - What did not fit is remembered in `refusals` and `spent`: within one plan it never
      fits again, so whoever reads the queue can leave such jobs out.
    """

    def __init__(self, capacity: Sequence[WorkerCapacity], allowances: Allowances) -> None:
        self.rooms = [Room.of(worker) for worker in capacity if worker.is_accepting]
        self.allowances = allowances
        self.placements: dict[str, str] = {}  # worker by job
        self.refusals: list[Refusal] = []
        self.spent: list[Spent] = []
        self._reservations = 0

    def is_full(self) -> bool:
        """Whether nothing more can be placed."""
        return all(room.slots <= 0 for room in self.rooms)

    def offer(self, job: Waiting) -> str | None:
        """Place a job if that is possible; return the worker."""
        if any(refusal.covers(job) for refusal in self.refusals):
            return None
        spent = self.allowances.find_spent(job)
        if spent is not None:
            if spent not in self.spent:
                self.spent.append(spent)
            return None
        room = self._find_room(job)
        if room is None:
            self._refuse(job)
            return None
        room.take(job)
        self.allowances.take(job)
        self.placements[job.job_id] = room.worker.worker_id
        return room.worker.worker_id

    def _find_room(self, job: Waiting) -> Room | None:
        fitting = [room for room in self.rooms if room.can_take(job)]
        if job.needs.gpus > 0:
            return min(fitting, key=lambda room: (room.free[0], -room.slots), default=None)
        return max(fitting, key=_prefer_without_gpus, default=None)

    def _refuse(self, job: Waiting) -> None:
        # With room that is merely kept, a shorter job may still fit.
        is_kept = any(room.has_free(job) for room in self.rooms)
        self.refusals.append(Refusal(job.needs.wanted, job.time_limit if is_kept else 0.0))
        if job.needs.wanted != NOTHING and self._reservations < MAX_RESERVATIONS:
            self._reserve(job)

    def _reserve(self, job: Waiting) -> None:
        ranked = [
            (rank, room.worker.worker_id, room)
            for room in self.rooms
            if room.kept_for is None and (rank := room.rank(job)) is not None
        ]
        if ranked:
            min(ranked, key=lambda entry: entry[:2])[2].keep(job)
            self._reservations += 1


def _prefer_without_gpus(room: Room) -> tuple[bool, int]:
    return room.worker.total.gpus == 0, room.slots
