"""Random calls in random order, on the real services: what must hold, holds after each."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from foundations_wire import codec
from foundations_wire.errors import (
    Conflict,
    InvalidRequest,
    LeaseLost,
    UnknownJob,
    UnknownWorker,
    WrongStatus,
)
from foundations_wire.jobs import Dependency, JobSpec, JobStatus, Until
from foundations_wire.queue import QueueClear
from foundations_wire.workers import (
    AttemptFinished,
    AttemptStarted,
    Cause,
    Device,
    Heartbeat,
    Lease,
    LeaseRequest,
    WorkerHello,
)
from support.plant import Plant, running_plant

GPUS = {"w1": 2, "w2": 1}
SLOTS = 3
CPUS = 4.0
FINAL = {status.value for status in JobStatus if status.is_final}


@dataclass
class Held:
    """A lease as its worker knows it."""

    lease: Lease
    worker: str
    is_begun: bool = False
    report: AttemptFinished | None = None


@dataclass
class World:
    """What the test knows beside the server."""

    plant: Plant
    numbers: Any = field(default_factory=lambda: itertools.count(1))
    specs: dict[str, JobSpec] = field(default_factory=dict)
    final: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def is_final(self, job_id: str) -> bool:
        rows = self.plant.ask("SELECT status FROM jobs WHERE id = :id", id=job_id)
        return not rows or rows[0][0] in FINAL

    def is_open(self, attempt_id: str) -> bool:
        rows = self.plant.ask("SELECT ended_at FROM attempts WHERE id = :id", id=attempt_id)
        return bool(rows) and rows[0][0] is None


workers_ = st.sampled_from(sorted(GPUS))


class LifeCycle(RuleBasedStateMachine):
    jobs = Bundle("jobs")
    attempts = Bundle("attempts")
    over = Bundle("over")

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        folder = Path(tempfile.mkdtemp())
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        self.world = World(self._stack.enter_context(running_plant(folder)))
        self.plant = self.world.plant

    def teardown(self) -> None:
        try:
            self._run_to_the_end()
        finally:
            self._stack.close()

    @initialize()
    def begin(self) -> None:
        for worker in GPUS:
            self._hello(worker)

    @rule(
        target=jobs,
        gpus=st.integers(0, 2),
        cpus=st.sampled_from([None, 1.0, 3.0]),
        retries=st.integers(0, 2),
        infra_retries=st.integers(0, 2),
        priority=st.sampled_from([0, 0, 10]),
        held=st.sampled_from([False, False, True]),
    )
    def submit(self, held: bool, **more: Any) -> Any:  # noqa: FBT001
        try:
            return self._submit(
                num_gpus=more["gpus"], cpus=more["cpus"], max_retries=more["retries"],
                max_infra_retries=more["infra_retries"], priority=more["priority"], held=held,
            )  # fmt: skip
        except InvalidRequest:
            known = self.plant.ask("SELECT max(gpus) AS most FROM workers WHERE NOT is_gone")
            assert more["gpus"] > known[0].most
            return multiple()

    @rule(target=jobs, other=jobs, until=st.sampled_from(list(Until)))
    def submit_behind(self, other: str, until: Until) -> Any:
        if other not in self.world.specs:
            return multiple()
        return self._submit(after=[Dependency(other, until)])

    @rule(job=jobs)
    def submit_again(self, job: str) -> None:
        spec = self.world.specs.get(job)
        if spec is not None:
            assert not self.plant.jobs.submit(job, spec)[1]

    @rule(job=jobs, verb=st.sampled_from(["hold", "release"]))
    def hold_or_release(self, job: str, verb: str) -> None:
        try:
            getattr(self.plant.queue, verb)(job)
        except (UnknownJob, WrongStatus):
            return

    @rule(job=jobs)
    def stop(self, job: str) -> None:
        was_final = self.world.is_final(job)
        try:
            view = self.plant.jobs.stop(job)
        except (UnknownJob, WrongStatus):
            assert was_final
            return
        assert view.status is JobStatus.STOPPED or (view.reason or "").startswith("stopping")

    @rule(job=consumes(jobs))
    def delete(self, job: str) -> None:
        was_final = self.world.is_final(job)
        try:
            self.plant.jobs.delete(job)
        except (UnknownJob, WrongStatus):
            assert job not in self.world.specs or not was_final
            return
        assert was_final
        self.world.final.pop(job)
        self.world.specs.pop(job)

    @rule(target=attempts, worker=workers_, free=st.integers(1, SLOTS))
    def lease(self, worker: str, free: int) -> Any:
        return multiple(*self._lease(worker, free))

    @rule(held=attempts)
    def start(self, held: Held) -> None:
        is_open = self.world.is_open(held.lease.attempt_id)
        report = AttemptStarted(held.lease.token, self.plant.clock.now())
        try:
            self.plant.endings.start(held.lease.attempt_id, report)
            held.is_begun = True
        except LeaseLost:
            assert not is_open

    @rule(
        target=over,
        held=consumes(attempts),
        status=st.sampled_from(["completed", "failed", "failed", "failed", "stopped"]),
        cause=st.sampled_from(list(Cause)),
        has_begun=st.booleans(),
        is_sick=st.sampled_from([False, False, False, True]),
    )
    def finish(self, held: Held, status: str, **more: Any) -> Held:
        lease, is_open = held.lease, self.world.is_open(held.lease.attempt_id)
        sick = dict.fromkeys(lease.gpus, "the probe failed") if more["is_sick"] else {}
        held.report = AttemptFinished(
            lease.token, self.plant.clock.now(), status, f"{status} somehow",
            int(status != "completed"), more["cause"], more["has_begun"] or held.is_begun, sick,
        )  # fmt: skip
        try:
            self.plant.endings.finish(lease.attempt_id, held.report)
        except LeaseLost:
            assert not is_open
            held.report = None
        return held

    @rule(held=over)
    def report_again(self, held: Held) -> None:
        if held.report is not None and self._exists(held):
            self.plant.endings.finish(held.lease.attempt_id, held.report)

    @rule(held=over, status=st.sampled_from(["completed", "failed"]))
    def report_otherwise(self, held: Held, status: str) -> None:
        """A stale report of another end, or of a start, is refused."""
        token, at = held.lease.token, self.plant.clock.now()
        for report in (AttemptStarted(token, at), AttemptFinished(token, at, status, "stale")):
            try:
                if isinstance(report, AttemptStarted):
                    self.plant.endings.start(held.lease.attempt_id, report)
                else:
                    self.plant.endings.finish(held.lease.attempt_id, report)
            except LeaseLost:
                continue
            raise AssertionError("a stale report was taken")

    @rule(held=attempts)
    def forge(self, held: Held) -> None:
        forged = AttemptFinished("x" * len(held.lease.token), 1.0, "failed")
        try:
            self.plant.endings.finish(held.lease.attempt_id, forged)
        except LeaseLost:
            return
        raise AssertionError("a forged report was taken")

    @rule(worker=workers_)
    def hello(self, worker: str) -> None:
        """A worker that restarts hears of exactly the attempts that are open."""
        told = {lease.attempt_id for lease in self._hello(worker)}
        query = "SELECT id FROM attempts WHERE worker_id = :id AND ended_at IS NULL"
        assert told == {row[0] for row in self.plant.ask(query, id=worker)}

    @rule(worker=workers_, verb=st.sampled_from(["drain", "resume", "resume", "goodbye"]))
    def manage(self, worker: str, verb: str) -> None:
        try:
            getattr(self.plant.workers, verb)(worker)
        except UnknownWorker:
            return

    @rule(worker=workers_, verb=st.sampled_from(["declare_lost", "remove"]))
    def give_up(self, worker: str, verb: str) -> None:
        try:
            getattr(self.plant.workers, verb)(worker)
        except (Conflict, UnknownWorker):
            return

    @rule(worker=workers_)
    def heartbeat(self, worker: str) -> None:
        query = "SELECT id, token, ended_at FROM attempts WHERE worker_id = :id"
        rows = self.plant.ask(query, id=worker)
        try:
            answer = self.plant.leases.heartbeat(
                worker, Heartbeat({row.id: row.token for row in rows})
            )
        except UnknownWorker:
            return
        assert set(answer.fenced) == {row.id for row in rows if row.ended_at is not None}

    @rule(seconds=st.sampled_from([1.0, 5.0, 40.0, -1000.0]))
    def pass_time(self, seconds: float) -> None:
        self._advance(seconds)

    @precondition(lambda self: self.world.specs)
    @rule()
    def clear_queue(self) -> None:
        self.plant.queue.clear(QueueClear())

    @invariant()
    def no_job_has_two_open_attempts(self) -> None:
        query = "SELECT job_id FROM attempts WHERE ended_at IS NULL GROUP BY 1 HAVING count(*) > 1"
        assert self.plant.ask(query) == []

    @invariant()
    def what_is_final_stays_and_holds_nothing(self) -> None:
        query = (
            "SELECT j.id, j.status, j.reason, j.ended_at, j.exit_code, j.attempt_id,"
            " (SELECT count(*) FROM attempts a WHERE a.job_id = j.id AND a.ended_at IS NULL)"
            "  + (SELECT count(*) FROM gpus g JOIN attempts a ON g.attempt_id = a.id"
            "     WHERE a.job_id = j.id) FROM jobs j"
            " WHERE j.status IN ('completed', 'failed', 'stopped')"
        )
        for job_id, *rest, holds in self.plant.ask(query):
            assert holds == 0
            assert rest[2] is not None
            assert self.world.final.setdefault(job_id, tuple(rest)) == tuple(rest)
        known = {row[0] for row in self.plant.ask(query)}
        assert set(self.world.final) == known

    @invariant()
    def each_gpu_is_held_by_the_one_open_attempt_that_was_given_it(self) -> None:
        given = {
            (row.worker_id, gpu): row.id
            for row in self.plant.ask(
                "SELECT id, worker_id, gpus, num_gpus FROM attempts WHERE ended_at IS NULL"
            )
            for gpu in _read_gpus(row)
        }
        held = {
            (row.worker_id, row.id): row.attempt_id
            for row in self.plant.ask("SELECT * FROM gpus WHERE attempt_id IS NOT NULL")
        }
        assert held == given
        for worker in self.plant.workers.list_all().items:
            counts = {"free": 0, "busy": 0, "quarantined": 0}
            for gpu in worker.gpus:
                counts[gpu.status] += 1
            assert sum(counts.values()) == GPUS[worker.id]

    @invariant()
    def workers_hold_no_more_than_they_have(self) -> None:
        query = (
            "SELECT count(*), coalesce(sum(cpus), 0) FROM attempts WHERE ended_at IS NULL"
            " GROUP BY worker_id"
        )
        assert all(count <= SLOTS and cpus <= CPUS for count, cpus in self.plant.ask(query))

    @invariant()
    def statuses_fit_the_attempts(self) -> None:
        query = (
            "SELECT j.status, j.attempt_id, a.ended_at, a.started_at FROM jobs j"
            " LEFT JOIN attempts a ON a.id = j.attempt_id"
            " WHERE j.status IN ('queued', 'running')"
        )
        for row in self.plant.ask(query):
            if row.status == "running":
                assert (row.attempt_id, row.started_at) != (None, None)
            assert row.ended_at is None
            assert row.attempt_id is None or (row.status == "running") == (
                row.started_at is not None
            )

    @invariant()
    def tries_are_numbered_and_counted(self) -> None:
        query = "SELECT job_id, count(*) AS tries, max(number) AS last FROM attempts GROUP BY 1"
        assert all(row.tries == row.last for row in self.plant.ask(query))
        for row in self.plant.ask("SELECT id, failures, losses FROM jobs"):
            spec = self.world.specs[row.id]
            assert row.failures <= spec.max_retries
            assert row.losses <= max(spec.max_infra_retries, 3)

    @invariant()
    def blockers_are_the_unmet_dependencies(self) -> None:
        query = (
            "SELECT j.id, j.blockers, (SELECT count(*) FROM dependencies d"
            " WHERE d.job_id = j.id AND NOT d.is_met) AS unmet FROM jobs j"
            " WHERE j.status = 'queued'"
        )
        assert all(row.blockers == row.unmet for row in self.plant.ask(query))
        query = (
            "SELECT d.job_id FROM dependencies d JOIN jobs a ON a.id = d.after_id"
            " JOIN jobs j ON j.id = d.job_id WHERE j.status = 'queued' AND NOT d.is_met"
            " AND a.status IN ('completed', 'failed', 'stopped')"
        )
        assert self.plant.ask(query) == []

    @invariant()
    def whatever_waits_says_why(self) -> None:
        for job in self.plant.queue.get().waiting:
            assert job.reason
            assert job.queue_position

    def _submit(self, **options: Any) -> str:
        job_id = f"j{next(self.world.numbers)}"
        spec = JobSpec(project="birds", command=["main.py"], **options)
        self.plant.jobs.submit(job_id, spec)
        self.world.specs[job_id] = spec
        return job_id

    def _lease(self, worker: str, free: int) -> list[Held]:
        try:
            self.plant.leases.require(worker)
        except UnknownWorker:
            return []
        ready = self._list_ready()
        with self.plant.presence.polling(worker, free):
            answer = self.plant.leases.take(worker, LeaseRequest(free))
        fresh = [
            lease for lease in answer.leases
            if self.world.tokens.setdefault(lease.attempt_id, lease.token) and not lease.is_started
        ]  # fmt: skip
        assert len(fresh) <= free
        self._check_order(ready, {lease.job_id for lease in fresh})
        return [Held(lease, worker) for lease in fresh]

    def _check_order(self, ready: list[Any], leased: set[str]) -> None:
        """No job starts before one that came first and needs the same."""
        passed_over: set[Any] = set()
        for row in ready:
            needs = (row.num_gpus, row.cpus)
            if row.id in leased:
                assert needs not in passed_over
            else:
                passed_over.add(needs)

    def _list_ready(self) -> list[Any]:
        query = (
            "SELECT id, num_gpus, cpus FROM jobs WHERE status = 'queued' AND attempt_id IS NULL"
            " AND NOT is_held AND blockers = 0 AND (not_before IS NULL OR not_before <= :now)"
            " ORDER BY priority DESC, queue_order"
        )
        return self.plant.ask(query, now=self.plant.clock.now())

    def _hello(self, worker: str) -> list[Lease]:
        devices = [Device(f"{worker}-{number}") for number in range(GPUS[worker])]
        hello = WorkerHello(worker, "host", "fake", SLOTS, devices, "0.1.0", CPUS, None)
        return self.plant.workers.hello(worker, hello).leases

    def _exists(self, held: Held) -> bool:
        query = "SELECT 1 FROM attempts WHERE id = :id"
        return bool(self.plant.ask(query, id=held.lease.attempt_id))

    def _advance(self, seconds: float) -> None:
        """Let time pass; as the server's waker does, have plans made anew."""
        self.plant.clock.advance(seconds)
        self.plant.database.write(lambda _connection: None)

    def _run_to_the_end(self) -> None:
        """Whatever happened: with willing workers, every job comes to its end."""
        for worker, count in GPUS.items():
            self._hello(worker)
            self.plant.workers.resume(worker)
            well = [f"{worker}-{number}" for number in range(count)]
            self.plant.leases.heartbeat(worker, Heartbeat(well_gpus=well))
        for job in self.plant.queue.get(limit=500).waiting:
            self.plant.queue.release(job.id)
        for _ in range(2 * len(self.world.specs) + 10):
            self._advance(2000.0)
            for worker in GPUS:
                for lease in self._hello(worker):
                    report = AttemptFinished(lease.token, self.plant.clock.now(), "completed")
                    self.plant.endings.finish(lease.attempt_id, report)
                self._lease(worker, SLOTS)
        query = "SELECT id, status FROM jobs WHERE status IN ('queued', 'running')"
        assert self.plant.ask(query) == []
        assert self.plant.ask("SELECT * FROM gpus WHERE attempt_id IS NOT NULL") == []


def _read_gpus(row: Any) -> list[str]:
    gpus: list[str] = codec.decode(row.gpus)
    assert len(gpus) == row.num_gpus
    return gpus


TestLifeCycle = LifeCycle.TestCase
TestLifeCycle.settings = settings(
    max_examples=8,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
