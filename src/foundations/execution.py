"""This process as a job, or as part of one: from the import to the exit."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Callable, Optional

from foundations import jobs, reporting, roles, settings
from foundations.archiving import FolderArchive
from foundations.console import Console
from foundations.exits import ExitWatch, Outcome, from_exception, say
from foundations.recording import Recorder, make_client
from foundations_client.journal import journal_root
from foundations_client.shipping import drain
from foundations_client.submission import find_user
from foundations_wire.errors import AtlasError, InvalidRequest
from foundations_wire.events import Finished, Raised, Registered
from foundations_wire.ids import check_job_id, check_project_name, new_id

_EXIT_VARIABLE = "FOUNDATIONS_EXIT_SECONDS"
_EXIT_SECONDS = 10.0
_OLD_PROJECT_VARIABLE = "PROJECT_NAME"

ExceptHook = Callable[[type[BaseException], BaseException, Optional[TracebackType]], Any]


def begin(role: str) -> None:
    """Make this process what its role says; called by `import foundations`."""
    job_id = _checked(check_job_id, os.environ.get(roles.JOB_VARIABLE), "job id")
    if role == roles.ATTACHED:
        if job_id is not None:
            _Attached(jobs.Job(job_id, _find_project(), Recorder(job_id))).begin()
        return
    job_id = job_id or new_id()
    _Owner(jobs.Job(job_id, _find_project(), Recorder(job_id))).begin()


def exit_seconds() -> float:
    """Return how long the end of a process may wait for the server."""
    try:
        return float(os.environ.get(_EXIT_VARIABLE, _EXIT_SECONDS))
    except ValueError:
        return _EXIT_SECONDS


def describe(error: BaseException) -> Raised:
    """Return the event of an exception that ended a program."""
    lines = traceback.format_exception(type(error), error, error.__traceback__)
    return Raised(time.time(), type(error).__name__, say(error), "".join(lines))


def ship_children(job_id: str) -> None:
    """Bring in what ended child processes of the job left in their journals."""
    if not (journal_root() / job_id).exists():
        return
    with contextlib.suppress(AtlasError), contextlib.closing(make_client()) as client:
        drain(journal_root(), client, job_id=job_id)  # or it stays for `foundations sync`


class _Attached:
    """A process that reports to the job of its parent or of its worker."""

    def __init__(self, job: jobs.Job) -> None:
        self._job = job
        self._has_raised = False
        self._next_hook: ExceptHook = sys.__excepthook__

    def begin(self) -> None:
        jobs.replace_current(self._job)
        self._next_hook = sys.excepthook
        sys.excepthook = self._on_exception
        atexit.register(self._at_exit)

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
        self._job.recorder.close(exit_seconds())


class _Owner(_Attached):
    """A process that is a job of its own."""

    def __init__(self, job: jobs.Job) -> None:
        super().__init__(job)
        self._pid = os.getpid()
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
        self._watch_termination()
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

    def _watch_termination(self) -> None:
        """End on SIGTERM as before, but say so; a handler of the program's is left alone."""
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._on_termination)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)

    def _after_fork(self) -> None:
        if signal.getsignal(signal.SIGTERM) == self._on_termination:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _on_termination(self, number: int, _frame: Optional[FrameType]) -> None:
        reason = f"terminated by signal {number}"
        self._end(Outcome("failed", reason, 128 + number), is_urgent=True)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

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
            self._job.recorder.close(exit_seconds())
            return
        has_last_words = self._console is not None and self._console.has_last_words
        self._end(self._watch.find_outcome(has_last_words=has_last_words))

    def _end(self, outcome: Outcome, *, is_urgent: bool = False) -> None:
        if self._is_ending:
            return
        self._is_ending = True
        if outcome.error is not None:
            self._report(outcome.error)
        if self._console is not None:
            self._console.flush()
        if not is_urgent:
            self._archive_outputs()
        finished = Finished(time.time(), outcome.status, outcome.reason, outcome.exit_code)
        self._job.recorder.record(finished)
        if is_urgent:  # who sends SIGTERM may soon send SIGKILL: first things first
            self._archive_outputs()
        if self._job.recorder.close(exit_seconds()):
            ship_children(self._job.job_id)

    def _archive_outputs(self) -> None:
        if self._archive is not None:
            self._archive.finish(exit_seconds())


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
