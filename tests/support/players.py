"""A worker that a test plays over REST: it takes leases and says how they ended."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from foundations_client.client import Client
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import (
    AttemptFinished,
    AttemptStarted,
    Device,
    Lease,
    LeaseRequest,
    WorkerHello,
)


@dataclass
class Player:
    """`leases` are what it holds, by job, in the order in which they came."""

    client: Client
    id: str
    slots: int
    gpus: int = 0
    leases: dict[str, Lease] = field(default_factory=dict)

    def hello(self) -> None:
        """Say who it is; what it held before is its own again."""
        devices = [Device(f"{self.id}-{number}") for number in range(self.gpus)]
        greeting = WorkerHello(self.id, "stage", "fake", self.slots, devices, "0")
        welcome = self.client.workers.hello(self.id, greeting)
        self.leases = {lease.job_id: lease for lease in welcome.leases}

    def take(self) -> list[str]:
        """Take what there is, and report that it runs; return the jobs, in order.

        Waits up to POLL_SECONDS when there is nothing.
        """
        answer = self.client.workers.lease(self.id, LeaseRequest(self.slots))
        for lease in answer.leases:
            self.leases[lease.job_id] = lease
            report = AttemptStarted(lease.token, time.time())
            self.client.workers.started(lease.attempt_id, report)
        return [lease.job_id for lease in answer.leases]

    def finish(self, job_id: str) -> None:
        """Report that a job completed."""
        lease = self.leases.pop(job_id)
        report = AttemptFinished(lease.token, time.time(), JobStatus.COMPLETED.value, exit_code=0)
        self.client.workers.finish(lease.attempt_id, report)
