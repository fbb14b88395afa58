"""What a job leaves: processes that its guard could not end, and its folder."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
from pathlib import Path

_LOG = logging.getLogger(__name__)
_MARK = "FOUNDATIONS_JOB_OWNER"


def end(attempt_id: str) -> bool:
    """Kill what carries the attempt's mark in its environment; return whether any is left."""
    found = False
    mark = f"{_MARK}=attempt:{attempt_id}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        if _is_marked(folder, mark):
            found = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(int(folder.name), signal.SIGKILL)
    return found


def _is_marked(folder: Path, mark: bytes) -> bool:
    try:
        variables = (folder / "environ").read_bytes().split(b"\0")
    except OSError:  # gone, or of another user
        return False
    # The first process adds its own number to what its children get.
    return any(item == mark or item.startswith(mark + b",") for item in variables)


def remove_folder(folder: Path) -> None:
    """Remove the folder of an ended attempt, as far as that is possible."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        _LOG.warning("%s could not be removed entirely", folder)
