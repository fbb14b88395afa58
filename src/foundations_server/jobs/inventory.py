"""What the machines have in all, whoever holds it: more than that no job can ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from foundations_wire.errors import InvalidRequest
from foundations_wire.jobs import JobSpec


@dataclass(frozen=True)
class Machine:
    """A worker that is known and not gone. What is None is not counted."""

    name: str
    gpus: int
    cpus: float | None
    ram_gb: float | None


class Inventory(Protocol):
    """**Thread safety**: any thread may ask."""

    def list_machines(self, connection: Connection) -> list[Machine]:
        """Return all workers that are not gone, connected or silent."""
        ...


def check_fits(spec: JobSpec, machines: Sequence[Machine]) -> None:
    """Raise InvalidRequest when no worker could ever run a job.

    Without any worker it may wait: the first one is still to come.
    """
    if not machines or any(_can_hold(machine, spec) for machine in machines):
        return
    for noun, wanted, amounts in (
        ("GPU", spec.num_gpus, [(machine.gpus, machine.name) for machine in machines]),
        ("CPU", spec.cpus, [(_or_any(machine.cpus), machine.name) for machine in machines]),
        ("GB of memory", spec.ram_gb, [(_or_any(m.ram_gb), m.name) for m in machines]),
    ):
        most, name = max(amounts, key=lambda pair: pair[0])
        if wanted is not None and wanted > most:
            raise InvalidRequest(
                f"The job needs {_count(wanted, noun)}; the largest worker, {name}, has {most:g}."
            )
    needs = ", ".join(_list_needs(spec))
    raise InvalidRequest(f"No worker has all that the job needs at once: {needs}.")


def _can_hold(machine: Machine, spec: JobSpec) -> bool:
    return (
        spec.num_gpus <= machine.gpus
        and (spec.cpus or 0.0) <= _or_any(machine.cpus)
        and (spec.ram_gb or 0.0) <= _or_any(machine.ram_gb)
    )


def _or_any(amount: float | None) -> float:
    return float("inf") if amount is None else amount


def _list_needs(spec: JobSpec) -> list[str]:
    needs = ((spec.num_gpus, "GPU"), (spec.cpus, "CPU"), (spec.ram_gb, "GB of memory"))
    return [_count(amount, noun) for amount, noun in needs if amount]


def _count(amount: float, noun: str) -> str:
    is_plain = amount == 1 or noun.startswith("GB")
    return f"{amount:g} {noun}" if is_plain else f"{amount:g} {noun}s"
