"""Why a job that could start waits, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from foundations_server.scheduling.allowances import Spent
from foundations_server.scheduling.needs import Amounts, Waiting, WorkerCapacity, fits
from foundations_server.scheduling.policy import Plan
from foundations_server.scheduling.wording import (
    KINDS,
    count,
    join_names,
    join_words,
    list_needs,
    say_kind,
    say_needs,
)

_SLOT = "slot"


class Explainer:
    """Knows the connected workers and what the jobs at the head of the queue will take."""

    def __init__(self, capacity: Sequence[WorkerCapacity], plan: Plan) -> None:
        self._connected = [worker for worker in capacity if worker.is_connected]
        self._accepting = [worker for worker in capacity if worker.is_accepting]
        self._plan = plan

    def explain(self, job: Waiting) -> str:
        """Return the sentence, without the position and without a full stop."""
        if job.job_id in self._plan.placements:
            return "about to start"
        spent = self._plan.allowances.find_spent(job)
        if spent is not None:
            return self._explain_limit(job, spent)
        if not self._accepting:
            return _explain_nobody(self._connected)
        wanted = job.needs.wanted
        able = [worker for worker in self._accepting if fits(wanted, worker.total.offered)]
        if not able:
            return _explain_inventory(job, self._accepting)
        if any(worker.free_slots > 0 and fits(wanted, worker.free.offered) for worker in able):
            return self._explain_turn(job)
        return _explain_holders(job, able)

    def _explain_limit(self, job: Waiting, spent: Spent) -> str:
        owner = f"{spent.scope} {spent.name or 'without a name'}"
        if spent.what == "running":
            rule = f"{owner} may have {count(spent.most, 'job')} on workers at once"
        else:
            rule = f"{owner} may hold {count(spent.most, 'GPU')} at once"
            if job.needs.gpus > spent.most:
                return f"{rule}, and this job needs {job.needs.gpus}"
        names = self._plan.allowances.list_users(spent)
        if not names:
            return rule
        used = f", used by {join_names(names)}"
        return f"{rule}; it needs {job.needs.gpus}{used}" if spent.wanted else rule + used

    def _explain_turn(self, job: Waiting) -> str:
        """Explain why a job waits that would fit into what is free."""
        for room in self._plan.rooms:
            keeper = room.kept_for
            if keeper is not None and keeper.job_id != job.job_id and room.has_free(job):
                what = say_needs(job.needs.wanted)
                return f"waits for {what}; what is free is kept for {keeper.name}, which is before"
        return "waits behind jobs that start first"


def _explain_nobody(capacity: Sequence[WorkerCapacity]) -> str:
    if not capacity:
        return "no worker is connected"
    if all(worker.is_draining for worker in capacity):
        return "every connected worker is draining"
    said = [f"{worker.name}: {worker.trouble or 'draining'}" for worker in capacity]
    return f"no connected worker takes jobs ({'; '.join(said)})"


def _explain_inventory(job: Waiting, workers: Sequence[WorkerCapacity]) -> str:
    """Explain that no worker is large enough."""
    wanted = job.needs.wanted
    most: Amounts = (
        max(worker.total.offered[0] for worker in workers),
        max(worker.total.offered[1] for worker in workers),
        max(worker.total.offered[2] for worker in workers),
    )
    for kind in KINDS:
        if not fits((wanted[kind], 0, 0), (most[kind], 0, 0)):
            has = f"at most {most[kind]:g}" if most[kind] else "0"
            return f"needs {say_kind(kind, wanted[kind])}; the connected workers have {has}"
    return f"needs {say_needs(wanted)}; no connected worker has all of that"


def _explain_holders(job: Waiting, able: Sequence[WorkerCapacity]) -> str:
    """Name the first thing of which no able worker has enough left, and who holds it."""
    wanted = job.needs.wanted
    for kind in KINDS:
        if not any(fits((wanted[kind], 0, 0), (w.free.offered[kind], 0, 0)) for w in able):
            return _explain_amount(kind, wanted[kind], able)
    if not any(worker.free_slots > 0 for worker in able):
        return _explain_slots(able)
    names = [holder.name for worker in able for holder in worker.holders]
    what = join_words(["1 slot", *list_needs(wanted)])
    return f"waits for {what} free on one worker; holding: {join_names(names)}"


def _explain_amount(kind: int, wanted: float, able: Sequence[WorkerCapacity]) -> str:
    counted = [worker for worker in able if worker.total.offered[kind] < float("inf")]
    total = sum(worker.total.offered[kind] for worker in counted)
    taken = total - sum(worker.free.offered[kind] for worker in counted)
    names = _list_names(counted, kind)
    verb = "is" if round(taken, 3) == 1 else "are"
    return (
        f"waits for {say_kind(kind, wanted)}; {round(taken, 3):g} of {say_kind(kind, total)} "
        f"{verb} taken by {join_names(names)}"
    )


def _explain_slots(able: Sequence[WorkerCapacity]) -> str:
    total = sum(worker.slots for worker in able)
    taken = total - sum(worker.free_slots for worker in able)
    names = [holder.name for worker in able for holder in worker.holders]
    verb = "is" if taken == 1 else "are"
    return (
        f"waits for 1 slot; {taken} of {count(total, _SLOT)} {verb} taken by {join_names(names)}"
    )


def _list_names(workers: Iterable[WorkerCapacity], kind: int) -> list[str]:
    holders = chain.from_iterable(worker.holders for worker in workers)
    return [holder.name for holder in holders if holder.needs.wanted[kind]]
