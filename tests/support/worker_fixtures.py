"""The pair of server and worker as a fixture, with nothing left running after it."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from foundations_worker.cleaning import clean_up
from foundations_worker.executors.process import ProcessExecutor
from support.server import running_server
from support.workers import Lab, WorkerProcess


@contextmanager
def running_lab(
    folder: Path, *, slots: int = 2, variables: Mapping[str, str] | None = None
) -> Iterator[Lab]:
    """Lend a started server and a started worker, which gets these variables too."""
    with running_server(folder / "server") as server:
        worker = WorkerProcess(server.url, folder / "worker-home", slots)
        worker.variables.update(variables or {})
        lab = Lab(server, worker, folder / "jobs")
        worker.start()
        try:
            yield lab
        finally:
            lab.transport.close()
            worker.end(signal.SIGKILL)
            _stop_jobs(worker.attempts)


def _stop_jobs(attempts: Path) -> None:
    executor = ProcessExecutor(attempts)
    for handle in executor.observe():
        clean_up(executor, handle.attempt_id, grace_s=0.1)
