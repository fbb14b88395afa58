"""How `atlas-server start` is to start: what is asked for now, else what was last time."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TypeVar

from foundations_server.command.gpus import count_gpus
from foundations_server.command.installations import DEFAULT_PORT, CommandFailed, Running
from foundations_server.platform.settings import is_loopback

T = TypeVar("T")
EXECUTORS = ("process", "docker", "fake")


@dataclass(frozen=True)
class Wishes:
    """The options of the command; None for each that was not given.

    `gpus` are declared for simulation. With `gpu_mode` there are as many slots as GPUs.
    `worker_options` are handed on to the worker's program as they are.
    """

    host: str | None = None
    port: int | None = None
    executor: str | None = None
    slots: int | None = None
    gpus: int | None = None
    gpu_mode: bool = False
    is_foreground: bool = False
    worker_options: str | None = None
    max_schedules: int | None = None


@dataclass(frozen=True)
class StartOptions:
    """What is started. `gpus` None: those that the worker finds."""

    host: str
    port: int
    executor: str
    slots: int
    is_foreground: bool
    gpus: int | None = None
    gpu_mode: bool = False
    worker_options: str = ""
    max_schedules: int | None = None


def decide(wishes: Wishes, last: Running | None) -> StartOptions:
    """Return how to start: as wished, and for the rest as last time.

    Raises:
        CommandFailed: it cannot be; with exit status 2 for an address that others could reach.
    """
    wishes = _recall(wishes, last)
    host = wishes.host or "127.0.0.1"
    if not is_loopback(host):
        raise CommandFailed(
            f"{host} can be reached from other machines, and Atlas has no login yet. "
            f"Use 127.0.0.1, and an SSH tunnel from elsewhere.",
            status=2,
        )
    return StartOptions(
        host=host,
        port=wishes.port or DEFAULT_PORT,
        executor=choose_executor(wishes.executor),
        slots=_count_slots(wishes),
        is_foreground=wishes.is_foreground,
        gpus=wishes.gpus,
        gpu_mode=wishes.gpu_mode,
        worker_options=wishes.worker_options or "",
        max_schedules=wishes.max_schedules,
    )


def choose_executor(name: str | None) -> str:
    """Return the executor that is meant; `auto` means processes.

    Raises:
        CommandFailed: there is none of that name.
    """
    chosen = "process" if name in (None, "auto") else str(name)
    if chosen not in EXECUTORS:
        raise CommandFailed(
            f"There is no executor {chosen!r}; choose auto, process or docker with --executor."
        )
    return chosen


def _recall(wishes: Wishes, last: Running | None) -> Wishes:
    if last is None:
        return wishes
    # Whoever says how many jobs run at once, in whatever way, says it anew.
    is_said = wishes.slots is not None or wishes.gpu_mode or "NUM_WORKERS" in os.environ
    return replace(
        wishes,
        host=wishes.host or last.host,
        port=wishes.port or last.port,
        executor=wishes.executor or last.executor,
        slots=wishes.slots if is_said or last.gpu_mode else last.slots,
        gpus=_first(wishes.gpus, last.gpus),
        gpu_mode=wishes.gpu_mode or (last.gpu_mode and not is_said),
        worker_options=_first(wishes.worker_options, last.worker_options),
        max_schedules=_first(wishes.max_schedules, last.max_schedules),
    )


def _first(now: T | None, before: T | None) -> T | None:
    return before if now is None else now


def _count_slots(wishes: Wishes) -> int:
    """Return --workers, else NUM_WORKERS, else the GPUs, else half the CPUs, at least one."""
    gpus = count_gpus() if wishes.gpus is None else wishes.gpus
    if wishes.gpu_mode:
        return _count_for_gpus(wishes, gpus)
    if wishes.slots is not None:
        return wishes.slots
    wanted = os.environ.get("NUM_WORKERS", "")
    if wanted.isdecimal():
        return int(wanted)
    return gpus or max(1, (os.cpu_count() or 1) // 2)


def _count_for_gpus(wishes: Wishes, gpus: int) -> int:
    if wishes.slots is not None:
        raise CommandFailed("-g makes as many slots as there are GPUs; leave --workers out.")
    if not gpus:
        raise CommandFailed(
            "-g needs a GPU, and there is none: `nvidia-smi -L` lists the ones that are found. "
            "Declare some for simulation with --gpus N, or start without -g."
        )
    return gpus
