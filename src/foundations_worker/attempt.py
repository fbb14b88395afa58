"""One attempt from its lease to its end: prepare, start, watch, finish."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from foundations_client import shipping
from foundations_client.client import Client
from foundations_client.snapshots import Snapshot
from foundations_wire.archive import ARTIFACTS, CODE
from foundations_wire.errors import AtlasError, LeaseLost
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import AttemptFinished, AttemptStarted, Lease
from foundations_worker import job_environment
from foundations_worker.archiving import Archiving
from foundations_worker.commands import Cancelled
from foundations_worker.delivery import Delivery
from foundations_worker.environments import Environments, InstallFailed
from foundations_worker.executors.base import VANISHED, Condition, Executor, Exit, Handle, Launch
from foundations_worker.job_environment import Surroundings
from foundations_worker.joblog import JobLog
from foundations_worker.paths import WorkerPaths
from foundations_worker.preparation import BundleCache, PreparationFailed
from foundations_worker.remains import Remains
from foundations_worker.watching import outcome
from foundations_worker.watching.log_shipping import LogShipping
from foundations_worker.watching.outcome import Verdict

_LOG = logging.getLogger(__name__)
_WATCH_S = 1.0


@dataclass(frozen=True)
class Tools:
    """What all attempts of a worker share."""

    client: Client
    executor: Executor
    paths: WorkerPaths
    bundles: BundleCache
    environments: Environments
    surroundings: Surroundings
    grace_s: float


class Attempt:
    """Carries one lease out in the thread that calls `run`.

    **Thread safety**: `request_stop` and `fence` may be called from any thread, at any time
    and more than once.
    """

    def __init__(self, lease: Lease, tools: Tools) -> None:
        """Take the lease; nothing happens before `run`."""
        self.lease = lease
        self._tools = tools
        self._paths = tools.paths.attempt(lease.attempt_id)
        self._log = JobLog(self._paths.output)
        self._lost = threading.Event()
        self._delivery = Delivery(self._lost)
        self._archiving = Archiving(tools.client, lease.job_id, self._log, self._delivery)
        self._remains = Remains(tools.paths.kept / lease.attempt_id, self._log)
        self._code: Snapshot | None = None
        # Together they decide whether a stop finds a process or keeps one from starting.
        self._lock = threading.Lock()
        self._is_unwanted = threading.Event()
        self._handle: Handle | None = None
        self._stopping: threading.Thread | None = None
        self._was_stopped = False

    @property
    def is_unwanted(self) -> bool:
        """Whether it is being stopped."""
        return self._is_unwanted.is_set()

    def request_stop(self) -> None:
        """Stop the job as its user asked; returns at once."""
        with self._lock:
            self._is_unwanted.set()
            self._begin_stopping()

    def fence(self) -> None:
        """Stop the job because it belongs to another worker; nothing will be reported."""
        self._lost.set()
        self.request_stop()

    def run(self) -> None:
        """Return when the attempt is over and the server knows it."""
        try:
            self._finish(self._carry_out())
        except LeaseLost:
            _LOG.warning("Job %s belongs to another worker now.", self.lease.job_id)
            self._abandon()

    def _carry_out(self) -> Verdict:
        self._paths.folder.mkdir(parents=True, exist_ok=True)
        handle, condition = self._tools.executor.recover(self.lease.attempt_id)
        log = self._follow_log(condition)
        try:
            verdict = self._decide(handle, condition)
            self._collect()
            if verdict.status is JobStatus.STOPPED:
                self._log.say(outcome.STOPPED_BY_USER)
            log.finish(self._delivery)
            if log.is_refused:
                self._remains.keep(self._paths.output, "the log could not be stored")
        finally:
            log.close()
        return verdict

    def _decide(self, handle: Handle, condition: Condition) -> Verdict:
        try:
            return self._run_to_end(handle, condition)
        except (PreparationFailed, InstallFailed) as error:
            self._log.say(str(error))
            return outcome.fail(str(error))
        except Cancelled:
            return outcome.stop_early()

    def _follow_log(self, condition: Condition) -> LogShipping:
        client, job_id = self._tools.client, self.lease.job_id
        offset = 0
        if condition is not Condition.NEVER_STARTED and self._paths.output.exists():
            stored = self._delivery.deliver("a question", lambda: client.jobs.get(job_id))
            offset = min(stored.log_bytes, self._paths.output.stat().st_size)
        log = LogShipping(client, job_id, self._paths.output, offset)
        log.start()
        return log

    def _run_to_end(self, handle: Handle, condition: Condition) -> Verdict:
        if condition is Condition.NEVER_STARTED:
            if self.lease.is_started:  # here it was not; what was is gone without a trace
                return outcome.judge(VANISHED, was_stopped=False)
            handle = self._start(self._prepare())
        # A worker that sent TERM may not have lived to see the end.
        was_stopped_before = self.lease.is_stop_wanted and self._paths.stop_sent.exists()
        if self._handle is None:
            self._adopt(handle)
        if not self.lease.is_started:
            self._report_started()
        end = self._watch(handle)
        if end.problem:
            self._log.say(end.problem)
        if self._stopping is not None:
            self._stopping.join()
        return outcome.judge(end, was_stopped=self._was_stopped or was_stopped_before)

    def _prepare(self) -> Launch:
        lease, tools = self.lease, self._tools
        self._delivery.deliver(
            "the wish for a bundle",
            lambda: tools.bundles.unpack(lease.spec, self._paths),
        )
        self._code = self._archiving.archive(self._paths.job, CODE)
        if unused := job_environment.name_unused(lease.spec):
            self._log.say(f"not used by the process executor: {', '.join(unused)}")
        python = tools.environments.provide(
            self._paths.job, self._paths.environment, self._log, self._is_unwanted
        )
        variables = job_environment.make_environment(
            lease, python, self._paths.journal, tools.surroundings
        )
        command = job_environment.make_command(lease.spec, python)
        return Launch(lease.attempt_id, command, self._paths.job, variables)

    def _start(self, launch: Launch) -> Handle:
        with self._lock:
            if self._is_unwanted.is_set():
                raise Cancelled
            try:
                self._handle = self._tools.executor.start(launch)
            except OSError as error:
                raise PreparationFailed(f"the job could not be started: {error}") from error
            return self._handle

    def _adopt(self, handle: Handle) -> None:
        with self._lock:
            self._handle = handle
            if self._is_unwanted.is_set():
                self._begin_stopping()

    def _begin_stopping(self) -> None:
        """Stop in a thread of its own, so that TERM waits for nothing. The lock is held."""
        if self._handle is None or self._stopping is not None:
            return
        name = f"stop {self.lease.job_id}"
        self._stopping = threading.Thread(
            target=self._stop, args=(self._handle,), name=name, daemon=True
        )
        self._stopping.start()

    def _stop(self, handle: Handle) -> None:
        self._paths.stop_sent.touch()
        self._was_stopped = self._tools.executor.stop(handle, self._tools.grace_s)

    def _report_started(self) -> None:
        client, lease = self._tools.client, self.lease
        report = AttemptStarted(lease.token, time.time())
        self._delivery.deliver(
            f"the start of job {lease.job_id}",
            lambda: client.workers.started(lease.attempt_id, report),
        )

    def _watch(self, handle: Handle) -> Exit:
        while not self._lost.is_set():
            if (end := self._tools.executor.wait(handle, _WATCH_S)) is not None:
                return end
        raise LeaseLost("The attempt belongs to another worker now.")

    def _collect(self) -> None:
        """Bring in what the job left: its journal and its folder."""
        journal, client = self._paths.journal, self._tools.client
        try:
            report = self._delivery.deliver(
                f"the journal of job {self.lease.job_id}", lambda: shipping.drain(journal, client)
            )
        except OSError as error:
            report = shipping.DrainReport(problems=[f"the journal cannot be read: {error}"])
        self._remains.keep_journal(journal, report)
        if self._paths.job.exists():
            archived = self._archiving.archive(self._paths.job, ARTIFACTS, self._code)
            has_run = self._handle is not None
            if has_run and (archived is None or archived.lost):
                self._remains.keep(self._paths.job, "not all files of the job are archived")

    def _finish(self, verdict: Verdict) -> None:
        client, lease = self._tools.client, self.lease
        if self._remains.exist:
            verdict = outcome.mention_kept(verdict, self._remains.folder)
        report = AttemptFinished(
            lease.token,
            verdict.at or time.time(),
            verdict.status.value,
            verdict.reason,
            verdict.exit_code,
        )
        try:
            self._delivery.deliver(
                f"the end of job {lease.job_id}",
                lambda: client.workers.finish(lease.attempt_id, report),
            )
        except LeaseLost:
            raise
        except AtlasError as error:
            _LOG.warning("The server refused the end of job %s: %s", lease.job_id, error)
        _LOG.info("Job %s %s%s", lease.job_id, report.status, _bracket(report.reason))
        self._tools.executor.remove(Handle(self._tools.executor.name, lease.attempt_id))

    def _abandon(self) -> None:
        clean_up(self._tools.executor, self.lease.attempt_id, self._tools.grace_s)

    def give_up(self, problem: Exception) -> None:
        """Report that the worker itself could not carry the job out."""
        try:
            if self._handle is not None:
                self._tools.executor.stop(self._handle, self._tools.grace_s)
                for path in (self._paths.journal, self._paths.job, self._paths.output):
                    self._remains.keep(path, "the worker failed")
            self._finish(outcome.fail(f"the worker failed: {problem}"))
        except LeaseLost:
            self._abandon()


def clean_up(executor: Executor, attempt_id: str, grace_s: float) -> None:
    """End an attempt that nobody waits for, and remove what it left."""
    handle, condition = executor.recover(attempt_id)
    if condition is Condition.RUNNING:
        executor.stop(handle, grace_s)
        if executor.wait(handle, grace_s) is None:
            return  # cannot be killed; tried again when the worker starts
    executor.remove(handle)


def run_safely(attempt: Attempt, on_end: Callable[[Attempt], None]) -> None:
    """Run an attempt; whatever goes wrong in it stays in it."""
    try:
        attempt.run()
    except Exception as error:  # noqa: BLE001 - a boundary: one job must not take others along
        _LOG.exception("Job %s could not be carried out", attempt.lease.job_id)
        attempt.give_up(error)
    finally:
        on_end(attempt)


def _bracket(reason: str | None) -> str:
    return f" ({reason})" if reason else ""
