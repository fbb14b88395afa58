"""Moments on disk that no change of the clock and no restart of the worker falsifies."""

from __future__ import annotations

import json
import time
from pathlib import Path

from foundations_worker.guard import read_boot_id

# Goes on while the machine sleeps, and knows nothing of what time people say it is.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def write(path: Path, **facts: str) -> None:
    """Write now into a file, with a few facts beside it.

    Raises:
        OSError: it cannot be written.
    """
    write_json(path, {**facts, "boot": read_boot_id(), "at": time.clock_gettime(_CLOCK)})


def write_json(path: Path, data: object) -> None:
    """Write a file that other processes see whole or not at all."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(data), "ascii")
    unfinished.replace(path)


def read_age(path: Path) -> float | None:
    """Return how many seconds ago that was; None without a file or since another boot."""
    try:
        moment = json.loads(path.read_text("ascii"))
        if moment["boot"] != read_boot_id():
            return None
        return time.clock_gettime(_CLOCK) - float(moment["at"])
    except (OSError, ValueError, KeyError):
        return None
