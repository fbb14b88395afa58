"""The worker's own lines in a job's log."""

from __future__ import annotations

import logging
import os
from pathlib import Path

_LOG = logging.getLogger(__name__)
PREFIX = "[atlas] "


class JobLog:
    """Appends lines to the file into which the job prints. One writer at a time."""

    def __init__(self, path: Path) -> None:
        """Take the file; it is made with the first line."""
        self.path = path

    def say(self, sentence: str) -> None:
        """Add a line, on a line of its own whatever the job printed last.

        On a full disk the line is lost: no job shall fail for a word about it.
        """
        try:
            self._append(sentence)
        except OSError as error:
            _LOG.warning("%s lacks a line (%s): %s", self.path, error, sentence)

    def _append(self, sentence: str) -> None:
        with self.path.open("ab+") as file:
            is_broken = False
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                is_broken = file.read(1) != b"\n"
            start = "\n" if is_broken else ""
            file.write(f"{start}{PREFIX}{sentence}\n".encode("utf-8", "replace"))

    def read(self, since: int) -> bytes:
        """Return what the file holds from byte `since` on; nothing when there is none."""
        try:
            with self.path.open("rb") as file:
                file.seek(since)
                return file.read()
        except FileNotFoundError:
            return b""
