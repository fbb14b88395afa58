"""One attempt from its lease to its end: prepare, start, watch, finish."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from foundations_client import shipping
from foundations_client.client import Client
from foundations_client.snapshots import Snapshot
from foundations_wire.archive import ARTIFACTS, CODE
from foundations_wire.errors import AtlasError, LeaseLost, StorageFull
from foundations_wire.failpoints import reach
from foundations_wire.jobs import JobStatus
from foundations_wire.workers import AttemptFinished, AttemptStarted, Cause, Lease
from foundations_worker import moments
from foundations_worker.archiving import Archiving
from foundations_worker.cleaning import clean_up, remove_safely
from foundations_worker.commands import Cancelled
from foundations_worker.delivery import Delivery
from foundations_worker.executors.base import (
    VANISHED,
    Condition,
    Executor,
    Exit,
    Handle,
    Launch,
    Preparer,
    RequestRefused,
)
from foundations_worker.gpus.health import GpuHealth
from foundations_worker.joblog import JobLog
from foundations_worker.paths import WorkerPaths
from foundations_worker.preparation import BundleCache, PreparationFailed
from foundations_worker.remains import Remains
from foundations_worker.watching import outcome
from foundations_worker.watching.log_shipping import LogShipping
from foundations_worker.watching.outcome import Verdict, Why
from foundations_worker.watching.stopping import Limits, Stopping

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_WATCH_S = 1.0
# Whoever is over by then has its start reported with its end.
_BRIEF_S = 0.05


@dataclass(frozen=True)
class Tools:
    """What all attempts of a worker share. A killed process has `kill_patience_s` to be gone."""

    client: Client
    executor: Executor
    preparer: Preparer
    paths: WorkerPaths
    bundles: BundleCache
    gpus: GpuHealth
    grace_s: float
    kill_patience_s: float = 60.0


class _Unkillable(Exception):
    """KILL was sent long ago, and something is left."""


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
        grace_s = tools.grace_s if lease.spec.grace is None else lease.spec.grace
        self._stopping = Stopping(
            tools.executor, self._paths, Limits(grace_s, lease.spec.time_limit)
        )
        # What a stop need not wait for; reports about the attempt go on until they are heard.
        self._delivery = Delivery(self._lost, self._stopping.is_wanted)
        self._reports = Delivery(self._lost)
        self._archiving = Archiving(tools.client, lease, self._log, self._delivery)
        self._remains = Remains(tools.paths.kept / lease.attempt_id, self._log)
        self._code: Snapshot | None = None
        self._started_at: float | None = None  # of what was over before that was reported

    @property
    def is_unwanted(self) -> bool:
        """Whether it is being stopped."""
        return self._stopping.is_wanted.is_set()

    def request_stop(self) -> None:
        """Stop the job as its user asked; returns at once."""
        self._stopping.want(Why.STOP)

    def fence(self) -> None:
        """Stop the job because it belongs to another worker; nothing will be reported."""
        self._lost.set()
        self._stopping.want(Why.FENCED)

    def run(self) -> None:
        """Return when the attempt is over and the server knows it."""
        try:
            self._finish(self._carry_out())
        except LeaseLost:
            _LOG.warning("Job %s belongs to another worker now.", self.lease.job_id)
            self._abandon()

    def _carry_out(self) -> Verdict:
        try:
            self._paths.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            problem = f"the worker's disk cannot be used: {error.strerror}"
            return outcome.break_off(problem, has_begun=self.lease.is_started)
        handle, condition = self._ask(lambda: self._tools.executor.recover(self.lease.attempt_id))
        log = self._follow_log()
        try:
            verdict = self._decide(handle, condition)
            self._collect()
            if verdict.status is JobStatus.STOPPED:
                self._log.say(outcome.STOPPED_BY_USER)
            self._finish_log(log)
        finally:
            log.close()
        return verdict

    def _finish_log(self, log: LogShipping) -> None:
        with contextlib.suppress(StorageFull):  # of a job that is stopped
            log.finish(self._delivery)
            if not log.is_refused:
                return
        self._remains.keep(self._paths.output, "the log could not be stored")

    def _decide(self, handle: Handle, condition: Condition) -> Verdict:
        try:
            return self._check_gpus(self._run_to_end(handle, condition))
        except PreparationFailed as error:
            verdict = outcome.refuse(str(error), error.cause)
        except RequestRefused as error:
            verdict = outcome.refuse(str(error), Cause.REQUEST)
        except Cancelled:
            return outcome.stop_early()
        except _Unkillable:
            return self._leave_unkillable()
        if self.is_unwanted:  # what failed, failed because it was broken off
            return outcome.stop_early()
        self._log.say(verdict.reason or "")
        return verdict

    def _follow_log(self) -> LogShipping:
        lease = self.lease
        log = LogShipping(
            self._tools.client,
            lease.job_id,
            self._paths.output,
            log_start=lease.log_start,
            attempt=lease.attempt_id,
        )
        log.start()
        return log

    def _run_to_end(self, handle: Handle, condition: Condition) -> Verdict:
        if condition is Condition.NEVER_STARTED:
            if self.lease.is_started:  # here it was not; what was is gone without a trace
                return outcome.judge(VANISHED)
            handle = self._start(self._prepare())
        else:
            self._stopping.adopt(handle)
        end = None if self.lease.is_started else self._watch_start(handle)
        end = end or self._watch(handle)
        for sentence in filter(None, (end.problem, end.warning)):
            self._log.say(sentence)
        why = self._stopping.settle(is_stop_wanted=self.lease.is_stop_wanted)
        verdict = outcome.judge(end, why, self.lease.spec.time_limit)
        if why is Why.LIMIT:
            self._log.say(f"ended after its {verdict.reason}")
        return verdict

    def _prepare(self) -> Launch:
        lease, tools = self.lease, self._tools
        reach("dispatch.before_3_unpack")
        self._delivery.deliver(
            "the wish for a bundle",
            lambda: tools.bundles.unpack(lease.spec, self._paths),
        )
        reach("dispatch.after_3_unpack")
        self._code = self._archiving.archive(self._paths.job, CODE)
        try:
            return tools.preparer.prepare(lease, self._paths, self._log, self._stopping.is_wanted)
        except OSError as error:
            raise _not_started(error) from error

    def _start(self, launch: Launch) -> Handle:
        try:
            return self._stopping.start(launch)
        except OSError as error:
            raise _not_started(error) from error

    def _watch_start(self, handle: Handle) -> Exit | None:
        """Report the start, unless the job is over by then; return how it ended if it did."""
        client, lease = self._tools.client, self.lease
        at = time.time()
        reach("dispatch.before_10_report_started")
        end = self._ask(lambda: self._tools.executor.wait(handle, _BRIEF_S))
        if end is not None:
            self._started_at = at if end.has_begun else None
        else:
            report = AttemptStarted(lease.token, at)
            self._reports.deliver(
                f"the start of job {lease.job_id}",
                lambda: client.workers.started(lease.attempt_id, report),
            )
        reach("dispatch.after_10_report_started")
        return end

    def _watch(self, handle: Handle) -> Exit:
        patience_s = self._tools.kill_patience_s
        while True:
            end = self._ask(lambda: self._tools.executor.wait(handle, _WATCH_S))
            if end is not None:
                return end
            if self._stopping.killed_for > patience_s:
                raise _Unkillable

    def _ask(self, question: Callable[[], T]) -> T:
        """Return the executor's answer, however long its engine is silent."""
        while not self._lost.is_set():
            try:
                return question()
            except OSError as error:
                _LOG.warning("Job %s: %s", self.lease.job_id, error)
                self._lost.wait(_WATCH_S)
        raise LeaseLost("The attempt belongs to another worker now.")

    def _check_gpus(self, verdict: Verdict) -> Verdict:
        if not self.lease.gpus:
            return verdict
        return replace(verdict, sick_gpus=self._tools.gpus.check_after_job(self.lease.gpus))

    def _leave_unkillable(self) -> Verdict:
        """Let the slot go; whatever holds the devices keeps them from being offered."""
        verdict = outcome.give_up_killing(self._tools.kill_patience_s)
        reason = verdict.reason or ""
        _LOG.error("Job %s is %s", self.lease.job_id, reason)
        self._log.say(reason)
        try:
            moments.write_json(self._paths.unkillable, self.lease.gpus)
        except OSError as error:
            _LOG.warning("That job %s is unkillable is not noted: %s", self.lease.job_id, error)
        sick = self._tools.gpus.mark(self.lease.gpus, f"job {self.lease.job_id} is unkillable")
        return replace(verdict, sick_gpus=sick)

    def _collect(self) -> None:
        """Bring in what the job left: its journal and its folder."""
        journal, client = self._paths.journal, self._tools.client
        try:
            report = self._delivery.deliver(
                f"the journal of job {self.lease.job_id}", lambda: shipping.drain(journal, client)
            )
        except StorageFull as error:
            report = shipping.DrainReport(problems=[str(error)])
        except OSError as error:
            report = shipping.DrainReport(problems=[f"the journal cannot be read: {error}"])
        self._remains.keep_journal(journal, report)
        if self._paths.job.exists():
            archived = self._archiving.archive(self._paths.job, ARTIFACTS, self._code)
            has_run = self._stopping.handle is not None
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
            verdict.cause,
            verdict.has_begun,
            verdict.sick_gpus,
            self._started_at,
        )
        reach("dispatch.before_11_report_end")
        try:
            self._reports.deliver(
                f"the end of job {lease.job_id}",
                lambda: client.workers.finish(lease.attempt_id, report),
            )
        except LeaseLost:
            raise
        except AtlasError as error:
            _LOG.warning("The server refused the end of job %s: %s", lease.job_id, error)
        reach("dispatch.after_11_report_end")
        _LOG.info("Job %s %s%s", lease.job_id, report.status, _bracket(report.reason))
        if not self._paths.unkillable.exists():
            remove_safely(self._tools.executor, lease.attempt_id)

    def _abandon(self) -> None:
        clean_up(self._tools.executor, self.lease.attempt_id, self._tools.grace_s)

    def give_up(self, problem: Exception) -> None:
        """Report that the worker itself could not carry the job out."""
        handle = self._stopping.handle
        try:
            if handle is not None:
                with contextlib.suppress(OSError):  # the grace after which it is a stray
                    self._tools.executor.stop(handle, self._tools.grace_s)
                for path in (self._paths.journal, self._paths.job, self._paths.output):
                    self._remains.keep(path, "the worker failed")
            has_begun = handle is not None or self.lease.is_started
            self._finish(outcome.break_off(f"the worker failed: {problem}", has_begun=has_begun))
        except LeaseLost:
            self._abandon()


def run_safely(attempt: Attempt, on_end: Callable[[Attempt], None]) -> None:
    """Run an attempt; whatever goes wrong in it stays in it."""
    try:
        attempt.run()
    except Exception as error:  # noqa: BLE001 - a boundary: one job must not take others along
        _LOG.exception("Job %s could not be carried out", attempt.lease.job_id)
        _give_up_safely(attempt, error)
    finally:
        on_end(attempt)


def _give_up_safely(attempt: Attempt, problem: Exception) -> None:
    try:
        attempt.give_up(problem)
    except Exception:  # noqa: BLE001 - the boundary of this thread: its slot becomes free
        _LOG.exception("Nobody knows the end of job %s yet", attempt.lease.job_id)


def _not_started(error: OSError) -> PreparationFailed:
    problem = f"the job could not be started: {error.strerror or error}"
    return PreparationFailed(problem, Cause.INFRASTRUCTURE)


def _bracket(reason: str | None) -> str:
    return f" ({reason})" if reason else ""
