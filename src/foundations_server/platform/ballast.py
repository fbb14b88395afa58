"""A file that holds nothing: removed, it gives a full disk the room to be put in order.

On a full disk even deleting jobs fails, for the database writes before it frees anything.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

BYTES = 64 << 20
_NAME = "ballast"
_SPARE_BYTES = 1 << 30  # free beside it, or it would do what it is to help against
_LOG = logging.getLogger(__name__)


def lay(data: Path) -> bool:
    """Make the file if it is not there and the disk has room; return whether it is there."""
    path = data / _NAME
    if path.exists():
        return True
    unfinished = path.with_suffix(".unfinished")
    try:
        if shutil.disk_usage(data).free < BYTES + _SPARE_BYTES:
            return False
        with unfinished.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, BYTES)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        _LOG.info("No ballast is kept in %s: %s", data, error)
        return False
    return True


def free(data: Path) -> int:
    """Remove the file; return how many bytes that freed."""
    path = data / _NAME
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size
