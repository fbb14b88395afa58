"""The SDK for jobs: links to our packages, and to nothing else of the worker's."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path

from foundations_wire.versions import VERSION

_PACKAGES = ("foundations", "foundations_client", "foundations_wire")
# Not beside the packages: on PYTHONPATH it would hide the version that a job asks for.
_EXTRAS = ("yaml",)


@dataclass(frozen=True)
class SdkFolders:
    """`packages` goes first on a job's path, `extras` last on that of its own environment."""

    packages: Path
    extras: Path


def link_sdk(folder: Path) -> SdkFolders:
    """Make the folders, or bring their links up to date, and return them."""
    folders = SdkFolders(folder / VERSION, folder / "extras")
    _link(folders.packages, _PACKAGES)
    _link(folders.extras, _EXTRAS)
    return folders


def _link(folder: Path, packages: tuple[str, ...]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for package in packages:
        source = _find_package(package)
        link = folder / package
        if source is None or (link.is_symlink() and link.readlink() == source):
            continue
        unfinished = folder / f".{package}.{os.getpid()}"
        unfinished.unlink(missing_ok=True)
        unfinished.symlink_to(source)
        unfinished.replace(link)


def _find_package(name: str) -> Path | None:
    """Return a package's folder without importing it: importing `foundations` makes a job."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))).resolve()
