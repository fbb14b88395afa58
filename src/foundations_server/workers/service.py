"""The workers: who they are and what they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.workers import repository
from foundations_server.workers.holding import make_lease, require_worker
from foundations_server.workers.presence import Presence
from foundations_server.workers.reports import check_hello
from foundations_wire import codec
from foundations_wire.times import to_iso
from foundations_wire.workers import (
    GpuView,
    Lease,
    WorkerHello,
    WorkerList,
    WorkerView,
    WorkerWelcome,
)


class WorkerService:
    def __init__(
        self, database: Database, clock: Clock, hints: HintBus, presence: Presence
    ) -> None:
        self._database = database
        self._clock = clock
        self._hints = hints
        self.presence = presence

    def hello(self, worker_id: str, hello: WorkerHello) -> WorkerWelcome:
        """Note that a worker is there; return the attempts it holds."""
        check_hello(worker_id, hello)
        row = {
            "id": worker_id, **codec.spell(hello), "gpus": len(hello.gpus), "is_gone": False,
            "seen_at": self._clock.now(),
        }  # fmt: skip

        def change(connection: Connection) -> list[Lease]:
            repository.put_worker(connection, row)
            repository.put_gpus(connection, worker_id, hello.gpus)
            return [make_lease(attempt) for attempt in repository.list_open(connection, worker_id)]

        leases = self._database.write(change)
        self.presence.hear(worker_id)
        self._publish(worker_id)
        return WorkerWelcome(leases)

    def goodbye(self, worker_id: str) -> None:
        """Note that a worker ends; its attempts stay its own."""
        values = {"is_gone": True, "seen_at": self._clock.now()}

        def change(connection: Connection) -> None:
            require_worker(connection, worker_id)
            repository.change_worker(connection, worker_id, values)

        self._database.write(change)
        self._publish(worker_id)

    def list_all(self) -> WorkerList:
        with self._database.read() as connection:
            running: dict[str, list[str]] = {}
            for attempt in repository.list_open(connection):
                running.setdefault(attempt.worker_id, []).append(attempt.job_id)
            gpus: dict[str, list[Row[Any]]] = {}
            for gpu in repository.list_gpus(connection):
                gpus.setdefault(gpu.worker_id, []).append(gpu)
            return WorkerList(
                [
                    self._view(row, running.get(row.id, []), gpus.get(row.id, []))
                    for row in repository.list_workers(connection)
                ]
            )

    def _view(self, row: Row[Any], running: list[str], gpus: Sequence[Row[Any]]) -> WorkerView:
        if row.is_gone:
            status = "gone"
        else:
            status = "connected" if self.presence.is_connected(row.id) else "silent"
        return WorkerView(
            id=row.id, name=row.name, host=row.host, executor=row.executor, slots=row.slots,
            gpus=[_view_gpu(gpu) for gpu in gpus], version=row.version, status=status,
            running=running, seen_at=to_iso(self.presence.seen_at(row.id, row.seen_at)),
            cpus=row.cpus, ram_gb=row.ram_gb, is_draining=row.is_draining, trouble=row.trouble,
        )  # fmt: skip

    def _publish(self, worker_id: str) -> None:
        self._hints.publish(Hint("worker", worker_id, "status"), Hint("queue", "", "status"))


def _view_gpu(row: Row[Any]) -> GpuView:
    status = "quarantined" if row.problem else "busy" if row.attempt_id else "free"
    return GpuView(row.id, row.name, row.memory_bytes, status, row.job_id, row.problem)
