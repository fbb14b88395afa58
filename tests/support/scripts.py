"""User scripts as processes of their own, in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

_SOURCE = Path(__file__).resolve().parents[2] / "src"
_TIMEOUT_S = 60.0
# Another interpreter may run the scripts: the SDK promises Python 3.9 and newer.
PYTHON = os.environ.get("SCRIPT_PYTHON", sys.executable)


@dataclass(frozen=True)
class Ran:
    """How a script ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def job_id(self) -> str:
        """The id that the script printed as `job: <id>`."""
        lines = [line for line in self.out.splitlines() if line.startswith("job: ")]
        return lines[-1].removeprefix("job: ")


@dataclass(frozen=True)
class Desk:
    """A project folder of a user who has set a home and, perhaps, a server."""

    folder: Path
    home: Path
    server: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()  # a program that becomes the script's
    timeout_s: float = _TIMEOUT_S

    def write(self, name: str, source: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return path

    def run(self, *arguments: str, **environment: str) -> Ran:
        """Run `python <arguments>` in the folder to its end."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=self.timeout_s)
        return Ran(process.returncode, out, err)

    def run_source(self, source: str, **environment: str) -> Ran:
        """Run a source as `main.py`."""
        self.write("main.py", source)
        return self.run("main.py", **environment)

    def command(self, *arguments: str, **environment: str) -> Ran:
        """Run `foundations <arguments>` in the folder to its end."""
        process = self.start("-m", "foundations", *arguments, python=sys.executable, **environment)
        out, err = process.communicate(timeout=self.timeout_s)
        return Ran(process.returncode, out, err)

    def start(
        self, *arguments: str, python: str = PYTHON, **environment: str
    ) -> subprocess.Popen[str]:
        """Start `python <arguments>` in the folder."""
        return self._open([python, *arguments], environment, stdin=None)

    def start_listening(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `python <arguments>` in the folder, with a pipe for what it reads."""
        return self._open([PYTHON, *arguments], environment, stdin=subprocess.PIPE)

    def _open(
        self, command: list[str], environment: dict[str, str], *, stdin: int | None
    ) -> subprocess.Popen[str]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(
            [*self.prefix, *command],
            cwd=self.folder,
            env=self._environment(environment),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        own = {"PYTHONPATH": str(_SOURCE), "FOUNDATIONS_HOME": str(self.home)}
        if self.server:
            own["FOUNDATIONS_SERVER"] = self.server
        # Unbuffered, the lines of two threads mix; users see that only where they ask for it.
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
        return {**inherited, **own, **self.environment, **extra}
