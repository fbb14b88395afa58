"""`atlas-server status` and `atlas-server doctor`: what is, and whether it is well."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundations_server.command.asking import (
    ask_health,
    count_jobs,
    is_port_free,
    list_workers,
    make_address,
)
from foundations_server.command.installations import Installation
from foundations_server.platform.settings import STATIC
from foundations_wire.versions import VERSION

OK, WARN, FAIL = "ok", "warn", "fail"
_LITTLE_BYTES = 5 << 30
_TOO_LITTLE_BYTES = 500 << 20
_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Status:
    home: str
    is_running: bool
    is_answering: bool
    is_worker_running: bool
    address: str | None
    version: str | None
    executor: str | None
    slots: int | None
    server_pid: int | None
    worker_pid: int | None
    running_jobs: int | None
    waiting_jobs: int | None


def examine(installation: Installation) -> Status:
    """Return how the server and the worker of a home fare."""
    server, worker = installation.find_server(), installation.find_worker()
    running = installation.recall() if server else None
    version = ask_health(running.address) if running else None
    jobs = count_jobs(running.address) if running and version else None
    return Status(
        home=str(installation.home),
        is_running=server is not None,
        is_answering=version is not None,
        is_worker_running=worker is not None,
        address=running.address if running else None,
        version=version,
        executor=running.executor if running else None,
        slots=running.slots if running else None,
        server_pid=server.pid if server else None,
        worker_pid=worker.pid if worker else None,
        running_jobs=jobs[0] if jobs else None,
        waiting_jobs=jobs[1] if jobs else None,
    )


def describe(status: Status) -> Iterator[tuple[str, str]]:
    """Yield what a person reads: a name and its value."""
    if not status.is_running:
        yield "Server", f"not running; its data lie in {status.home}"
    elif status.is_answering:
        yield "Server", f"{status.version} at {status.address} (process {status.server_pid})"
    else:
        yield "Server", f"process {status.server_pid} runs but does not answer"
    if status.is_worker_running:
        yield "Worker", f"process {status.worker_pid}, executor {status.executor or 'unknown'}"
    elif status.slots == 0:
        yield "Worker", "none wanted"
    else:
        yield "Worker", "not running"
    if status.slots:
        yield "Slots", str(status.slots)
    if status.running_jobs is not None:
        yield "Jobs", f"{status.running_jobs} running, {status.waiting_jobs} waiting"
    yield "Home", status.home


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `result` is ok, warn or fail."""

    name: str
    result: str
    text: str


def check(installation: Installation, port: int | None) -> list[Finding]:
    """Return a finding for each thing that a working Atlas stands on."""
    status = examine(installation)
    return [
        _check_python(),
        _check_home(installation),
        _check_disk(installation),
        _check_port(status, port),
        _check_server(status),
        _check_version(status),
        _check_worker(status),
        _check_sqlite(),
        _check_pages(),
        *(_check_program(name, use) for name, use in _PROGRAMS.items()),
    ]


_PROGRAMS = {
    "uv": "environments of jobs take longer to make without it",
    "docker": "the process executor needs none",
    "node": "only building the pages from a checkout needs it",
}


def _check_python() -> Finding:
    shown = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _OLDEST_PYTHON:
        return Finding("python", FAIL, f"Python {shown} is too old: the server needs 3.11.")
    return Finding("python", OK, f"Python {shown} at {sys.executable}")


def _check_home(installation: Installation) -> Finding:
    folder = _find_existing(installation.home)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        made = "" if folder == installation.home else ", which `start` will make"
        return Finding("home", OK, f"{installation.home} can be written to{made}")
    return Finding(
        "home",
        FAIL,
        f"{installation.home} cannot be written to: name another with --home or FOUNDATIONS_HOME.",
    )


def _check_disk(installation: Installation) -> Finding:
    free = shutil.disk_usage(_find_existing(installation.home)).free
    text = f"{free / 1e9:.1f} GB free for {installation.home}"
    if free < _TOO_LITTLE_BYTES:
        return Finding("disk", FAIL, f"{text}: too little; delete jobs or move the home.")
    if free < _LITTLE_BYTES:
        return Finding("disk", WARN, f"{text}: soon too little for archives of jobs.")
    return Finding("disk", OK, text)


def _check_port(status: Status, port: int | None) -> Finding:
    if status.is_running:
        return Finding("port", OK, f"the server has it: {status.address}")
    chosen = 5555 if port is None else port
    if is_port_free("127.0.0.1", chosen):
        return Finding("port", OK, f"{chosen} is free")
    other = ask_health(make_address("127.0.0.1", chosen))
    who = "an Atlas server with another home" if other else "another program"
    return Finding("port", FAIL, f"{chosen} is taken by {who}: choose another with --port.")


def _check_server(status: Status) -> Finding:
    if status.is_answering:
        return Finding("server", OK, f"answers at {status.address}")
    if status.is_running:
        return Finding(
            "server",
            FAIL,
            f"process {status.server_pid} does not answer: see {status.home}/logs/server.log.",
        )
    return Finding("server", WARN, "not running: start it with `atlas-server start`.")


def _check_version(status: Status) -> Finding:
    if status.version and status.version != VERSION:
        return Finding(
            "version",
            FAIL,
            f"the server is {status.version} and this command {VERSION}: stop and start it.",
        )
    return Finding("version", OK, VERSION)


def _check_worker(status: Status) -> Finding:
    if not status.is_running or status.slots == 0:
        return Finding("worker", OK, "none wanted")
    if not status.is_worker_running:
        return Finding("worker", FAIL, "not running: `atlas-server start` starts it again.")
    workers: list[dict[str, Any]] = list_workers(status.address) if status.address else []
    if not workers:
        return Finding(
            "worker", FAIL, f"unknown to the server: see {status.home}/logs/worker.log."
        )
    return Finding("worker", OK, f"process {status.worker_pid}, {status.slots} slots")


def _check_sqlite() -> Finding:
    return Finding("sqlite", OK, f"SQLite {sqlite3.sqlite_version}")


def _check_pages() -> Finding:
    if (STATIC / "index.html").is_file():
        return Finding("pages", OK, "the web pages are built")
    return Finding("pages", WARN, "the web pages are not built: run `make gui` in the checkout.")


def _check_program(name: str, use: str) -> Finding:
    path = shutil.which(name)
    return Finding(name, OK, path or f"not installed; {use}")


def _find_existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
