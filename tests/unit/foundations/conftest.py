"""A job in memory that the module functions act on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations import jobs
from support.recording import Tape


@pytest.fixture
def tape(tmp_path: Path) -> Iterator[Tape]:
    """Make this process a job that records in memory, for one test."""
    lent = Tape(tmp_path)
    before = jobs.replace_current(lent.job())
    yield lent
    jobs.replace_current(before)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No job, and no warning given yet."""
    monkeypatch.setattr(jobs.present, "has_warned", False)
    before = jobs.replace_current(None)
    yield
    jobs.replace_current(before)
