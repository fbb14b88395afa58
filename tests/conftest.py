"""What every test gets: a home of its own and an environment without Atlas's variables."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.docker import Engine, lent_engine

# A suite started in the background of a shell inherits that Ctrl-C is ignored, and so would
# every program that a test starts and then interrupts. The same goes for hangups.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the developer's settings or writes into the developer's home."""
    for name in list(os.environ):
        if name.startswith("FOUNDATIONS_") or name in ("PROJECT_NAME", "DISABLE_LOG_STREAMING"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FOUNDATIONS_HOME", str(tmp_path / "foundations-home"))


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[Engine]:
    """A container engine with the base image, for all tests of a process."""
    with lent_engine() as engine:
        yield engine


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Close with one list of what did not run and why."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.getreports("skipped"):
        if isinstance(report.longrepr, tuple):
            reason = str(report.longrepr[2]).removeprefix("Skipped: ")
            reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("not run on this machine")
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count:4} {reason}")
