"""Processes of a job that its guard could not end, because it was killed itself."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

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
