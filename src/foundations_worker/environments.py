"""Virtual environments for jobs, one for each content of `requirements.txt`."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from foundations_wire.workers import Cause
from foundations_worker import commands, pip_settings
from foundations_worker.commands import Command
from foundations_worker.joblog import JobLog
from foundations_worker.lending import READY, lend, locked
from foundations_worker.preparation import PreparationFailed

REQUIREMENTS = "requirements.txt"
INSTALL_FAILED = "requirements could not be installed"
_LEAST_FREE_BYTES = 16 << 20  # with less, an installer has failed for lack of room
_NOT_FOR_INSTALLERS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")

_FILE_OPTIONS = (
    "-r", "-c", "-e", "-f", "--requirement", "--constraint", "--editable", "--find-links",
)  # fmt: skip

_KEPT = 8  # each may hold gigabytes

Run = Callable[[Command, Path, threading.Event], int]


class InstallFailed(PreparationFailed):
    """The job cannot have what its requirements.txt asks for."""


class Environments:
    """Builds what is missing, keeps what is there.

    **Process safety**: a lock beside each environment, held by the installer too, lets one
    of many attempts build it and the others wait, even if the worker dies meanwhile.
    """

    def __init__(self, folder: Path, extras: Path, run: Run = commands.run) -> None:
        """Take where environments are kept, and the folder that ends their search path."""
        self._folder = folder
        self._extras = extras
        self._run = run

    def provide(self, job: Path, own: Path, log: JobLog, cancelled: threading.Event) -> Path:
        """Return the Python that runs the job: the worker's own when nothing is required.

        `own` is where an environment goes that no other job can share, because the
        requirements name files of the job.

        Raises:
            InstallFailed: the job's log says why.
            Cancelled: the event was set meanwhile.
        """
        requirements = job / REQUIREMENTS
        if not requirements.is_file():
            log.say(f"no {REQUIREMENTS}: the job runs with Python {platform.python_version()}")
            return Path(sys.executable)
        text = requirements.read_bytes()
        environment = own if names_files(text) else self._folder / _key(text)
        environment.parent.mkdir(parents=True, exist_ok=True)
        with locked(environment, cancelled) as lock:
            if (environment / READY).exists():
                log.say(f"{REQUIREMENTS} is installed already")
            else:
                self._build(environment, job, log, lock, cancelled)
            if environment != own:
                lend(environment, job, _KEPT)
        return _python_of(environment)

    def _build(
        self, environment: Path, job: Path, log: JobLog, lock: int, cancelled: threading.Event
    ) -> None:
        log.say(f"installing {REQUIREMENTS}")
        began = time.monotonic()
        shutil.rmtree(environment, ignore_errors=True)
        variables = _installer_environment()
        for argv in _plan(environment):
            command = Command(argv, job, variables, (lock,))
            try:
                code = self._run(command, log.path, cancelled)
            except OSError as error:
                raise InstallFailed(
                    f"{argv[0]} cannot be started: {error}", Cause.INFRASTRUCTURE
                ) from error
            if code != 0:
                raise _explain(environment)
        self._extend_search_path(environment)
        (environment / READY).touch()
        log.say(f"{REQUIREMENTS} is installed after {time.monotonic() - began:.1f} s")

    def _extend_search_path(self, environment: Path) -> None:
        for folder in environment.glob("lib/python*/site-packages"):
            (folder / "foundations_extras.pth").write_text(f"{self._extras}\n", encoding="utf-8")


def _explain(environment: Path) -> InstallFailed:
    """Return the failure of an installer; a disk that is full is not the job's fault."""
    if shutil.disk_usage(environment.parent).free < _LEAST_FREE_BYTES:
        problem = f"{INSTALL_FAILED}: the worker's disk is full"
        return InstallFailed(problem, Cause.INFRASTRUCTURE)
    return InstallFailed(INSTALL_FAILED)


def names_files(requirements: bytes) -> bool:
    """Whether what is installed depends on more files of the job than requirements.txt."""
    lines = (
        raw.split(" #")[0].strip() for raw in requirements.decode("utf-8", "replace").splitlines()
    )
    return any(map(_names_file, lines))


def _names_file(line: str) -> bool:
    if not line or line.startswith("#"):
        return False
    if "://" in line:
        return "file:" in line
    if line.startswith("-"):
        return line.startswith(_FILE_OPTIONS)
    return "/" in line or line.startswith(".") or line.endswith((".whl", ".zip", ".tar.gz"))


def _key(requirements: bytes) -> str:
    about = f"{sys.implementation.name} {platform.python_version()} {platform.machine()}\n"
    return hashlib.sha256(about.encode() + requirements).hexdigest()[:32]


def _plan(environment: Path) -> list[list[str]]:
    """Return the commands that make the environment, in order."""
    python = str(_python_of(environment))
    uv = _find_uv()
    if uv is not None:
        return [
            [*uv, "venv", "--quiet", "--python", sys.executable, str(environment)],
            [*uv, "pip", "install", "--python", python, "-r", REQUIREMENTS],
        ]
    return [
        [sys.executable, "-m", "venv", str(environment)],
        [python, "-m", "pip", "install", "--disable-pip-version-check", "-r", REQUIREMENTS],
    ]


def _find_uv() -> list[str] | None:
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    if (path := shutil.which("uv")) is None:
        return None
    # Version managers put programs on the path that only say that they are not installed.
    answer = subprocess.run([path, "--version"], capture_output=True, check=False)
    return [path] if answer.returncode == 0 else None


def _python_of(environment: Path) -> Path:
    return environment / "bin" / "python"


def _installer_environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _NOT_FOR_INSTALLERS and not name.startswith("FOUNDATIONS_")
    }
    return {**kept, **pip_settings.translate(kept, pip_settings.find_files(kept))}
