"""The worker's own lines in a job's log."""

from __future__ import annotations

import os
from pathlib import Path

PREFIX = "[atlas] "


class JobLog:
    """Appends lines to the file into which the job prints. One writer at a time."""

    def __init__(self, path: Path) -> None:
        """Take the file; it is made with the first line."""
        self.path = path

    def say(self, sentence: str) -> None:
        """Add a line, on a line of its own whatever the job printed last."""
        with self.path.open("ab+") as file:
            is_broken = False
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                is_broken = file.read(1) != b"\n"
            start = "\n" if is_broken else ""
            file.write(f"{start}{PREFIX}{sentence}\n".encode("utf-8", "replace"))
