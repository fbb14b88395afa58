"""The workers of an installation: the one of `start`, and those that are added beside it."""

from __future__ import annotations

import json
import re
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from foundations_server.command import processes
from foundations_server.command.asking import list_workers
from foundations_server.command.installations import CommandFailed, Installation
from foundations_server.command.launching import STOP_PATIENCE_S, Run, Tell, bring_up, wait
from foundations_server.command.processes import Program
from foundations_server.platform.files import write_whole
from foundations_wire.times import from_iso

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Plan:
    """How a worker is started. The one of `start` has no name; `gpus` None: those it finds."""

    name: str
    slots: int
    executor: str
    gpus: int | None = None
    options: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Place:
    """Where a worker is started and whom it serves."""

    installation: Installation
    address: str
    is_foreground: bool = False


def find(installation: Installation, name: str) -> Program | None:
    """Return a worker that runs."""
    return processes.find(installation.find_worker_pid(name))


def add(installation: Installation, plan: Plan, tell: Tell) -> None:
    """Start one more worker; each start of Atlas will start it too, until it is removed.

    Raises:
        CommandFailed: there is no server, one of that name runs, or it did not come up.
    """
    check_name(plan.name)
    running = installation.recall() if installation.find_server() else None
    if running is None:
        raise CommandFailed("Atlas is not running; start it first with `atlas-server start`.")
    if find(installation, plan.name):
        raise CommandFailed(
            f"Worker {plan.name} already runs; stop it first with "
            f"`atlas-server worker stop {plan.name}`."
        )
    start(Place(installation, running.address), plan, tell)
    write_whole(_plan_file(installation, plan.name), json.dumps(asdict(plan), indent=2) + "\n")


def remove(installation: Installation, name: str) -> bool:
    """Stop an added worker and forget it; return whether there was one. Its jobs go on."""
    check_name(name)
    program, plan = find(installation, name), _plan_file(installation, name)
    is_known = plan.exists()
    plan.unlink(missing_ok=True)
    if program:
        processes.stop([program], STOP_PATIENCE_S)
    return is_known or program is not None


def recall(installation: Installation) -> list[Plan]:
    """Return those that were added and not removed."""
    plans = []
    for file in sorted(installation.run.glob("worker-*.json")):
        try:
            plans.append(Plan(**json.loads(file.read_text("utf-8"))))
        except (OSError, ValueError, TypeError):
            continue
    return plans


def start(place: Place, plan: Plan, tell: Tell) -> Program:
    """Start a worker and return once the server knows it."""
    installation = place.installation
    plural = "" if plan.slots == 1 else "s"
    called = f"worker {plan.name}" if plan.name else "worker"
    tell(f"Starting the {called} with {plan.slots} slot{plural} …")
    began = time.time()
    log = installation.find_worker_log(plan.name)
    run = Run(installation.home, log, installation.find_worker_pid(plan.name))
    command = _spell(installation, plan, place.address)
    program = bring_up(run, command, is_foreground=place.is_foreground)
    wait(program, called, log, lambda: _has_registered(place.address, plan.name, began))
    return program


def check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise CommandFailed(
            f"{name!r} is no name for a worker: use up to 40 small letters, digits and dashes."
        )


def describe(installation: Installation) -> Iterator[dict[str, object]]:
    """Yield what the server knows of each worker, and its process if it is one of ours."""
    running = installation.recall() if installation.find_server() else None
    own = {socket.gethostname(): ""} | {plan.name: plan.name for plan in recall(installation)}
    for worker in list_workers(running.address) if running else []:
        program = find(installation, own[worker["name"]]) if worker["name"] in own else None
        yield {
            "name": worker["name"], "status": worker["status"], "slots": worker["slots"],
            "running": len(worker["running"]), "executor": worker["executor"],
            "gpus": len(worker["gpus"]), "trouble": worker.get("trouble"),
            "pid": program.pid if program else None,
        }  # fmt: skip


def _spell(installation: Installation, plan: Plan, address: str) -> list[str]:
    home = installation.home / "workers" / plan.name if plan.name else installation.home
    command = [
        sys.executable, "-m", "foundations_worker", "--server", address, "--home", str(home),
        "--slots", str(plan.slots), "--executor", plan.executor,
    ]  # fmt: skip
    if plan.name:
        command += ["--name", plan.name]
    if plan.gpus is not None:
        command += ["--gpus", str(plan.gpus)]
    return [*command, *plan.options]


def _has_registered(address: str, name: str, began: float) -> bool:
    wanted = name or socket.gethostname()
    return any(
        worker["name"] == wanted and from_iso(worker["seen_at"]) >= began
        for worker in list_workers(address)
    )


def _plan_file(installation: Installation, name: str) -> Path:
    return installation.run / f"worker-{name}.json"
