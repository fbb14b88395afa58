"""A home folder as the command sees it: its files, its programs, its configs."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from foundations_server.command import processes
from foundations_server.command.processes import Program
from foundations_server.platform.files import write_whole
from foundations_wire.errors import AtlasError

DEFAULT_PORT = 5555

_SUBMISSION = """\
# Written by `atlas-server start`: where `foundations` finds the server.
scheduler_url: {address}
"""
_EXECUTION = """\
# Written by `atlas-server start`: settings of scripts that import foundations.
# log_level: what the SDK tells on the console; DEBUG, INFO, WARNING, ERROR or CRITICAL.
log_level: INFO
# system_metrics: false keeps the machine from being sampled while a job runs.
system_metrics: true
"""


class CommandFailed(AtlasError):
    """Why the command cannot do it, and the exit status that says so."""

    code = "command-failed"

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.exit_status = status


@dataclass(frozen=True)
class Running:
    """How the server of a home was started; the next plain start does it the same way."""

    address: str
    version: str
    executor: str
    slots: int
    host: str | None = None
    port: int | None = None
    gpus: int | None = None
    gpu_mode: bool = False
    worker_options: str = ""
    max_schedules: int | None = None


@dataclass(frozen=True)
class Installation:
    home: Path

    @classmethod
    def at(cls, home: Path | None) -> Installation:
        """Return the installation of a folder, else of FOUNDATIONS_HOME or ~/.foundations."""
        named = home or Path(os.environ.get("FOUNDATIONS_HOME") or "~/.foundations")
        return cls(named.expanduser().absolute())

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def server_log(self) -> Path:
        return self.home / "logs" / "server.log"

    @property
    def worker_log(self) -> Path:
        return self.find_worker_log("")

    def find_worker_log(self, name: str) -> Path:
        """Return the log of a worker; the one of `start` has no name."""
        return self.home / "logs" / f"worker{name and '-'}{name}.log"

    @property
    def server_pid(self) -> Path:
        return self.run / "server.pid"

    @property
    def worker_pid(self) -> Path:
        return self.find_worker_pid("")

    def find_worker_pid(self, name: str) -> Path:
        return self.run / f"worker{name and '-'}{name}.pid"

    def find_server(self) -> Program | None:
        return processes.find(self.server_pid)

    def find_worker(self) -> Program | None:
        return processes.find(self.worker_pid)

    def find_workers(self) -> list[Program]:
        """Return all workers that run, the one of `start` and those that were added."""
        found = [processes.find(file) for file in sorted(self.run.glob("worker*.pid"))]
        return [program for program in found if program]

    def prepare(self) -> None:
        """Make the folders that both programs need.

        Raises:
            CommandFailed: the home cannot be written to.
        """
        try:
            for name in ("logs", "run", "config/submission", "config/execution"):
                (self.home / name).mkdir(parents=True, exist_ok=True)
            probe = self.run / "probe"
            probe.write_text("", encoding="utf-8")
            probe.unlink()
        except OSError as error:
            raise CommandFailed(
                f"The home folder {self.home} cannot be written to ({error.strerror}). Name "
                f"another with --home or FOUNDATIONS_HOME."
            ) from error

    def write_configs(self, address: str) -> list[str]:
        """Write the default configs where there are none; return what the user should know.

        A submission config that an earlier start wrote and nobody changed follows the address.

        Raises:
            CommandFailed: they cannot be written; no half of one is left.
        """
        try:
            return self._write_configs(address)
        except OSError as error:
            raise CommandFailed(
                f"The configs under {self.home / 'config'} cannot be written: {error.strerror}."
            ) from error

    def _write_configs(self, address: str) -> list[str]:
        execution = self.home / "config" / "execution" / "default.config.yaml"
        if not execution.exists():
            write_whole(execution, _EXECUTION)
        submission = self.home / "config" / "submission" / "scheduler.config.yaml"
        wanted = _SUBMISSION.format(address=address)
        if not submission.exists() or _is_untouched(submission):
            write_whole(submission, wanted)
            return []
        if address in submission.read_text("utf-8", "replace"):
            return []
        return [f"{submission} names another server; this one is found with --server {address}."]

    def remember(self, running: Running) -> None:
        file = self.run / "start.json"
        write_whole(file, json.dumps(asdict(running), indent=2) + "\n")

    def recall(self) -> Running | None:
        try:
            data = json.loads((self.run / "start.json").read_text(encoding="utf-8"))
            return Running(**data)
        except (OSError, ValueError, TypeError):
            return None


def _is_untouched(file: Path) -> bool:
    lines = file.read_text("utf-8", "replace").splitlines()
    own = _SUBMISSION.splitlines()
    return len(lines) == 2 and lines[0] == own[0] and lines[1].startswith("scheduler_url: http")
