"""`foundations workers …`: who carries out jobs, with what, and what is wrong there."""

from collections.abc import Iterator
from typing import Annotated

import typer

from foundations_cli.confirming import Yes, confirm
from foundations_cli.describing import count, show_time_since
from foundations_cli.jobs import Server
from foundations_cli.listing import AsJson, ConfigOption
from foundations_cli.output import answer, answer_json, answer_table, fail, say
from foundations_cli.sessions import open_session
from foundations_client.client import Client
from foundations_client.configuration import DEFAULT_CONFIG
from foundations_client.sizes import show_bytes
from foundations_wire.jobs import JobView
from foundations_wire.workers import GpuView, WorkerView

_PAGE = 500  # jobs that the server tells of at a time

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the worker, or its id.")]


def list_workers(
    config: ConfigOption = DEFAULT_CONFIG, server: Server = None, as_json: AsJson = False
) -> None:
    """List workers: their state, their slots, GPUs, CPUs and memory, and what is taken."""
    client = open_session(config, server).client
    found = client.workers.list()
    if as_json:
        answer_json(found)
        return
    if not found.items:
        say("No workers.")
        return
    jobs = _find_running(client)
    answer_table(
        ("WORKER", "STATE", "SLOTS", "GPUS", "CPUS", "RAM", "EXECUTOR", "SEEN", "NOTE"),
        (_describe(worker, jobs) for worker in found.items),
        right=("SLOTS", "GPUS", "CPUS", "RAM", "SEEN"),
        fold=("NOTE",),
        optional=("GPUS", "CPUS", "RAM", "SEEN", "NOTE"),
    )
    gpus = [(worker, gpu) for worker in found.items for gpu in worker.gpus]
    if gpus:
        answer("")
        _show_gpus(gpus, jobs)


def _find_running(client: Client) -> dict[str, JobView]:
    queue = client.queue.get(limit=_PAGE)
    return {job.id: job for job in queue.running}


def _describe(worker: WorkerView, jobs: dict[str, JobView]) -> tuple[str, ...]:
    own = [jobs[job_id] for job_id in worker.running if job_id in jobs]
    busy = sum(gpu.status == "busy" for gpu in worker.gpus)
    is_here = worker.status == "connected"
    return (
        worker.name,
        "draining" if worker.is_draining and is_here else worker.status,
        f"{len(worker.running)}/{worker.slots}",
        f"{busy}/{len(worker.gpus)}" if worker.gpus else "",
        _show_share(sum(job.cpus or 0 for job in own), worker.cpus),
        _show_share(sum(job.ram_gb or 0 for job in own), worker.ram_gb, " GB"),
        worker.executor,
        "" if is_here else f"{show_time_since(worker.seen_at)} ago",
        "; ".join(_list_notes(worker)),
    )


def _show_share(taken: float, total: "float | None", unit: str = "") -> str:
    return "" if total is None else f"{taken:g}/{total:g}{unit}"


def _list_notes(worker: WorkerView) -> Iterator[str]:
    if worker.trouble:
        yield worker.trouble
    if worker.is_draining and worker.status != "connected":
        yield "draining"
    sick = sum(gpu.status == "quarantined" for gpu in worker.gpus)
    if sick:
        yield f"{count(sick, 'GPU')} quarantined"


def _show_gpus(gpus: list[tuple[WorkerView, GpuView]], jobs: dict[str, JobView]) -> None:
    answer_table(
        ("GPU", "WORKER", "STATE", "JOB", "MODEL", "MEMORY", "PROBLEM"),
        (
            (
                gpu.id,
                worker.name,
                gpu.status,
                jobs[gpu.job].name if gpu.job in jobs else gpu.job,
                gpu.name,
                "" if gpu.memory_bytes is None else show_bytes(gpu.memory_bytes),
                gpu.problem,
            )
            for worker, gpu in gpus
        ),
        right=("MEMORY",),
        fold=("PROBLEM",),
        optional=("JOB", "MODEL", "MEMORY", "PROBLEM"),
    )


def drain(
    name: Name,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Give a worker no new job; those it has go on."""
    client = open_session(config, server).client
    worker = client.workers.drain(_find(client, name).id)
    if as_json:
        answer_json(worker)
        return
    left = f"{count(len(worker.running), 'job')} on it" if worker.running else "nothing runs on it"
    verb = " goes on" if len(worker.running) == 1 else " go on" if worker.running else ""
    answer(f"Worker {worker.name} is draining; {left}{verb}")


def resume(
    name: Name,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Give a worker that was drained or declared lost new jobs again."""
    client = open_session(config, server).client
    worker = client.workers.resume(_find(client, name).id)
    if as_json:
        answer_json(worker)
        return
    takes = "takes jobs again" if worker.status == "connected" else "takes jobs when it is back"
    answer(f"Worker {worker.name} {takes}")


def remove(
    name: Name,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Forget a worker that is not connected and holds no job."""
    client = open_session(config, server).client
    worker = _find(client, name)
    client.workers.remove(worker.id)
    if as_json:
        answer_json({"worker_id": worker.id, "is_removed": True})
        return
    answer(f"Worker {worker.name} is removed; it comes back if it is started again")


def lost(
    name: Name,
    yes: Yes = False,
    config: ConfigOption = DEFAULT_CONFIG,
    server: Server = None,
    as_json: AsJson = False,
) -> None:
    """Declare that the machine of a worker is gone for good, so that its jobs end.

    They start anew elsewhere as far as their retries after lost machines allow. If the
    machine still runs, a job may then run twice.
    """
    client = open_session(config, server).client
    worker = _find(client, name)
    held = len(worker.running)
    if held:
        confirm(f"End {count(held, 'job')} of worker {worker.name} as lost?", is_sure=yes)
    client.workers.declare_lost(worker.id)
    if as_json:
        answer_json({"worker_id": worker.id, "jobs": worker.running})
        return
    answer(f"Worker {worker.name} is declared lost; {count(held, 'job')} of it ended")


def _find(client: Client, name: str) -> WorkerView:
    workers = client.workers.list().items
    found = [worker for worker in workers if name in (worker.id, worker.name)]
    if len(found) > 1:
        ids = ", ".join(worker.id for worker in found)
        fail(f"Error: several workers are named `{name}`; use an id: {ids}")
    if not found:
        names = ", ".join(sorted(worker.name for worker in workers)) or "none"
        fail(f"Error: Worker `{name}` does not exist; there are: {names}")
    return found[0]
