"""What the server did not take of an attempt: put where no cleaning up finds it."""

from __future__ import annotations

import logging
from pathlib import Path

from foundations_client.shipping import DrainReport
from foundations_worker.joblog import JobLog

_LOG = logging.getLogger(__name__)


class Remains:
    """Moves parts of an attempt's folder into one that is kept until the user removes it."""

    def __init__(self, folder: Path, log: JobLog) -> None:
        """Take the folder to move things into; it is made when there is something."""
        self.folder = folder
        self._log = log

    @property
    def exist(self) -> bool:
        """Whether something is kept, perhaps since before the worker was restarted."""
        return self.folder.exists()

    def keep_journal(self, journal: Path, report: DrainReport) -> None:
        """Keep a journal of which not all has arrived; say how to bring it in."""
        for problem in report.problems:
            _LOG.warning("%s", problem)
        if not (report.problems or report.refused or report.live):
            return
        if report.problems:
            why = report.problems[0]
        elif report.refused:
            why = "the server refused some of it"
        else:
            why = "a process of the job still writes it"
        self.keep(journal, f"not all that the job logged could be stored: {why}")
        self._log.say(f"to bring it in later: foundations sync {self.folder / journal.name}")

    def keep(self, path: Path, why: str) -> None:
        """Move a file or folder of the attempt; the job's log says why and where it is."""
        if not path.exists():
            return
        kept = self.folder / path.name
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.rename(kept)
        except OSError as error:
            _LOG.exception("%s could not be kept", path)
            self._log.say(f"{why}; keeping it failed too: {error}")
        else:
            _LOG.warning("%s; it is kept in %s", why, kept)
            self._log.say(f"{why}; it is kept in {kept}")
