"""Measured programs: each measurement is a fresh process, and tells its figures as JSON lines."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
PROGRAMS = TESTS / "benchmarks" / "programs"
_TIMEOUT_S = 300.0


class ProgramFailed(Exception):
    """A measured program ended with an error, in silence, or not in time."""


@dataclass(frozen=True)
class Program:
    """A file with actions, the Python that runs it, and what it finds in its environment."""

    python: Path
    file: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def having(self, **variables: str) -> Program:
        """Return the program with more in its environment."""
        return replace(self, environment={**self.environment, **variables})

    def run(self, action: str, timeout_s: float = _TIMEOUT_S, **arguments: Any) -> Any:
        """Return the last of the JSON lines that an action printed, once it has ended."""
        with self.started(action, timeout_s, **arguments) as running:
            return running.finish()

    @contextmanager
    def started(
        self, action: str, timeout_s: float = _TIMEOUT_S, **arguments: Any
    ) -> Iterator[RunningProgram]:
        """Lend the running program, in an empty folder of its own; it is killed if it is late."""
        command = [str(self.python), str(self.file), action, json.dumps(arguments)]
        environment = {**os.environ, "PYTHONPATH": str(TESTS), **self.environment}
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as complaints:
            process = subprocess.Popen(
                command, env=environment, cwd=folder, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints,
            )  # fmt: skip
            alarm = threading.Timer(timeout_s, process.kill)
            alarm.start()
            running = RunningProgram(process, f"{self.file.name} {action}", complaints)
            try:
                yield running
            finally:
                alarm.cancel()
                running.end()


@dataclass
class RunningProgram:
    """A program that talks in JSON lines and waits for lines of ours."""

    process: subprocess.Popen[str]
    name: str
    complaints: Any

    def read(self) -> Any:
        """Return the next JSON line; what libraries print between them is passed over."""
        for line in self._stdout():
            answer = parse(line)
            if answer is not None:
                return answer
        raise self._fail()

    def go_on(self) -> None:
        if self.process.stdin is None:
            raise ProgramFailed(f"{self.name} has no standard input")
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise self._fail() from error

    def finish(self) -> Any:
        """Return the last JSON line, after the program has ended well."""
        answers = [answer for line in self._stdout() if (answer := parse(line)) is not None]
        if self.process.wait() != 0 or not answers:
            raise self._fail()
        return answers[-1]

    def end(self) -> None:
        """See to it that nothing is left running."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _stdout(self) -> Iterator[str]:
        if self.process.stdout is None:
            raise ProgramFailed(f"{self.name} has no standard output")
        yield from iter(self.process.stdout.readline, "")

    def _fail(self) -> ProgramFailed:
        status = self.process.wait()
        self.complaints.seek(0)
        text = self.complaints.read()[-2000:].strip()
        return ProgramFailed(f"{self.name} ended with status {status}: {text}")


def parse(line: str) -> dict[str, Any] | None:
    """Return the object that a line of JSON holds; None for all else that programs print."""
    try:
        answer = json.loads(line)
    except json.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None
