"""The two commands as a user runs them: processes, with a home of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundations_client.client import Client
from foundations_client.following import wait_until_final
from foundations_client.transport import HttpTransport
from foundations_wire.jobs import JobView
from support.ports import find_free_port

_SOURCE = Path(__file__).resolve().parents[2] / "src"
PATIENCE_S = 90.0

Done = subprocess.CompletedProcess[str]


@dataclass
class Commands:
    """Runs `foundations` and `atlas-server` with one home, from one folder."""

    home: Path
    folder: Path
    port: int = field(default_factory=find_free_port)
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("FOUNDATIONS_")}
        own = {"PYTHONPATH": str(_SOURCE), "FOUNDATIONS_HOME": str(self.home)}
        return {**kept, **own, **self.variables}

    def atlas(self, *words: str) -> Done:
        return self._run("foundations_server", *words)

    def run(self, *words: str, folder: Path | None = None) -> Done:
        """Run `foundations …`."""
        return self._run("foundations", *words, folder=folder)

    def start(self, *words: str) -> Done:
        return self.atlas("start", "--port", str(self.port), *words)

    def read(self, *words: str) -> Any:
        """Run a `foundations` command with --json and return what it printed."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    def submit(self, *words: str) -> str:
        """Submit without waiting and return the job's id."""
        done = self.run("submit", "--no-stream-job-logs", *words)
        assert done.returncode == 0, done
        return find_job_id(done)

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Lend a client; its connection is closed at the end."""
        transport = HttpTransport(self.address)
        try:
            yield Client(transport)
        finally:
            transport.close()

    def wait(self, job_id: str) -> JobView:
        with self.client() as client:
            return wait_until_final(client, job_id, timeout_s=PATIENCE_S)

    def get(self, job_id: str) -> JobView:
        with self.client() as client:
            return client.jobs.get(job_id)

    def make_folder(self, name: str, files: dict[str, str]) -> Path:
        folder = self.folder / name
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    def popen(self, *words: str) -> subprocess.Popen[str]:
        """Start `foundations …` in a process group of its own, its output in a pipe."""
        return subprocess.Popen(
            [sys.executable, "-m", "foundations", *words],
            cwd=self.folder, env=self.environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def _run(self, module: str, *words: str, folder: Path | None = None) -> Done:
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=folder or self.folder, env=self.environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=PATIENCE_S, check=False,
        )  # fmt: skip


def find_job_id(done: Done) -> str:
    found = re.search(r"Job submitted with ID '(.+?)' in project '.+?'\.", done.stdout)
    assert found, done
    return found[1]


@contextmanager
def running_atlas(
    folder: Path, *, slots: int = 2, variables: dict[str, str] | None = None
) -> Iterator[Commands]:
    """Lend an Atlas that `atlas-server start` started; `atlas-server stop` ends it."""
    work = folder / "work"
    work.mkdir(parents=True)
    commands = Commands(folder / "home", work, variables=variables or {})
    try:
        done = commands.start("--workers", str(slots))
        assert done.returncode == 0, done
        yield commands
    finally:
        commands.atlas("stop")
