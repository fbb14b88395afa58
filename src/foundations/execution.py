"""This process as a job, or as part of one: from the import to the exit."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Optional

from foundations import jobs, reporting, roles, settings, system_metrics
from foundations.archiving import FolderArchive
from foundations.console import Console
from foundations.exits import (
    Deadline,
    ExitWatch,
    Outcome,
    exit_seconds,
    from_exception,
    keep_interrupted,
    say,
)
from foundations.loading import load
from foundations.recording import Recorder
from foundations.signals import TerminationWatch
from foundations_client.journal import journal_root
from foundations_client.users import find_user
from foundations_wire.errors import InvalidRequest
from foundations_wire.events import Finished, Raised, Registered
from foundations_wire.ids import check_job_id, check_project_name, new_id

_ARCHIVE_SHARE = 0.6  # of the time at exit; the rest is for the server
_OLD_PROJECT_VARIABLE = "PROJECT_NAME"

ExceptHook = Callable[[type[BaseException], BaseException, Optional[TracebackType]], Any]


def begin(role: str) -> None:
    """Make this process what its role says; called by `import foundations`."""
    job_id = _checked(check_job_id, os.environ.get(roles.JOB_VARIABLE), "job id")
    if role == roles.ATTACHED:
        if job_id is not None:
            _Attached(jobs.Job(job_id, _find_project(), Recorder(job_id))).begin()
        return
    if job_id is None and roles.find_rank():
        reporting.warn(
            f"This is rank {roles.find_rank()} of a distributed program, and FOUNDATIONS_JOB_ID "
            f"is not set: each rank becomes a job. Start all with one id to have one job."
        )
    job_id = job_id or new_id()
    _Owner(jobs.Job(job_id, _find_project(), Recorder(job_id))).begin()


def describe(error: BaseException) -> Raised:
    """Return the event of an exception that ended a program."""
    lines = load("traceback").format_exception(type(error), error, error.__traceback__)
    return Raised(time.time(), type(error).__name__, say(error), "".join(lines))


def record_end(job: jobs.Job, outcome: Outcome) -> None:
    """Record how the job ended."""
    job.recorder.record(Finished(time.time(), outcome.status, outcome.reason, outcome.exit_code))


def deliver(job: jobs.Job, until: Deadline) -> None:
    """Ship what this process and its ended children left, as long as there is time."""
    if close(job, until) and (journal_root() / job.job_id).exists():
        load("foundations.children").ship(job.job_id, until)


def close(job: jobs.Job, until: Deadline) -> bool:
    """Ship what is left; return whether all has arrived. Ctrl-C ends the wait."""
    try:
        return job.recorder.close(until.left())
    except KeyboardInterrupt:
        reporting.say(
            f"Interrupted: job {job.job_id} is not entirely on the server yet. The rest lies in "
            f"{journal_root() / job.job_id}, and `foundations sync` brings it in."
        )
        return False


class _Attached:
    """A process that reports to the job of its parent or of its worker."""

    def __init__(self, job: jobs.Job) -> None:
        self._job = job
        self._pid = os.getpid()
        self._has_raised = False
        self._next_hook: ExceptHook = sys.__excepthook__
        self._sampler: Optional[system_metrics.Sampler] = None

    def begin(self) -> None:
        jobs.replace_current(self._job)
        self._next_hook = sys.excepthook
        sys.excepthook = self._on_exception
        atexit.register(keep_interrupted)  # runs after the next one
        atexit.register(self._at_exit)
        if roles.is_head():
            roles.mark_head()
            self._sampler = system_metrics.start(self._job)

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: Optional[TracebackType],
    ) -> None:
        self._report(error)
        self._next_hook(kind, error, trace)

    def _report(self, error: BaseException) -> None:
        if not self._has_raised:
            self._has_raised = True
            self._job.recorder.record(describe(error))

    def _at_exit(self) -> None:
        error = getattr(sys, "last_value", None)  # when the program replaced our hook
        if error is not None:
            self._report(error)
        self._stop_sampling()
        close(self._job, Deadline(exit_seconds()))

    def _stop_sampling(self) -> None:
        if self._sampler is not None:
            self._sampler.stop()


class _Owner(_Attached):
    """A process that is a job of its own."""

    def __init__(self, job: jobs.Job) -> None:
        super().__init__(job)
        self._is_ending = False
        self._console: Optional[Console] = None
        self._archive: Optional[FolderArchive] = None
        self._watch = ExitWatch()

    def begin(self) -> None:
        job = self._job
        settings.apply_execution_config()
        registered = Registered(time.time(), job.project_name, find_user(), _command())
        job.recorder.record(registered)
        os.environ[roles.OWNER_VARIABLE] = f"pid:{self._pid}"
        os.environ[roles.JOB_VARIABLE] = job.job_id
        os.environ[roles.PROJECT_VARIABLE] = job.project_name
        super().begin()
        self._watch.install()
        recorder = self._job.recorder
        watch = TerminationWatch(self._on_termination, lambda: recorder.is_amid_a_call)
        watch.install()
        self._capture_console()
        self._archive_folder()

    def _capture_console(self) -> None:
        output = self._job.recorder.open().output
        if output is None:
            return
        with contextlib.suppress(OSError):  # the recorder has told of a disk that fails
            self._console = Console(output)
            self._console.install()

    def _archive_folder(self) -> None:
        try:
            folder = Path.cwd()
        except FileNotFoundError:
            return  # a folder that was deleted has nothing to archive
        self._archive = FolderArchive(self._job.recorder, folder)
        self._archive.start()

    def _on_termination(self, number: int) -> None:
        reason = f"terminated by signal {number}"
        self._end(Outcome("failed", reason, 128 + number), is_urgent=True)

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: Optional[TracebackType],
    ) -> None:
        self._watch.error = error
        super()._on_exception(kind, error, trace)

    def _at_exit(self) -> None:
        if os.getpid() != self._pid:  # a forked child that ran to its own end
            close(self._job, Deadline(exit_seconds()))
            return
        has_last_words = self._console is not None and self._console.has_last_words
        self._end(self._watch.find_outcome(has_last_words=has_last_words))

    def _end(self, outcome: Outcome, *, is_urgent: bool = False) -> None:
        if self._is_ending:
            return
        self._is_ending = True
        until = Deadline(exit_seconds())
        self._stop_sampling()
        if outcome.error is not None:
            self._report(outcome.error)
        if self._console is not None:
            self._console.finish()
        if not is_urgent:
            self._archive_outputs(until)
        record_end(self._job, outcome)
        if is_urgent:  # who sends SIGTERM may soon send SIGKILL: first things first
            self._archive_outputs(until)
        deliver(self._job, until)

    def _archive_outputs(self, until: Deadline) -> None:
        if self._archive is None:
            return
        try:
            self._archive.finish(_ARCHIVE_SHARE * until.left())
        except KeyboardInterrupt:
            reporting.warn("Interrupted: the job's folder is not archived as it is at the end.")


def _find_project() -> str:
    """Return the project named in the environment, else the working directory's name."""
    for variable in (roles.PROJECT_VARIABLE, _OLD_PROJECT_VARIABLE):
        named = _checked(check_project_name, os.environ.get(variable), "project name")
        if named:
            return named
    with contextlib.suppress(OSError, InvalidRequest):
        return check_project_name(os.path.basename(os.getcwd()))  # noqa: PTH109, PTH119
    return "default"  # the root folder, or one that is gone


def _checked(check: Callable[[str], str], text: Optional[str], what: str) -> Optional[str]:
    if not text:
        return None
    try:
        return check(text)
    except InvalidRequest as error:
        reporting.warn(f"The {what} in the environment is not used: {error.message}")
        return None


def _command() -> list[str]:
    """Return the command line as the user gave it, as far as Python tells."""
    original: Optional[list[str]] = getattr(sys, "orig_argv", None)
    return list(original or [sys.executable, *sys.argv])


def outcome_of(error: Optional[BaseException]) -> Outcome:
    """Return how a block ended that left with an exception, or without one."""
    return Outcome("completed") if error is None else from_exception(error)
