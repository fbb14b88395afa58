"""A server and a worker that are killed, stopped and started again while jobs flow.

What it counts comes from outside: the lines that jobs wrote, the processes of the machine,
the folders of attempts, the rows of the database file.
"""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from foundations_client import bundles
from foundations_client.client import Client
from foundations_wire.errors import ServerUnreachable
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec, JobView
from foundations_worker.cleaning import clean_up
from foundations_worker.executors.process import ProcessExecutor
from support.marks import FILES, Marks
from support.server import Server
from support.waiting import wait_until
from support.workers import WorkerProcess

T = TypeVar("T")
CONVERGED_S = 15.0
_VARIABLE = "ATLAS_TEST_PLANT"
_PATIENCE_S = 120.0


class Plant:
    """Both programs read their failpoints from one file, and log them into another."""

    def __init__(self, folder: Path, *options: str, slots: int = 4) -> None:
        """Take a folder and the worker's options."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.orders, self.places = folder / "orders", folder / "places"
        self.places.touch()
        self.marks = Marks(folder)
        self.server = Server(folder / "server")
        self.server.variables = self._make_variables()
        self.options = options
        self.worker = WorkerProcess("", folder / "worker-home", slots)
        self.expected: dict[str, int] = {}
        self.deaths: Counter[str] = Counter()
        self._bundle = ""

    def start(self, find_front: Callable[[int], str] | None = None) -> None:
        """Start both; `find_front` names what the worker takes for the server at a port."""
        self.server.start()
        self.worker.server = find_front(self.server.port) if find_front else self.server.url
        self.worker.variables = {**self._make_variables(), _VARIABLE: str(self.folder)}
        self.start_worker()
        self._bundle = self._upload()

    def start_worker(self) -> None:
        self.worker.start("--stray-grace", "0", *self.options)

    @property
    def client(self) -> Client:
        """A client that keeps no connection; calls fail while the server is away."""
        return self.server.connect()

    def arm(self, place: str, action: str = "kill") -> None:
        """Let whoever comes to a place next do something there."""
        unfinished = self.orders.with_suffix(".unfinished")
        unfinished.write_text(f"{place}={action}", "ascii")
        unfinished.replace(self.orders)

    def disarm(self) -> None:
        self.orders.unlink(missing_ok=True)

    def count_reached(self, place: str) -> int:
        return self.places.read_text("ascii").split().count(place)

    def revive(self) -> None:
        """Start whoever is dead, and count who was; failpoints are off from then on."""
        if self.is_dead("server"):
            self.disarm()
            self.deaths["server"] += 1
            self.server.start()
        if self.is_dead("worker"):
            self.disarm()
            self.deaths["worker"] += 1
            self.start_worker()

    def is_dead(self, who: str) -> bool:
        process = self.server.process if who == "server" else self.worker.process
        return process is None or process.poll() is not None

    def kill_worker(self) -> None:
        self.worker.end(signal.SIGKILL)

    def ask(self, call: Callable[[Client], T]) -> T:
        """Return what a call returns, as soon as there is a server."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return call(self.client)
            except ServerUnreachable:
                assert time.monotonic() < deadline, "the server does not come back"
                if self.is_dead("server"):
                    self.revive()

    def submit(self, seconds: float = 0.0, code: int = 0, **spec: Any) -> str:
        """Queue a job and return its id, once the server has said that it has it."""
        return self.submit_script("job.sh", f"{seconds:g}", str(code), code=code, **spec)

    def submit_script(self, name: str, *arguments: str, code: int = 0, **spec: Any) -> str:
        job_id = new_id()
        wish = self.make_spec(name, *arguments, **spec)
        self.ask(lambda client: client.jobs.submit(job_id, wish))
        self.expected[job_id] = code
        return job_id

    def make_spec(self, name: str, *arguments: str, **spec: Any) -> JobSpec:
        environment = {**self.marks.environment, **spec.pop("environment", {})}
        return JobSpec(
            "plant", [name, *arguments], entrypoint="/bin/bash", bundle=self._bundle, user="ada",
            environment=environment, **spec,
        )  # fmt: skip

    def get(self, job_id: str) -> JobView:
        return self.ask(lambda client: client.jobs.get(job_id))

    def converge(self, jobs: Sequence[str], *, timeout_s: float = CONVERGED_S) -> float:
        """Return the seconds until jobs had ended and nothing of them was left anywhere."""
        begin = time.monotonic()
        while left := self.find_left(jobs):
            assert time.monotonic() - begin < timeout_s, f"after {timeout_s:g} s: {left}"
            time.sleep(0.05)
        return time.monotonic() - begin

    def wait_final(self, jobs: Sequence[str], *, timeout_s: float = CONVERGED_S) -> float:
        """Return the seconds until jobs had ended."""
        return wait_until(
            lambda: all(self.get(job).status.is_final for job in jobs), "jobs end",
            timeout_s=timeout_s,
        )  # fmt: skip

    def find_left(self, jobs: Sequence[str]) -> list[str]:
        """Name what is not over yet: jobs, GPUs, folders, processes."""
        for job_id in jobs:
            if not (job := self.get(job_id)).status.is_final:
                return [f"job {job_id} is {job.status.value}: {job.reason}"]
        left = [f"GPU {name}" for name in self.find_busy_gpus()]
        if self.worker.attempts.exists():
            left += [f"folder {path.name}" for path in self.worker.attempts.iterdir()]
        return left + [f"process {pid}: {line}" for pid, line in self.find_processes()]

    def find_busy_gpus(self) -> list[str]:
        """Return the devices that some attempt has, by the file itself."""
        path = self.server.home / "data" / "atlas.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
            found = database.execute("SELECT id FROM gpus WHERE attempt_id IS NOT NULL")
            return [row[0] for row in found]

    def find_processes(self) -> list[tuple[int, str]]:
        """Return processes that descend from the worker, but for itself and its nursery."""
        own = self.worker.process.pid if self.worker.process else 0
        mark = f"{_VARIABLE}={self.folder}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                fields = (folder / "stat").read_bytes().rpartition(b") ")[2].split()
                is_ours = mark in (folder / "environ").read_bytes().split(b"\0")
                if is_ours and int(folder.name) != own and int(fields[1]) != own:
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append((int(folder.name), f"{fields[0].decode()} {line[-80:]}"))
        return found

    def stop(self) -> None:
        self.disarm()
        for process in (self.server.process, self.worker.process):
            if process is not None:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
        self.kill_worker()
        executor = ProcessExecutor(self.worker.attempts)
        for handle in executor.observe():
            clean_up(executor, handle.attempt_id, grace_s=0.1)
        for pid, _line in self.find_processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.stop()

    def _make_variables(self) -> dict[str, str]:
        return {
            "FOUNDATIONS_FAILPOINTS": f"@{self.orders}",
            "FOUNDATIONS_FAILPOINTS_LOG": str(self.places),
        }

    def _upload(self) -> str:
        code = self.folder / "code"
        code.mkdir()
        for name, text in FILES.items():
            (code / name).write_text(text, "utf-8")
        buffer = io.BytesIO()
        bundle = bundles.pack(code, buffer)
        buffer.seek(0)
        self.client.archive.put_bundle(bundle.sha256, buffer, bundle.size)
        return bundle.sha256


@contextmanager
def running_plant(folder: Path, *options: str, slots: int = 4) -> Iterator[Plant]:
    """Lend a started plant, and leave nothing of it running."""
    plant = Plant(folder, *options, slots=slots)
    try:
        plant.start()
        yield plant
    finally:
        plant.stop()
