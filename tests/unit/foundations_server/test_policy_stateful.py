"""The policy over time: jobs come, start, end; some need much, most need little."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from foundations_server.scheduling.allowances import Allowances, Limit
from foundations_server.scheduling.needs import Holder, Needs, Waiting, WorkerCapacity
from support.choosing import choose

LIMITS = {("project", "narrow"): Limit(running=1), ("user", "ada"): Limit(gpus=2)}


class Cluster(RuleBasedStateMachine):
    """Carries out what the policy says, as the server does: exact GPUs, one slot a job."""

    def __init__(self) -> None:
        super().__init__()
        self.totals: dict[str, tuple[int, Needs]] = {}
        self.queue: list[Waiting] = []
        self.running: dict[str, tuple[Waiting, str, tuple[int, ...]]] = {}
        self.count = 0
        self.was_full = True

    @initialize(
        workers=st.lists(
            st.tuples(st.integers(1, 3), st.integers(0, 4), st.sampled_from([None, 4.0])),
            min_size=1,
            max_size=3,
        )
    )
    def connect(self, workers: list[tuple[int, int, float | None]]) -> None:
        for number, (slots, gpus, cpus) in enumerate(workers):
            self.totals[f"w{number}"] = (slots, Needs(gpus, cpus))

    @rule(
        gpus=st.integers(0, 4),
        cpus=st.sampled_from([None, None, 1.0, 3.0]),
        time_limit=st.sampled_from([None, None, 10.0]),
        project=st.sampled_from(["wide", "narrow"]),
        user=st.sampled_from(["ada", "bob"]),
    )
    def submit(
        self, gpus: int, cpus: float | None, time_limit: float | None, project: str, user: str
    ) -> None:
        self.count += 1
        name = f"j{self.count}"
        needs = Needs(gpus, cpus)
        self.queue.append(Waiting(name, name, needs, project, user, time_limit))

    @rule(which=st.integers(0, 20))
    def end(self, which: int) -> None:
        if self.running:
            del self.running[list(self.running)[which % len(self.running)]]

    @rule()
    def start(self) -> None:
        """Start what may start, and look at what was left."""
        before = self.capacity()
        holders = [holder for worker in before for holder in worker.holders]
        placed = {
            placement.job_id: placement.worker_id
            for placement in choose(self.queue, before, Allowances(LIMITS, holders))
        }
        self.check_order(placed)
        for job in [job for job in self.queue if job.job_id in placed]:
            self.place(job, placed[job.job_id])
        self.check_plain_jobs()

    def place(self, job: Waiting, worker: str) -> None:
        taken = {
            gpu for _job, place, gpus in self.running.values() if place == worker for gpu in gpus
        }
        free = [gpu for gpu in range(self.totals[worker][1].gpus) if gpu not in taken]
        assert len(free) >= job.needs.gpus
        self.running[job.job_id] = (job, worker, tuple(free[: job.needs.gpus]))
        self.queue.remove(job)

    def check_order(self, placed: dict[str, str]) -> None:
        """Of two jobs that differ in nothing the later one never starts first."""
        waiting: set[Waiting] = set()
        for job in self.queue:
            kind = replace(job, job_id="", name="")
            if job.job_id in placed:
                assert kind not in waiting
            else:
                waiting.add(kind)

    def check_plain_jobs(self) -> None:
        """A job that asks for nothing but a slot waits only when there is none, or a limit."""
        slots = sum(worker.free_slots for worker in self.capacity())
        allowances = Allowances(LIMITS, [h for w in self.capacity() for h in w.holders])
        for job in self.queue:
            if job.needs == Needs() and slots > 0:
                assert allowances.find_spent(job) is not None

    def capacity(self) -> list[WorkerCapacity]:
        found = []
        for name, (slots, total) in self.totals.items():
            jobs = [job for job, worker, _gpus in self.running.values() if worker == name]
            holders = tuple(
                Holder(job.name, job.needs, job.project, job.user, job.time_limit) for job in jobs
            )
            cpus = total.cpus and total.cpus - sum(job.needs.cpus or 0 for job in jobs)
            free = Needs(total.gpus - sum(job.needs.gpus for job in jobs), cpus)
            free_slots = slots - len(jobs)
            found.append(WorkerCapacity(name, name, slots, free_slots, total, free, holders))
        return found

    @invariant()
    def no_worker_is_over_its_capacity(self) -> None:
        for worker in self.capacity():
            assert worker.free_slots >= 0
            assert worker.free.gpus >= 0
            assert worker.free.cpus is None or worker.free.cpus >= 0

    @invariant()
    def no_device_is_held_twice(self) -> None:
        held = [(w, gpu) for _job, w, gpus in self.running.values() for gpu in gpus]
        assert len(held) == len(set(held))

    @invariant()
    def limits_are_kept(self) -> None:
        jobs = [job for job, _worker, _gpus in self.running.values()]
        assert sum(job.project == "narrow" for job in jobs) <= 1
        assert sum(job.needs.gpus for job in jobs if job.user == "ada") <= 2

    def teardown(self) -> None:
        """A job that needs a whole worker starts in the end, though smaller ones keep coming."""
        if self.totals:
            largest = max(total.gpus for _slots, total in self.totals.values())
            for _number in range(4):
                self.submit(1, None, None, "wide", "bob")
            self.start()
            self.submit(largest, None, None, "wide", "bob")
            self.end_one_after_another(self.queue[-1])

    def end_one_after_another(self, first: Waiting) -> None:
        """End the oldest job and offer two small ones more, until the first one starts."""
        for _round in range(150):
            self.start()
            if first.job_id in self.running:
                return
            if self.running:
                del self.running[next(iter(self.running))]
            for gpus in (0, 1):
                self.submit(gpus, None, None, "wide", "bob")
        raise AssertionError(f"{first} never started")


TestCluster = Cluster.TestCase
TestCluster.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
