"""A job whose events stay in memory, for tests of what the SDK records."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundations import jobs
from foundations.delivery import Delivery
from foundations.recording import Channel, Recorder
from foundations_client.journal import MemoryJournal
from foundations_client.staging import Staging
from support.journals import read_events


@dataclass
class Tape:
    """The events that a job recorded, and the files it staged under `folder`."""

    folder: Path
    journal: MemoryJournal = field(default_factory=MemoryJournal)

    def open(self, _job_id: str) -> Channel:
        """Open a channel whose delivery never starts."""
        staging = Staging(self.folder / "blobs")
        return Channel(self.journal, staging, Delivery(lambda: True), None)

    def job(self, project: str = "birds") -> jobs.Job:
        """Return a job that records on this tape."""
        return jobs.Job("job-1", project, Recorder("job-1", self.open))

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events so far, without their times."""
        events = read_events(self.journal)
        return [{k: v for k, v in event.items() if k != "at"} for event in events]
