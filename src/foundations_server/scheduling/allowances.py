"""How much the jobs of a project or of a user may hold at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from foundations_server.scheduling.needs import Holder, Waiting

EVERYONE = "*"  # the row for whoever has none of its own
SCOPES = ("project", "user")


@dataclass(frozen=True)
class Limit:
    """The most jobs, and the most GPUs, at once. None is no limit."""

    running: int | None = None
    gpus: int | None = None


Limits = Mapping[tuple[str, str], Limit]  # by scope and name


@dataclass(frozen=True)
class Spent:
    """The limit that keeps a job from starting. `what` is `running` or `gpus`.

    `wanted` is how many GPUs were too many.
    """

    scope: str
    name: str
    what: str
    most: int
    wanted: int = 0


@dataclass
class _Usage:
    gpus: int = 0
    names: list[str] = field(default_factory=list)
    gpu_names: list[str] = field(default_factory=list)


class Allowances:
    """Limits, and what the jobs on workers use of them."""

    def __init__(self, limits: Limits, holders: Iterable[Holder] = ()) -> None:
        self._limits = limits
        self._usage: dict[tuple[str, str], _Usage] = {}
        for holder in holders if limits else ():
            self.take(holder)

    def take(self, job: Waiting | Holder) -> None:
        """Count a job that starts or runs."""
        for key, _limit in self._list_limits(job):
            usage = self._usage.setdefault(key, _Usage())
            usage.gpus += job.needs.gpus
            usage.names.append(job.name)
            if job.needs.gpus:
                usage.gpu_names.append(job.name)

    def find_spent(self, job: Waiting) -> Spent | None:
        """Return the first limit that leaves no room for a job."""
        for key, limit in self._list_limits(job):
            usage = self._usage.get(key, _Usage())
            if limit.running is not None and len(usage.names) >= limit.running:
                return Spent(*key, "running", limit.running)
            gpus = job.needs.gpus
            if limit.gpus is not None and gpus and usage.gpus + gpus > limit.gpus:
                return Spent(*key, "gpus", limit.gpus, gpus)
        return None

    def list_users(self, spent: Spent) -> list[str]:
        """Return the names of the jobs that use a limit up."""
        usage = self._usage.get((spent.scope, spent.name), _Usage())
        return usage.gpu_names if spent.what == "gpus" else usage.names

    def _list_limits(self, job: Waiting | Holder) -> Iterator[tuple[tuple[str, str], Limit]]:
        if not self._limits:
            return
        for scope, name in zip(SCOPES, (job.project, job.user), strict=True):
            limit = self._limits.get((scope, name)) or self._limits.get((scope, EVERYONE))
            if limit is not None:
                yield (scope, name), limit
