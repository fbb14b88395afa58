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
from dataclasses import dataclass
from pathlib import Path

from foundations_client.client import connect
from foundations_wire.errors import AtlasError
from foundations_wire.ids import new_id
from foundations_wire.versions import VERSION
from foundations_wire.workers import WorkerHello
from foundations_worker.attempt import Tools
from foundations_worker.environments import Environments
from foundations_worker.executors.process import ProcessExecutor
from foundations_worker.job_environment import Surroundings
from foundations_worker.loop import Identity, Worker
from foundations_worker.paths import WorkerPaths
from foundations_worker.preparation import BundleCache
from foundations_worker.sdk import link_sdk

_LOG = logging.getLogger(__name__)
# The server hears a goodbye at once or is not there; nobody waits longer for a worker's end.
_GOODBYE_S = 1.0


@dataclass(frozen=True)
class Settings:
    server: str
    home: Path
    slots: int
    name: str
    grace_s: float


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
    sdk = link_sdk(paths.sdk)
    executor = ProcessExecutor(paths.attempts)
    tools = Tools(
        client=client,
        executor=executor,
        paths=paths,
        bundles=BundleCache(paths.bundles, client),
        environments=Environments(paths.environments, sdk.extras),
        surroundings=Surroundings(settings.server, settings.home, sdk.packages),
        grace_s=settings.grace_s,
    )
    hello = WorkerHello(
        settings.name, socket.gethostname(), executor.name, settings.slots, [], VERSION
    )
    return Worker(Identity(_read_id(paths.id), hello), tools)


def _read_settings(arguments: Sequence[str]) -> Settings:
    parser = argparse.ArgumentParser(
        prog="python -m foundations_worker",
        description="Takes jobs from a server and runs them on this machine.",
    )
    parser.add_argument("--server", required=True, help="address, e.g. http://127.0.0.1:5555")
    parser.add_argument("--home", required=True, type=Path, help="folder for everything it keeps")
    parser.add_argument("--slots", type=_parse_slots, default=1, help="jobs at once (default 1)")
    parser.add_argument("--executor", choices=["process"], default="process")
    parser.add_argument("--name", default="", help="what people see (default: the host's name)")
    parser.add_argument(
        "--grace", type=float, default=5.0, help="seconds between TERM and KILL (default 5)"
    )
    read = parser.parse_args(arguments)
    name = read.name or socket.gethostname()
    return Settings(read.server, read.home.expanduser().absolute(), read.slots, name, read.grace)


def _parse_slots(text: str) -> int:
    slots = int(text)
    if slots < 1:
        raise argparse.ArgumentTypeError("a worker needs at least one slot")
    return slots


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
