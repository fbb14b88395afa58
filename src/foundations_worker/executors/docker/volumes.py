"""Folders of the machine for jobs, as far as its operator lends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from foundations_worker.executors.base import Mount, RequestRefused
from foundations_worker.executors.docker_settings import Volume

_OURS = ("/atlas", "/job", "/proc", "/sys", "/dev")


def choose(asked: Mapping[str, Any], lent: Sequence[Volume]) -> list[Mount]:
    """Return the mounts of `{"/data": {"bind": "/d", "mode": "ro"}}` or `{"/data": "/d:ro"}`.

    A link is what it leads to: one out of the lent folders is refused.

    Raises:
        RequestRefused: a folder that is not lent, or not in this way.
    """
    return [_choose(source, *_read(source, how), lent) for source, how in asked.items()]


def _read(source: str, how: Any) -> tuple[str, str]:
    if isinstance(how, str):
        target, _, mode = how.partition(":")
    elif isinstance(how, Mapping) and isinstance(how.get("bind"), str):
        target, mode = how["bind"], how.get("mode", "rw")
    else:
        raise RequestRefused(
            f"volume {source}: write the path inside the container, or bind and mode"
        )
    mode = mode or "rw"
    if mode not in ("ro", "rw"):
        raise RequestRefused(f"volume {source}: mode is ro or rw, not {mode}")
    return target, mode


def _choose(source: str, target: str, mode: str, lent: Sequence[Volume]) -> Mount:
    if not source.startswith("/") or not target.startswith("/"):
        raise RequestRefused(f"volume {source}: both paths begin with /")
    inside = Path(target)
    taken = any(inside == Path(own) or inside.is_relative_to(own) for own in _OURS)
    if ".." in inside.parts or inside == Path("/") or taken:
        raise RequestRefused(f"volume {source}: {target} cannot be mounted over")
    try:
        folder = Path(source).resolve(strict=True)
    except OSError as error:
        raise RequestRefused(f"volume {source} does not exist on the worker") from error
    holders = [volume for volume in lent if folder.is_relative_to(volume.folder)]
    if not holders:
        allowed = ", ".join(str(volume.folder) for volume in lent) or "none"
        raise RequestRefused(f"volume {source} is not allowed here; allowed: {allowed}")
    is_writable = mode == "rw"
    nearest = max(holders, key=lambda volume: len(volume.folder.parts))
    if is_writable and not nearest.is_writable:
        raise RequestRefused(f"volume {source} may only be mounted read-only (mode ro)")
    return Mount(folder, target, is_writable)
