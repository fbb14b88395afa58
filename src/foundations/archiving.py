"""The job's folder in the archive: as it was at the start and as it is at the end.

What reads a folder takes longer to import than a small program runs, so that only the
background thread does it.
"""

from __future__ import annotations

import io
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from foundations import reporting
from foundations.environment import describe_environment
from foundations.loading import load
from foundations.recording import Recorder
from foundations_client import configuration
from foundations_client.journal import journal_root
from foundations_wire.archive import ARTIFACTS, CODE
from foundations_wire.errors import TooLarge
from foundations_wire.events import Archived

if TYPE_CHECKING:
    from foundations_client.snapshots import Snapshot

_ENVIRONMENT_FILE = ".foundations/environment.txt"


class FolderArchive:
    """Copies a folder's files into the journal's staging, from where they are shipped.

    Odd files (broken links, pipes, files without permission) are left out; a folder of more
    than 500 MB is not archived, with one warning that names its largest files.
    """

    def __init__(self, recorder: Recorder, folder: Path) -> None:
        """Name the folder; nothing is read yet."""
        self._recorder = recorder
        self._folder = folder
        self._code: Optional[Snapshot] = None
        self._has_warned = False
        self._thread = threading.Thread(target=self._take_code, name="foundations-code")
        self._thread.daemon = True

    def start(self) -> None:
        """Archive the folder as `code` from a background thread."""
        self._thread.start()

    def finish(self, timeout_s: float) -> None:
        """Archive the folder as `artifacts`, if that takes no longer, `code` included."""
        until = time.monotonic() + timeout_s
        self._thread.join(timeout_s)
        taken = self._take(self._code, until)
        if taken is not None:
            self._report(ARTIFACTS, taken, [])

    def _take_code(self) -> None:
        self._code = self._take(None)
        if self._code is None:
            return
        listing = describe_environment().encode("utf-8", "replace")
        staged = self._recorder.stage(io.BytesIO(listing), _ENVIRONMENT_FILE)
        entry = {"path": _ENVIRONMENT_FILE, "mode": 0o644}
        extra = [{**entry, "sha256": staged.sha256, "size": staged.size}] if staged else []
        self._report(CODE, self._code, extra)

    def _take(
        self, previous: Optional[Snapshot], until: Optional[float] = None
    ) -> Optional[Snapshot]:
        snapshots: Any = load("foundations_client.snapshots")
        keep = self._recorder.open().staging.add
        try:
            taken: Snapshot = snapshots.take(
                self._folder,
                previous=previous,
                keep=keep,
                ignore=_own_folders(self._folder),
                until=until,
            )
        except snapshots.TookTooLong:
            self._warn(
                f"The job's folder is not archived as it is at the end: {self._folder} could not "
                f"be read in time. List what is not needed in .foundationsignore, or give it more "
                f"time with FOUNDATIONS_EXIT_SECONDS."
            )
        except TooLarge as error:
            self._warn(f"The job's folder is not archived. {error.message}")
        except OSError as error:
            self._warn(f"The job's folder cannot be archived: {error}.")
        else:
            return taken
        return None

    def _warn(self, sentence: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            reporting.warn(sentence)

    def _report(self, area: str, taken: Snapshot, extra: list[dict[str, Any]]) -> None:
        known = {entry["path"] for entry in extra}
        files = [asdict(entry) for entry in taken.entries() if entry.path not in known]
        self._recorder.record(Archived(time.time(), area, [*files, *extra]))


def _own_folders(folder: Path) -> list[str]:
    """Return ignore patterns for Atlas's own data where it lies in the job's folder."""
    own = (configuration.home(), journal_root())
    inside = [path.relative_to(folder) for path in own if folder in path.parents]
    return [f"/{path.as_posix()}/" for path in inside]
