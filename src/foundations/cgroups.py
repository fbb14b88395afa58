"""What a container may use: the limits of this process's control groups, versions 1 and 2.

A limit may stand at any level above the process; the smallest one counts, and its use is read
where it stands.
"""

# Text paths: reading a group has a fraction of a millisecond.
# ruff: noqa: PTH110, PTH112, PTH123

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Optional

_NO_LIMIT = 1 << 60  # version 1 says it with a number near 2^63
_NANO, _MICRO = 1e-9, 1e-6


@dataclass(frozen=True)
class Limit:
    """`amount` is in cores or bytes; `folder` is the group that sets it."""

    amount: float
    folder: str
    version: int


def find_cpu_limit(root: str = "/") -> Optional[Limit]:
    """Return how many cores' time the process may use, or None for all."""
    found = []
    for folder in _walk_up(root, "", 2):
        words = _read(folder, "cpu.max").split()
        if len(words) == 2 and words[0] != "max":
            found.append(Limit(int(words[0]) / int(words[1]), folder, 2))
    for folder in _walk_up(root, "cpu", 1):
        quota, period = _read(folder, "cpu.cfs_quota_us"), _read(folder, "cpu.cfs_period_us")
        if quota and period and int(quota) > 0:
            found.append(Limit(int(quota) / int(period), folder, 1))
    return min(found, key=lambda limit: limit.amount, default=None)


def find_memory_limit(root: str = "/") -> Optional[Limit]:
    """Return how many bytes the process may use, or None for all."""
    found = []
    for folder in _walk_up(root, "", 2):
        text = _read(folder, "memory.max")
        if text and text != "max":
            found.append(Limit(int(text), folder, 2))
    for folder in _walk_up(root, "memory", 1):
        text = _read(folder, "memory.limit_in_bytes")
        if text and int(text) < _NO_LIMIT:
            found.append(Limit(int(text), folder, 1))
    return min(found, key=lambda limit: limit.amount, default=None)


def read_cpu_seconds(limit: Limit) -> float:
    """Return the time that the group has used on all cores.

    Raises:
        OSError, ValueError: it cannot be had.
    """
    if limit.version == 2:
        return _find_line(limit.folder, "cpu.stat", "usage_usec") * _MICRO
    folder = limit.folder
    if not os.path.exists(f"{folder}/cpuacct.usage"):
        folder = folder.replace("/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpuacct", 1)
    return int(_must_read(folder, "cpuacct.usage")) * _NANO


def read_memory_bytes(limit: Limit) -> int:
    """Return what the group uses, without files that the system could drop; errors as above."""
    if limit.version == 2:
        used = int(_must_read(limit.folder, "memory.current"))
        return used - _find_line(limit.folder, "memory.stat", "inactive_file")
    used = int(_must_read(limit.folder, "memory.usage_in_bytes"))
    return used - _find_line(limit.folder, "memory.stat", "total_inactive_file")


def _walk_up(root: str, controller: str, version: int) -> Iterator[str]:
    """Yield the folders of the process's group and of those above it, as far as they are here."""
    root = root.rstrip("/")
    top = f"{root}/sys/fs/cgroup" + (f"/{controller}" if controller else "")
    # A container often sees its own group as the top, under a path of the host.
    path = _find_group(root, controller, version)
    while path is not None:
        if os.path.isdir(top + path):
            yield top + path
        if not path:
            return
        path = path.rpartition("/")[0]


def _find_group(root: str, controller: str, version: int) -> Optional[str]:
    for line in _read(f"{root}/proc/self", "cgroup").splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        if (version == 2 and not names) or (version == 1 and controller in names.split(",")):
            return path.rstrip("/")
    return None


def _read(folder: str, name: str) -> str:
    with contextlib.suppress(OSError):
        return _must_read(folder, name)
    return ""


def _must_read(folder: str, name: str) -> str:
    with open(f"{folder}/{name}", encoding="ascii") as file:
        return file.read().strip()


def _find_line(folder: str, name: str, key: str) -> int:
    for line in _must_read(folder, name).splitlines():
        word, _, number = line.partition(" ")
        if word == key:
            return int(number)
    raise ValueError(f"{folder}/{name} has no {key}")
