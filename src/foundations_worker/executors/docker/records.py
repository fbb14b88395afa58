"""The files that a job shares with its guard. The job can write them: nothing is followed."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from foundations_worker.executors.docker import places

_MOST_BYTES = 64 << 10


def read_record(path: Path) -> dict[str, Any] | None:
    """Return a small JSON file; None when there is none that could be the guard's."""
    try:
        source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(source, "rb") as file:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            return None
        text = file.read(_MOST_BYTES)
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def give(path: Path, user: tuple[int, int]) -> None:
    """Make a file or folder, with all below it, belong to the job's user."""
    if os.geteuid() != 0:
        return
    os.chown(path, *user, follow_symlinks=False)
    if path.is_dir() and not path.is_symlink():
        for entry in _walk(path):
            os.chown(entry, *user, follow_symlinks=False)


def tame_links(folder: Path, inside: str = places.JOB) -> list[str]:
    """Take links away that lead out of a job's folder; return their names.

    Whoever archives the folder would follow them to files of this machine. A link that led
    to a file of the job by its name in the container leads to it by a relative one.
    """
    tamed = []
    root = folder.resolve()
    for entry in list(_walk(folder)):
        if not entry.is_symlink():
            continue
        target = str(entry.readlink())
        if target == inside or target.startswith(f"{inside}/"):
            here = root / target[len(inside) :].lstrip("/")
            entry.unlink()
            entry.symlink_to(os.path.relpath(here, entry.parent.resolve()))
    for entry in list(_walk(folder)):
        if entry.is_symlink() and not _is_within(entry, root):
            with contextlib.suppress(OSError):
                entry.unlink()
                tamed.append(str(entry.relative_to(folder)))
    return tamed


def _is_within(link: Path, root: Path) -> bool:
    try:
        return link.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a circle
        return False


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, followlinks=False):
        for name in (*folders, *files):
            yield Path(parent) / name
