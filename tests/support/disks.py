"""A small disk of its own, to be filled; needs root."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.programs import require_program


@dataclass(frozen=True)
class SmallDisk:
    folder: Path

    @property
    def ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Leave not one byte of room."""
        with contextlib.suppress(OSError), self.ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)

    def free(self) -> None:
        self.ballast.unlink()


@contextmanager
def lent_disk(folder: Path, size: str) -> Iterator[SmallDisk]:
    """Lend a disk of a size such as `24m`; skip the test where none can be mounted."""
    if os.geteuid() != 0:
        pytest.skip("needs root, for a small disk")
    require_program("mount")
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
