"""The seam between the worker and whatever runs user code."""

from __future__ import annotations

import enum
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from foundations_wire.workers import Cause, Lease
from foundations_worker.joblog import JobLog
from foundations_worker.paths import AttemptPaths


class RequestRefused(Exception):
    """What the job asks for cannot be had, now or later; the message is the job's reason."""


@dataclass(frozen=True)
class Mount:
    """A file or folder of this machine under another name inside a container."""

    source: Path
    target: str
    is_writable: bool = False


@dataclass(frozen=True)
class Launch:
    """One command to run for one attempt. `environment` is the whole of it.

    From `job_id` on, the fields are for executors that confine what they run; `folder` is
    then a path inside. `ram_gb` is in GB (10^9 bytes); what is None is up to the executor.
    """

    attempt_id: str
    argv: list[str]
    folder: Path  # in which the command runs
    environment: dict[str, str] = field(default_factory=dict)
    job_id: str = ""
    image: str = ""
    mounts: tuple[Mount, ...] = ()
    gpus: tuple[str, ...] = ()
    cpus: float | None = None
    ram_gb: float | None = None


@dataclass(frozen=True)
class Handle:
    """By which an executor finds an attempt again after a restart; kept as JSON."""

    executor: str
    attempt_id: str
    place: str = ""


@dataclass(frozen=True)
class Exit:
    """How a command ended: by an exit code, by a signal, or with a problem in words.

    A problem may stand beside a code (127 and `command not found: x`). `at` is in seconds
    since 1970 and unknown when nobody was there to see it. `cause` is there when the
    executor knows whom to blame better than the code tells, and `warning` is a sentence
    about a command that ended well all the same. `has_begun` is False only when it is certain
    that the command never ran.
    """

    code: int | None = None
    signal: int | None = None
    problem: str | None = None
    at: float | None = None
    cause: Cause | None = None
    warning: str | None = None
    has_begun: bool = True


VANISHED = Exit(problem="the process vanished", cause=Cause.INFRASTRUCTURE)


class Condition(enum.Enum):
    NEVER_STARTED = "never started"
    RUNNING = "running"
    ENDED = "ended"
    VANISHED = "vanished"


class Executor(Protocol):
    """Runs commands that outlive the worker.

    **At most once**: however often `start` is called for an attempt, by however many
    workers, its command is started at most once. **Evidence**: an attempt counts as ended
    or vanished only on positive proof, never because something could not be asked.
    **Thread safety**: any thread may call, and `stop` while another thread waits.
    """

    @property
    def name(self) -> str:
        """Return the word after `--executor`."""
        ...

    def trouble(self) -> str | None:
        """Return what keeps it from starting and watching commands now; None when nothing does.

        Answers within seconds, whatever hangs.
        """
        ...

    def start(self, launch: Launch) -> Handle:
        """Start the command and return at once; its output follows what the log holds.

        Raises:
            OSError: nothing was started, and nothing will be.
            RequestRefused: the same, because of what the job asks for.
        """
        ...

    def recover(self, attempt_id: str) -> tuple[Handle, Condition]:
        """Return how an attempt stands that was perhaps started by an earlier worker.

        Raises:
            OSError: it cannot be told now; ask again.
        """
        ...

    def observe(self) -> list[Handle]:
        """Return every attempt of which anything is left, the ended ones included.

        Raises:
            OSError: the list would not be complete.
        """
        ...

    def wait(self, handle: Handle, timeout_s: float) -> Exit | None:
        """Return how the command ended, or None when it still runs after `timeout_s`.

        It has ended once none of the processes that it started is left.

        Raises:
            OSError: it cannot be told now; ask again.
        """
        ...

    def stop(self, handle: Handle, grace_s: float) -> bool:
        """Ask the command and its children to end, kill what is left after `grace_s`.

        Return whether it was running, once it has ended or KILL is sent. Its end is told by
        `wait`.

        Raises:
            OSError: it was not possible now; try again.
        """
        ...

    def read_logs(self, handle: Handle, since: int) -> bytes:
        """Return what was printed from byte `since` on."""
        ...

    def remove(self, handle: Handle) -> None:
        """Forget an ended attempt and what it left; harmless when there is nothing."""
        ...


class Preparer(Protocol):
    """Provides what a command needs before it can start: its Python, its packages, its image."""

    def prepare(
        self, lease: Lease, paths: AttemptPaths, log: JobLog, cancelled: threading.Event
    ) -> Launch:
        """Return the command of a lease whose job folder is unpacked; may take minutes.

        What it does is told in the job's log.

        Raises:
            RequestRefused: what the job asks for cannot be had.
            InstallFailed: its requirements cannot be installed; the log says why.
            Cancelled: the event was set meanwhile.
            OSError: this machine cannot do it.
        """
        ...
