"""`atlas-server start`: the server, then its worker, each checked before it is left alone."""

from __future__ import annotations

import contextlib
import fcntl
import shlex
import sys
from collections.abc import Iterator

from foundations_server.command import processes, workers
from foundations_server.command.asking import ask_health, is_port_free, make_address
from foundations_server.command.installations import CommandFailed, Installation, Running
from foundations_server.command.launching import STOP_PATIENCE_S, Run, Tell, bring_up, wait
from foundations_server.command.options import StartOptions, Wishes, decide
from foundations_server.command.processes import Program
from foundations_server.command.workers import Place, Plan
from foundations_wire.versions import VERSION


def start(installation: Installation, wishes: Wishes, tell: Tell) -> Running:
    """Start both programs and return once they answer; they go on without us.

    Where only the worker has ended, it is started again.

    Raises:
        CommandFailed: both run already, the port is taken, the home cannot be written to, or
            a program did not come up, in which case none is left behind.
    """
    options = decide(wishes, installation.recall())
    installation.prepare()
    with _one_start_at_a_time(installation):
        if _is_only_a_worker_missing(installation, options):
            return _bring_back_worker(installation, options, tell)
        _refuse_second(installation)
        address = make_address(options.host, options.port)
        _refuse_taken_port(options, address)
        for note in installation.write_configs(address):
            tell(f"Note: {note}")
        started: list[Program] = []
        try:
            started.append(_start_server(installation, options, address, tell))
            started += _start_workers(installation, options, address, tell)
        except BaseException:
            processes.stop(started[::-1], STOP_PATIENCE_S)
            raise
        return _remember(installation, options, address)


def _remember(installation: Installation, options: StartOptions, address: str) -> Running:
    running = Running(
        address, VERSION, options.executor, options.slots, options.host, options.port,
        options.gpus, options.gpu_mode, options.worker_options, options.max_schedules,
    )  # fmt: skip
    installation.remember(running)
    return running


def _is_only_a_worker_missing(installation: Installation, options: StartOptions) -> bool:
    running = installation.recall()
    return (
        installation.find_server() is not None
        and installation.find_worker() is None
        and options.slots > 0
        and running is not None
        and running.slots > 0
        and running.version == VERSION
        and ask_health(running.address) is not None
    )


def _bring_back_worker(installation: Installation, options: StartOptions, tell: Tell) -> Running:
    running = installation.recall()
    if running is None or options.port != (running.port or options.port):
        _refuse_second(installation)
    address = running.address if running else make_address(options.host, options.port)
    tell(f"The server runs at {address}; its worker has ended and is started again.")
    _start_workers(installation, options, address, tell)
    return _remember(installation, options, address)


def _is_away(installation: Installation, plan: Plan) -> bool:
    return workers.find(installation, plan.name) is None


def _start_workers(
    installation: Installation, options: StartOptions, address: str, tell: Tell
) -> list[Program]:
    """Start the worker of `start`, and again those that were added before."""
    started: list[Program] = []
    try:
        if options.slots:
            plan = Plan(
                "", options.slots, options.executor, options.gpus,
                shlex.split(options.worker_options),
            )  # fmt: skip
            place = Place(installation, address, is_foreground=options.is_foreground)
            started.append(workers.start(place, plan, tell))
        added = [plan for plan in workers.recall(installation) if _is_away(installation, plan)]
        for plan in added:
            started.append(workers.start(Place(installation, address), plan, tell))  # noqa: PERF401 - those before it must be stopped if one fails
    except BaseException:
        processes.stop(started, STOP_PATIENCE_S)
        raise
    return started


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
        if orphans := installation.find_workers():  # their server has died; ours gets its own
            processes.stop(orphans, STOP_PATIENCE_S)
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
    run = Run(installation.home, installation.server_log, installation.server_pid)
    program = bring_up(run, command, is_foreground=options.is_foreground)
    wait(program, "server", run.log, lambda: ask_health(address) is not None)
    return program
