"""What the machines have in all, whoever holds it: more than that no job can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from foundations_server.scheduling.needs import Needs, fits
from foundations_server.scheduling.wording import KINDS, list_needs, say_kind
from foundations_wire.errors import InvalidRequest
from foundations_wire.jobs import JobSpec


@dataclass(frozen=True)
class Machine:
    """A worker that is known and not gone."""

    name: str
    total: Needs


class Inventory(Protocol):
    """**Thread safety**: any thread may ask."""

    def list_machines(self, connection: Connection) -> list[Machine]:
        """Return all workers that are not gone, connected or silent."""
        ...


def check_fits(spec: JobSpec, machines: Sequence[Machine]) -> None:
    """Raise InvalidRequest when no worker could ever run a job.

    Without any worker it may wait: the first one is still to come.
    """
    wanted = Needs(spec.num_gpus, spec.cpus, spec.ram_gb).wanted
    if not machines or any(fits(wanted, machine.total.offered) for machine in machines):
        return
    for kind in KINDS:
        largest = max(machines, key=lambda machine: machine.total.offered[kind])
        most = largest.total.offered[kind]
        if not fits((wanted[kind], 0, 0), (most, 0, 0)):
            raise InvalidRequest(
                f"The job needs {say_kind(kind, wanted[kind])}; the largest worker, "
                f"{largest.name}, has {most:g}."
            )
    needs = ", ".join(list_needs(wanted))
    raise InvalidRequest(f"No worker has all that the job needs at once: {needs}.")
