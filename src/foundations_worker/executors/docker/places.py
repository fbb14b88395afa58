"""Where things lie, outside and inside of containers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from foundations_worker.paths import AttemptPaths

JOB = "/job/job_source"
HOME = "/job/home"
TEMPORARY = "/tmp"  # noqa: S108 - of the container, and of one job alone
SDK = "/atlas/sdk"
LAYER = "/atlas/layer"
PIP = "/atlas/worker-pip"  # a name that cannot be imported
GUARD = "/atlas/guard.py"
INSTALLER = "/atlas/installer.py"
OUTPUT = "/atlas/output.log"
JOURNAL = "/atlas/journal"
RECORDS = "/atlas/attempt"
DOOR = "/atlas/door"
SOCKET = "server.sock"


@dataclass(frozen=True)
class ContainerPaths:
    """What only this executor keeps in an attempt's folder.

    The job can write in `records`, so nothing there is followed or believed further than
    what concerns the job itself; the markers beside it are out of its reach.
    """

    attempt: AttemptPaths

    @property
    def records(self) -> Path:
        return self.attempt.folder / "container"

    @property
    def launch(self) -> Path:
        return self.records / "launch.json"

    @property
    def started(self) -> Path:
        return self.records / "started"

    @property
    def exit(self) -> Path:
        return self.records / "exit.json"

    @property
    def home(self) -> Path:
        return self.attempt.folder / "home"

    @property
    def temporary(self) -> Path:
        return self.attempt.folder / "tmp"

    @property
    def term_sent(self) -> Path:
        return self.attempt.folder / "term_sent"

    @property
    def kill_sent(self) -> Path:
        return self.attempt.folder / "kill_sent"

    @property
    def layer(self) -> Path:
        """Requirements that no other job can share."""
        return self.attempt.folder / "layer"
