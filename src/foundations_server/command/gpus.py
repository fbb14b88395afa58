"""How many GPUs this machine has, as far as `atlas-server start` needs to know."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess

_NO_GPU = ("", "-1", "void", "none", "NoDevFiles")


def count_gpus() -> int:
    """Return the GPUs that the driver's own program lists, or CUDA_VISIBLE_DEVICES names."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    named = None
    if visible is not None:
        named = sum(name.strip() not in _NO_GPU for name in visible.split(","))
    listed = _list_gpus()
    if listed is None:
        return named or 0
    return listed if named is None else min(listed, named)


def _list_gpus() -> int | None:
    """Return what `nvidia-smi` lists, None where there is no such program."""
    if not shutil.which("nvidia-smi"):
        return None
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        found = subprocess.run(
            ["nvidia-smi", "-L"], capture_output=True, text=True, timeout=10, check=False
        )
        return sum(line.startswith("GPU ") for line in found.stdout.splitlines())
    return None
