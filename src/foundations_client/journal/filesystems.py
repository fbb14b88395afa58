"""Whether files of a folder may be mapped into memory for writing.

What is mapped from a network file system can be lost, or end the process with a signal, when
the network fails. So only file systems are trusted that are known to be local.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Optional

_MOUNTS = Path("/proc/self/mountinfo")
_LOCAL = frozenset({
    "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "bcachefs", "tmpfs", "ramfs",
    "overlay",
})  # fmt: skip
_ESCAPE = re.compile(r"\\([0-7]{3})")


def is_mappable(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether the folder lies on a local file system; when in doubt, it does not."""
    if sys.platform != "linux":
        return False
    try:
        text = mounts.read_text("utf-8", "surrogateescape")
    except OSError:
        return False
    return find_kind(os.path.realpath(folder), text) in _LOCAL


def find_kind(folder: str, mounts: str) -> Optional[str]:
    """Return the kind of file system of a folder, by the lines of a `mountinfo`."""
    longest, kind = -1, None
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) < 5 or not after:
            continue
        place = _ESCAPE.sub(lambda found: chr(int(found.group(1), 8)), fields[4])
        inside = place in ("/", folder) or folder.startswith(f"{place}/")
        if inside and len(place) >= longest:  # of two at one place the later one covers
            longest, kind = len(place), after.split(" ")[0]
    return kind
