"""The workers as the jobs feature counts them (see jobs/inventory.py)."""

from __future__ import annotations

from sqlalchemy import Connection

from foundations_server.jobs.inventory import Machine
from foundations_server.scheduling.needs import Needs
from foundations_server.workers import repository


class KnownWorkers:
    """The workers that said hello once and not goodbye since."""

    def list_machines(self, connection: Connection) -> list[Machine]:
        """See Inventory."""
        return [
            Machine(row.name, Needs(row.gpus, row.cpus, row.ram_gb))
            for row in repository.list_workers(connection)
            if not row.is_gone
        ]
