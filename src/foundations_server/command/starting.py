"""`atlas-server start`: the server, then its worker, each checked before it is left alone."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from foundations_server.command import processes
from foundations_server.command.asking import (
    ask_health,
    is_port_free,
    list_workers,
    make_address,
)
from foundations_server.command.installations import CommandFailed, Installation, Running
from foundations_server.command.processes import Program
from foundations_server.platform.settings import is_loopback
from foundations_wire.times import from_iso
from foundations_wire.versions import VERSION

START_PATIENCE_S = 15.0
STOP_PATIENCE_S = 15.0
_LOOK_S = 0.05
_SHOWN_LINES = 15

Tell = Callable[[str], None]


@dataclass(frozen=True)
class StartOptions:
    host: str
    port: int
    executor: str
    slots: int
    is_foreground: bool
    max_schedules: int | None = None


def count_slots(named: int | None) -> int:
    """Return --workers, else NUM_WORKERS, else the GPUs, else half the CPUs, at least one."""
    if named is not None:
        return named
    wanted = os.environ.get("NUM_WORKERS", "")
    if wanted.isdecimal():
        return int(wanted)
    return _count_gpus() or max(1, (os.cpu_count() or 1) // 2)


def _count_gpus() -> int:
    if not shutil.which("nvidia-smi"):
        return 0
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        found = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=10, check=False
        )
        return sum(line.startswith("GPU ") for line in found.stdout.splitlines())
    return 0


def check_options(options: StartOptions) -> None:
    """Refuse what this version cannot do.

    Raises:
        CommandFailed: with exit status 2 for an address that others could reach.
    """
    if not is_loopback(options.host):
        raise CommandFailed(
            f"{options.host} can be reached from other machines, and Atlas has no login yet. "
            f"Use 127.0.0.1, and an SSH tunnel from elsewhere.",
            status=2,
        )
    if options.executor not in ("auto", "process"):
        raise CommandFailed(
            f"The executor {options.executor!r} is not there yet; use --executor process."
        )


def start(installation: Installation, options: StartOptions, tell: Tell) -> Running:
    """Start both programs and return once they answer; they go on without us.

    Raises:
        CommandFailed: a server runs already, the port is taken, the home cannot be written
            to, or a program did not come up, in which case none is left behind.
    """
    check_options(options)
    installation.prepare()
    with _one_start_at_a_time(installation):
        _refuse_second(installation)
        address = make_address(options.host, options.port)
        _refuse_taken_port(options, address)
        for note in installation.write_configs(address):
            tell(f"Note: {note}")
        running = Running(address, VERSION, "process", options.slots)
        started: list[Program] = []
        try:
            started.append(_start_server(installation, options, address, tell))
            if options.slots:
                started.append(_start_worker(installation, options, address, tell))
        except BaseException:
            processes.stop(started[::-1], STOP_PATIENCE_S)
            raise
        installation.remember(running)
        return running


@contextlib.contextmanager
def _one_start_at_a_time(installation: Installation) -> Iterator[None]:
    with (installation.run / "start.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandFailed(
                f"Another `atlas-server start` is under way in {installation.home}."
            ) from error
        yield


def _refuse_second(installation: Installation) -> None:
    if installation.find_server() is None:
        worker = installation.find_worker()
        if worker:  # its server has died; ours gets a worker of its own
            processes.stop([worker], STOP_PATIENCE_S)
        return
    running = installation.recall()
    where = f" at {running.address}" if running else ""
    if running and running.version != VERSION:
        raise CommandFailed(
            f"Atlas {running.version} runs{where}, and this command is {VERSION}. Run "
            f"`atlas-server stop`, then start again; jobs that run go on."
        )
    raise CommandFailed(
        f"Atlas already runs{where} with its data in {installation.home}. `atlas-server status` "
        f"shows it, `atlas-server stop` ends it."
    )


def _refuse_taken_port(options: StartOptions, address: str) -> None:
    try:
        is_free = is_port_free(options.host, options.port)
    except OSError as error:
        raise CommandFailed(f"{options.host!r} is no address of this machine.") from error
    if is_free:
        return
    other = ask_health(address)
    who = f"an Atlas server ({other}) with another home" if other else "another program"
    raise CommandFailed(
        f"Port {options.port} is taken by {who}. Choose another with --port, for example "
        f"`atlas-server start --port {options.port + 1}`."
    )


def _start_server(
    installation: Installation, options: StartOptions, address: str, tell: Tell
) -> Program:
    tell(f"Starting the server at {address} …")
    command = [
        sys.executable, "-m", "foundations_server.serving", "--home", str(installation.home),
        "--host", options.host, "--port", str(options.port),
    ]  # fmt: skip
    if options.max_schedules is not None:
        command += ["--max-schedules", str(options.max_schedules)]
    log = installation.server_log
    program = _launch(installation, command, log, installation.server_pid, options)
    _wait(program, "server", log, lambda: ask_health(address) is not None)
    return program


def _start_worker(
    installation: Installation, options: StartOptions, address: str, tell: Tell
) -> Program:
    plural = "" if options.slots == 1 else "s"
    tell(f"Starting the worker with {options.slots} slot{plural} …")
    began = time.time()
    command = [
        sys.executable, "-m", "foundations_worker", "--server", address,
        "--home", str(installation.home), "--slots", str(options.slots), "--executor", "process",
    ]  # fmt: skip
    log = installation.worker_log
    program = _launch(installation, command, log, installation.worker_pid, options)
    _wait(program, "worker", log, lambda: _has_registered(address, began))
    return program


def _has_registered(address: str, began: float) -> bool:
    return any(from_iso(worker["seen_at"]) >= began for worker in list_workers(address))


def _launch(
    installation: Installation, command: list[str], log: Path, pid: Path, options: StartOptions
) -> Program:
    if options.is_foreground:
        process = processes.launch(command, home=installation.home, log=None)
    else:
        with log.open("ab") as file:
            process = processes.launch(command, home=installation.home, log=file)
    return processes.remember(process.pid, pid)


def _wait(program: Program, name: str, log: Path, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline and program.is_alive():
        if is_ready():
            return
        time.sleep(_LOOK_S)
    what = f"did not answer within {START_PATIENCE_S:g} s" if program.is_alive() else "has ended"
    processes.stop([program], STOP_PATIENCE_S)
    raise CommandFailed(f"The {name} {what}. The end of {log}:\n{_read_end(log)}")


def _read_end(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").splitlines()[-_SHOWN_LINES:]
    except OSError:
        lines = []
    return "\n".join(f"  {line}" for line in lines) or "  (nothing)"
