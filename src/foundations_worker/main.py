"""Builds a worker from its settings: the only place here that knows every part."""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from foundations_client.client import connect
from foundations_wire.errors import AtlasError, InvalidRequest
from foundations_wire.ids import new_id
from foundations_wire.versions import VERSION
from foundations_wire.workers import WorkerHello
from foundations_worker import inventory
from foundations_worker.attempt import Tools
from foundations_worker.environments import Environments
from foundations_worker.executors import docker_settings
from foundations_worker.executors.base import Executor, Preparer
from foundations_worker.executors.docker_settings import DockerSettings
from foundations_worker.executors.fake import FakeExecutor
from foundations_worker.executors.process import ProcessExecutor
from foundations_worker.gpus.health import GpuHealth
from foundations_worker.job_environment import Surroundings
from foundations_worker.loop import STRAY_GRACE_S, Identity, Worker
from foundations_worker.paths import WorkerPaths
from foundations_worker.preparation import BundleCache
from foundations_worker.preparing import ProcessPreparer
from foundations_worker.sdk import SdkFolders, link_sdk

_LOG = logging.getLogger(__name__)
# The server hears a goodbye at once or is not there; nobody waits longer for a worker's end.
_GOODBYE_S = 1.0
_EXECUTORS = ("process", "docker", "fake")


@dataclass(frozen=True)
class Settings:
    """`gpus` are declared; of `cpus`, `ram_gb` and `gpus`, None means what there is."""

    server: str
    home: Path
    slots: int
    name: str
    grace_s: float
    executor: str = "process"
    gpus: int | None = None
    cpus: float | None = None
    ram_gb: float | None = None
    stray_grace_s: float = STRAY_GRACE_S
    docker: DockerSettings = field(default_factory=DockerSettings)


class FolderTaken(Exception):
    """Another worker uses the folder."""


def run(arguments: Sequence[str]) -> int:
    """Work until TERM or INT; return the exit status."""
    settings = _read_settings(arguments)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    try:
        return _work(settings)
    except (FolderTaken, AtlasError) as error:
        _say(str(error))
    except OSError as error:
        _say(f"The worker's folder under {settings.home} cannot be used: {error}.")
    return 1


def _work(settings: Settings) -> int:
    paths = WorkerPaths(settings.home)
    # Job folders hold code, data and secrets of one user.
    paths.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _take_folder(paths)
    worker = build(settings, paths)
    # A pipe, because a handler that takes a lock may find it taken by what it interrupted.
    ended, end = os.pipe()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: os.write(end, b"."))
    threading.Thread(target=worker.run, name="leases", daemon=True).start()
    os.read(ended, 1)
    worker.end()
    goodbye = threading.Thread(target=worker.say_goodbye, name="goodbye", daemon=True)
    goodbye.start()
    goodbye.join(_GOODBYE_S)
    _LOG.info("The worker ends; its jobs run on.")
    os.close(lock)
    return 0


def build(settings: Settings, paths: WorkerPaths) -> Worker:
    """Return a worker that is ready to run."""
    client = connect(settings.server)
    gpus = inventory.find_gpus(settings.gpus, paths.declared_gpus)
    found = inventory.take(gpus, settings.cpus, settings.ram_gb)
    executor, preparer = _make_executor(settings, paths, has_gpus=bool(found.gpus))
    tools = Tools(
        client=client,
        executor=executor,
        preparer=preparer,
        paths=paths,
        bundles=BundleCache(paths.bundles, client),
        gpus=GpuHealth(gpus),
        grace_s=settings.grace_s,
    )
    hello = WorkerHello(
        settings.name, socket.gethostname(), executor.name, settings.slots, found.gpus, VERSION,
        found.cpus, found.ram_gb,
    )  # fmt: skip
    return Worker(Identity(_read_id(paths.id), hello), tools, settings.stray_grace_s)


def _make_executor(
    settings: Settings, paths: WorkerPaths, *, has_gpus: bool
) -> tuple[Executor, Preparer]:
    sdk = link_sdk(paths.sdk)
    if settings.executor == "docker":
        return _assemble_docker(settings, paths, sdk)
    surroundings = Surroundings(settings.server, settings.home, sdk.packages, has_gpus)
    preparer = ProcessPreparer(Environments(paths.environments, sdk.extras), surroundings)
    if settings.executor == "fake":
        return FakeExecutor(attempts=paths.attempts), preparer
    return ProcessExecutor(paths.attempts), preparer


def _assemble_docker(
    settings: Settings, paths: WorkerPaths, sdk: SdkFolders
) -> tuple[Executor, Preparer]:
    try:
        # Only here: the engine's client takes a while, and is not always installed.
        from foundations_worker.executors.docker.assembly import assemble  # noqa: PLC0415
    except ImportError as error:
        raise InvalidRequest(
            "To run jobs in containers, install the Python package `docker`."
        ) from error
    return assemble(settings.docker, paths, _read_id(paths.id), sdk, settings.server)


def _read_settings(arguments: Sequence[str]) -> Settings:
    read = _make_parser().parse_args(arguments)
    return Settings(
        server=read.server,
        home=read.home.expanduser().absolute(),
        slots=read.slots,
        name=read.name or socket.gethostname(),
        grace_s=read.grace,
        executor=read.executor,
        gpus=read.gpus,
        cpus=read.cpus,
        ram_gb=read.ram,
        stray_grace_s=read.stray_grace,
        docker=docker_settings.read_options(read),
    )


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m foundations_worker",
        description="Takes jobs from a server and runs them on this machine.",
    )
    add = parser.add_argument
    add("--server", required=True, help="address, e.g. http://127.0.0.1:5555")
    add("--home", required=True, type=Path, help="folder for everything it keeps")
    add("--slots", type=_parse_slots, default=1, help="jobs at once (default 1)")
    add("--executor", choices=_EXECUTORS, default="process", help="how jobs are run")
    add("--name", default="", help="what people see (default: the host's name)")
    add("--grace", type=_parse_amount, default=5.0, help="seconds from TERM to KILL (default 5)")
    add("--gpus", type=_parse_count, help="GPUs to declare, for simulation (default: those found)")
    add("--cpus", type=_parse_size, help="CPUs that jobs may use (default: those found)")
    add("--ram", type=_parse_size, help="GB that jobs may use (default: the machine's)")
    add(
        "--stray-grace", type=_parse_amount, default=STRAY_GRACE_S,
        help="seconds before what the server does not know is ended (default 60)",
    )  # fmt: skip
    docker_settings.add_options(parser)
    return parser


def _parse_slots(text: str) -> int:
    slots = int(text)
    if slots < 1:
        raise argparse.ArgumentTypeError("a worker needs at least one slot")
    return slots


def _parse_count(text: str) -> int:
    count = int(text)
    if count < 0:
        raise argparse.ArgumentTypeError("less than nothing cannot be declared")
    return count


def _parse_amount(text: str) -> float:
    amount = float(text)
    if not 0 <= amount < float("inf"):
        raise argparse.ArgumentTypeError("it must be a number from 0 on")
    return amount


def _parse_size(text: str) -> float:
    size = _parse_amount(text)
    if not size:
        raise argparse.ArgumentTypeError("it must be a number above 0")
    return size


def _take_folder(paths: WorkerPaths) -> int:
    """Return the lock that makes this worker the only one here; it is held until closed."""
    lock = os.open(paths.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise FolderTaken(
            f"Another worker already uses {paths.root}. Stop it first, or give this one "
            f"another folder with --home."
        ) from error
    return lock


def _read_id(path: Path) -> str:
    """Return the worker's id, made at its first start."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(new_id(), encoding="ascii")
        unfinished.replace(path)
        return path.read_text(encoding="ascii")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)  # noqa: T201 - a program's last word
