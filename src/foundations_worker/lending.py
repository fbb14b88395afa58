"""Folders of packages that jobs share: one builds, the others wait; the unused ones go.

A folder `x` has `x.lock`, held by whoever builds or removes it, and `x.users`, which names
the folders of the jobs that run with it. Its time is that of the last use.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundations_worker.commands import Cancelled

# Written last: a folder without it was never finished. (Building elsewhere and renaming would
# leave the old path in every script of an environment.)
READY = ".ready"
_USERS = ".users"
_LOCK_POLL_S = 0.2


@contextmanager
def locked(folder: Path, cancelled: threading.Event) -> Iterator[int]:
    """Hold the lock of a folder; it survives the worker in programs that keep it open.

    Raises:
        Cancelled: the event was set before it was free.
    """
    lock = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if cancelled.wait(_LOCK_POLL_S):
                    raise Cancelled from None
        yield lock
    finally:
        os.close(lock)


def lend(folder: Path, user: Path, most: int) -> None:
    """Note who uses a folder, whose lock is held; let go of those unused for longest.

    `most` of its neighbours stay, however long nobody used them.
    """
    users = folder.with_suffix(_USERS)
    known = [line for line in _read_lines(users) if Path(line).exists()]
    users.write_text("\n".join(dict.fromkeys([*known, str(user)])) + "\n", "utf-8")
    for old in sorted(folder.parent.glob(f"*{_USERS}"), key=_age)[most:]:
        _remove_unused(old.with_suffix(""))


def _remove_unused(folder: Path) -> None:
    """Remove a folder unless a job runs with it or somebody holds its lock.

    A job's folder is there from before it gets its packages until after it has ended.
    """
    lock = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        users = folder.with_suffix(_USERS)
        if not any(Path(line).exists() for line in _read_lines(users)):
            (folder / READY).unlink(missing_ok=True)  # half of it must not be used
            shutil.rmtree(folder, ignore_errors=True)
            users.unlink(missing_ok=True)
    except BlockingIOError:
        return
    finally:
        os.close(lock)


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []


def _age(path: Path) -> float:
    """Return a number that is smaller the later the file was written."""
    try:
        return -path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
