"""The workers: who they are and what they have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from foundations_server.jobs.dependencies import Changed
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_server.workers import repository
from foundations_server.workers.ending import Endings, end
from foundations_server.workers.holding import make_lease, require_worker
from foundations_server.workers.presence import Presence
from foundations_server.workers.reports import check_hello
from foundations_wire import codec
from foundations_wire.errors import Conflict
from foundations_wire.jobs import JobStatus
from foundations_wire.times import to_iso
from foundations_wire.workers import (
    LEASE_SECONDS,
    AttemptFinished,
    Cause,
    GpuView,
    Lease,
    WorkerHello,
    WorkerList,
    WorkerView,
    WorkerWelcome,
)


class WorkerService:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        hints: HintBus,
        presence: Presence,
        endings: Endings,
    ) -> None:
        self._database = database
        self._endings = endings
        self._clock = clock
        self._hints = hints
        self.presence = presence

    def hello(self, worker_id: str, hello: WorkerHello) -> WorkerWelcome:
        """Note that a worker is there; return the attempts it holds."""
        check_hello(worker_id, hello)
        row = {
            "id": worker_id, **codec.spell(hello), "gpus": len(hello.gpus), "is_gone": False,
            "is_removed": False, "trouble": None, "seen_at": self._clock.now(),
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

    def drain(self, worker_id: str) -> WorkerView:
        """Give a worker no new job; those it has go on."""
        return self._change(worker_id, {"is_draining": True})

    def resume(self, worker_id: str) -> WorkerView:
        """Give a worker that was drained or lost new jobs again."""
        return self._change(worker_id, {"is_draining": False})

    def remove(self, worker_id: str) -> None:
        """Forget a worker that is not there and holds nothing.

        Raises:
            Conflict: it is connected, or attempts are its own still.
        """

        def change(connection: Connection) -> None:
            row = require_worker(connection, worker_id)
            self._refuse_connected(row, "stop it first, or drain it")
            if held := repository.list_open(connection, worker_id):
                raise Conflict(
                    f"Worker `{row.name}` holds {len(held)} of the jobs still, such as "
                    f"{held[0].job_name}; declare it lost first if it will not come back."
                )
            repository.remove_worker(connection, worker_id)

        self._database.write(change)
        self._publish(worker_id)

    def declare_lost(self, worker_id: str) -> WorkerView:
        """End the attempts of a worker whose machine is gone, on an administrator's word.

        It gets no new jobs, even when it comes back, until it is resumed: what it ran may
        run there still.

        Raises:
            Conflict: it is connected, so its jobs can be stopped.
        """

        def change(connection: Connection) -> list[Changed]:
            row = require_worker(connection, worker_id)
            self._refuse_connected(row, "stop its jobs, or drain it")
            repository.change_worker(connection, worker_id, {"is_gone": True, "is_draining": True})
            now = self._clock.now()
            return [
                changed
                for attempt in repository.list_open(connection, worker_id)
                for changed in end(connection, attempt, _make_loss(attempt, now), now)
            ]

        self._endings.tell(self._database.write(change))
        self._publish(worker_id)
        return self._get(worker_id)

    def _change(self, worker_id: str, values: dict[str, Any]) -> WorkerView:
        def change(connection: Connection) -> None:
            require_worker(connection, worker_id)
            repository.change_worker(connection, worker_id, values)

        self._database.write(change)
        self._publish(worker_id)
        return self._get(worker_id)

    def _get(self, worker_id: str) -> WorkerView:
        with self._database.read() as connection:
            row = require_worker(connection, worker_id)
            running = [held.job_id for held in repository.list_open(connection, worker_id)]
            return self._view(row, running, repository.list_gpus(connection, worker_id))

    def _refuse_connected(self, row: Row[Any], advice: str) -> None:
        if row.is_gone or self.presence.is_silent(row.id):
            return
        if self.presence.is_connected(row.id):
            raise Conflict(f"Worker `{row.name}` is connected; {advice}.")
        raise Conflict(
            f"Worker `{row.name}` may be connected: the server has just started. Ask again in "
            f"{LEASE_SECONDS:.0f} s."
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


def _make_loss(attempt: Row[Any], now: float) -> AttemptFinished:
    return AttemptFinished(
        attempt.token, now, JobStatus.FAILED.value, "node lost", cause=Cause.INFRASTRUCTURE
    )


def _view_gpu(row: Row[Any]) -> GpuView:
    status = "quarantined" if row.problem else "busy" if row.attempt_id else "free"
    return GpuView(row.id, row.name, row.memory_bytes, status, row.job_id, row.problem)
