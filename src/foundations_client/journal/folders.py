"""Where journals lie and what is in their folders."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Optional

from foundations_client import configuration

if sys.platform != "win32":
    import fcntl

LOCK_FILE = "lock"
OUTPUT_FILE = "output.log"
BLOBS_FOLDER = "blobs"
REFUSED_FILE = "refused.jsonl"
STATE_FILE = "state.json"
EARLIER_FILE = "events.journal"  # of journals before there were segments
SEGMENTS = "*.journal"
DEFAULT_LIMIT = 2 << 30
_ROOT_VARIABLE = "FOUNDATIONS_JOURNAL"
LIMIT_VARIABLE = "FOUNDATIONS_JOURNAL_LIMIT"

_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(?:([KMGT])(i?))?B?\s*", re.IGNORECASE)


def journal_root() -> Path:
    """Return the folder of journals: FOUNDATIONS_JOURNAL, else `journal` in the home."""
    named = os.environ.get(_ROOT_VARIABLE)
    return Path(named).absolute() if named else configuration.home() / "journal"


def journal_limit() -> int:
    """Return how many bytes one journal may hold before its points are thinned.

    Raises:
        ValueError: FOUNDATIONS_JOURNAL_LIMIT is no size.
    """
    named = os.environ.get(LIMIT_VARIABLE)
    return parse_size(named) if named else DEFAULT_LIMIT


def parse_size(text: str) -> int:
    """Return the bytes that a text such as `500MB`, `2GiB` or `1048576` means.

    Raises:
        ValueError: it is no size.
    """
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no size; sizes look like 500MB or 2GiB.")
    number, prefix, binary = found.groups()
    power = "KMGT".index(prefix.upper()) + 1 if prefix else 0
    base = 1024 if binary else 1000
    return int(float(number) * float(base**power))


def list_folders(parent: Path) -> list[Path]:
    """Return the folders in a folder, those still being made left out, in order of names."""
    try:
        return sorted(
            path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")
        )
    except OSError:  # none was ever made, or the last one has just gone
        return []


def list_jobs(root: Path) -> list[str]:
    """Return the ids of the jobs that have journals under a root."""
    return [path.name for path in list_folders(root)]


def locate_journals(path: Path) -> tuple[Path, Optional[str]]:
    """Return the root that a path means, and the job if it means one.

    The path is a root itself, a job's folder in one, or the folder of one of its processes,
    which stands for the job: its processes' journals only make sense together.
    """
    path = path.absolute()
    if _is_process(path):
        path = path.parent
    if any(map(_is_process, list_folders(path))):
        return path.parent, path.name
    return path, None


def _is_process(path: Path) -> bool:
    return (path / LOCK_FILE).exists() or (path / EARLIER_FILE).exists()


def new_producer() -> str:
    """Return a name for this process's events that no other process has."""
    return f"{os.getpid()}-{os.urandom(6).hex()}"


def lock(descriptor: int) -> bool:
    """Lock the file for this process without waiting; return whether that worked."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_or_leave(path: Path, flags: int = os.O_RDWR) -> int:
    """Return the descriptor of a file, locked, or -1 while another process holds the lock.

    Raises:
        FileNotFoundError: it does not exist, or was removed by who held the lock.
        OSError: it cannot be opened.
    """
    descriptor = os.open(path, flags)
    is_ours = lock(descriptor)
    is_there = os.fstat(descriptor).st_nlink > 0 and path.exists()
    if is_ours and is_there:
        return descriptor
    os.close(descriptor)
    if is_ours:
        raise FileNotFoundError(path)
    return -1
