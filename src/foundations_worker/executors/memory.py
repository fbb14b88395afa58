"""Whether the kernel has killed something for want of memory."""

from __future__ import annotations

from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")


def count_kills(groups: Path = Path("/proc/self/cgroup"), root: Path = _CGROUPS) -> int | None:
    """Return how often that happened in this process's control group; None if it is untold."""
    try:
        lines = groups.read_text("ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        _number, controllers, path = line.split(":", 2)
        if controllers == "memory":
            file = root / "memory" / path.lstrip("/") / "memory.oom_control"
        elif not controllers:
            file = root / path.lstrip("/") / "memory.events"
        else:
            continue
        if (count := _read_count(file)) is not None:
            return count
    return None


def _read_count(file: Path) -> int | None:
    try:
        words = file.read_text("ascii").split()
    except OSError:
        return None
    facts = dict(zip(words[::2], words[1::2], strict=False))
    return int(facts["oom_kill"]) if "oom_kill" in facts else None
