"""Unix sockets at paths of any length, and the addresses that name them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

SCHEME = "unix://"
# What the address of a socket can hold, its final zero included; macOS has the least.
_MOST_BYTES = 104 if sys.platform == "darwin" else 108


def find_path(server: str) -> Optional[Path]:
    """Return the path in `unix:///run/atlas.sock`; None when it is no such address."""
    path = Path(server[len(SCHEME) :]) if server.lower().startswith(SCHEME) else None
    return path if path is not None and path.is_absolute() and path.name else None


@contextlib.contextmanager
def within_reach(path: Path) -> Iterator[str]:
    """Lend a name for a socket's path that fits into an address, for `bind` and `connect`.

    A path of 108 bytes or more is named through a descriptor of its folder, which Linux can.

    Raises:
        OSError: the folder cannot be opened, or the path is too long for this system.
    """
    if len(os.fsencode(path)) < _MOST_BYTES:
        yield str(path)
        return
    if not os.path.isdir("/proc/self/fd"):  # noqa: PTH112 - one question, asked of the system
        raise OSError(f"the path has more than {_MOST_BYTES - 1} bytes")
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
