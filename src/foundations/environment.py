"""What a job ran with: the Python and the packages installed in it.

`importlib.metadata` tells the same, but takes longer to import and to read through a hundred
packages than a small job runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

_HEAD_BYTES = 2048  # of a package's metadata; name and version stand at the top
_KINDS = (".dist-info", ".egg-info")


def describe_environment() -> str:
    """Return the Python version and the installed packages, a line each."""
    version = ".".join(map(str, sys.version_info[:3]))
    system = os.uname() if hasattr(os, "uname") else None
    on = f"{system.sysname}-{system.release}-{system.machine}" if system else sys.platform
    packages = {package for folder in sys.path for package in _list_packages(folder)}
    lines = [f"# Python {version} on {on}", *sorted(packages, key=str.lower)]
    return "\n".join(lines) + "\n"


def _list_packages(folder: str) -> Iterator[str]:
    try:
        names = os.listdir(folder or ".")  # noqa: PTH208 - a path object for each takes longer
    except OSError:
        return  # an archive, or a folder that is gone
    for name in names:
        if name.endswith(_KINDS):
            package = _read_package(Path(folder, name))
            if package is not None:
                yield package


def _read_package(path: Path) -> Optional[str]:
    """Return `name==version`, or None when the metadata lacks one of them."""
    for file in (path / "METADATA", path / "PKG-INFO", path):
        try:
            with file.open("rb") as opened:
                head = opened.read(_HEAD_BYTES)
        except OSError:
            continue
        lines = (line.partition(b":") for line in head.splitlines())
        found = {name.strip().lower(): value.strip() for name, _, value in reversed(list(lines))}
        if found.get(b"name") and found.get(b"version"):
            return f"{found[b'name'].decode(errors='replace')}=={found[b'version'].decode()}"
    return None
