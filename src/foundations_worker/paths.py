"""Every file and folder name of the worker, in two classes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WorkerPaths:
    """What lies under `<home>/worker`."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "worker"

    @property
    def id(self) -> Path:
        return self.root / "id"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def attempts(self) -> Path:
        return self.root / "attempts"

    @property
    def environments(self) -> Path:
        return self.root / "environments"

    @property
    def bundles(self) -> Path:
        return self.root / "bundles"

    @property
    def sdk(self) -> Path:
        return self.root / "sdk"

    @property
    def declared_gpus(self) -> Path:
        """What befalls GPUs that were only declared."""
        return self.root / "declared_gpus.json"

    @property
    def journal(self) -> Path:
        """Journals of execution-mode jobs of this machine's user."""
        return self.home / "journal"

    @property
    def kept(self) -> Path:
        """What the server did not take of ended attempts; nobody removes it but the user."""
        return self.root / "kept"

    def attempt(self, attempt_id: str) -> AttemptPaths:
        return AttemptPaths(self.attempts / attempt_id)


@dataclass(frozen=True)
class AttemptPaths:
    """What lies in the folder of one attempt. Only `job` is the user's."""

    folder: Path

    @property
    def job(self) -> Path:
        """The unpacked bundle, in which the user's program runs."""
        return self.folder / "job"

    @property
    def job_unfinished(self) -> Path:
        return self.folder / "job.unfinished"

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    @property
    def environment(self) -> Path:
        """A virtual environment that no other job can share."""
        return self.folder / "environment"

    @property
    def output(self) -> Path:
        """What the job prints, with lines of the worker before and after."""
        return self.folder / "output.log"

    @property
    def handle(self) -> Path:
        return self.folder / "handle.json"

    @property
    def launch(self) -> Path:
        """What the guard is to start."""
        return self.folder / "launch.json"

    @property
    def guard_lock(self) -> Path:
        """Locked as long as the guard lives."""
        return self.folder / "guard.lock"

    @property
    def guard_log(self) -> Path:
        """What the guard itself has to complain about; usually empty."""
        return self.folder / "guard.log"

    @property
    def started(self) -> Path:
        """The marker that user code has been started; it is never started again."""
        return self.folder / "started"

    @property
    def process(self) -> Path:
        """Which process the user's program is."""
        return self.folder / "process.json"

    @property
    def began(self) -> Path:
        """When the program was started, if its time is limited."""
        return self.folder / "began.json"

    @property
    def stop_sent(self) -> Path:
        """When and why the program was asked to end."""
        return self.folder / "stop_sent.json"

    @property
    def unkillable(self) -> Path:
        """Which GPUs a process holds that nothing ends."""
        return self.folder / "unkillable.json"

    @property
    def exit(self) -> Path:
        """The exit record."""
        return self.folder / "exit.json"
