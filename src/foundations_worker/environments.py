"""Virtual environments for jobs, one for each content of `requirements.txt`."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from foundations_wire.workers import Cause
from foundations_worker import commands, pip_settings
from foundations_worker.commands import Cancelled, Command
from foundations_worker.joblog import JobLog
from foundations_worker.preparation import PreparationFailed

REQUIREMENTS = "requirements.txt"
INSTALL_FAILED = "requirements could not be installed"
# Written last: an environment without it was never finished. (Building elsewhere and
# renaming would leave the old path in every script of the environment.)
_READY = ".ready"
_LOCK_POLL_S = 0.2
_LEAST_FREE_BYTES = 16 << 20  # with less, an installer has failed for lack of room
_NOT_FOR_INSTALLERS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")

_FILE_OPTIONS = (
    "-r", "-c", "-e", "-f", "--requirement", "--constraint", "--editable", "--find-links",
)  # fmt: skip

# Beside an environment: the job folders that run with it. Its time is that of the last use.
_USERS = ".users"
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
        with locked(environment.with_suffix(".lock"), cancelled) as lock:
            if (environment / _READY).exists():
                log.say(f"{REQUIREMENTS} is installed already")
            else:
                self._build(environment, job, log, lock, cancelled)
            if environment != own:
                self._lend(environment, job)
        return _python_of(environment)

    def _lend(self, environment: Path, job: Path) -> None:
        """Note who uses it, and let go of those that nobody used for longest."""
        users = environment.with_suffix(_USERS)
        known = [folder for folder in _read_lines(users) if Path(folder).exists()]
        users.write_text("\n".join(dict.fromkeys([*known, str(job)])) + "\n", "utf-8")
        for old in sorted(self._folder.glob(f"*{_USERS}"), key=_age)[_KEPT:]:
            _remove_unused(old.with_suffix(""))

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
        (environment / _READY).touch()
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


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []


def _age(path: Path) -> float:
    """Return a number that is smaller the later the file was written."""
    try:
        return -path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _remove_unused(environment: Path) -> None:
    """Remove an environment unless a job runs with it or somebody holds its lock.

    A job's folder is there from before it gets its environment until after it has ended.
    """
    lock = os.open(environment.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        users = environment.with_suffix(_USERS)
        if not any(Path(folder).exists() for folder in _read_lines(users)):
            (environment / _READY).unlink(missing_ok=True)  # half of it must not be used
            shutil.rmtree(environment, ignore_errors=True)
            users.unlink(missing_ok=True)
    except BlockingIOError:
        return
    finally:
        os.close(lock)


@contextmanager
def locked(path: Path, cancelled: threading.Event) -> Iterator[int]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if cancelled.wait(_LOCK_POLL_S):
                    raise Cancelled from None
        yield lock
    finally:
        os.close(lock)
