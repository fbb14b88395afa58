"""Installs a job's requirements.txt inside its image; runs there, with Python 3.9 or newer.

`python3 installer.py <requirements> <layer> <log>`, with PYTHONUSERBASE=<layer>. What the
image has already is not installed again. An image without pip uses the worker's.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import site
import sys

_PIP = "/atlas/worker-pip"


def main(requirements: str, layer: str, log: str) -> None:
    printed = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    # Where there is room: what is in /tmp of a container may count as its memory.
    os.environ["TMPDIR"] = temporary = os.path.join(layer, ".tmp")  # noqa: PTH118 - few imports
    os.makedirs(temporary, exist_ok=True)  # noqa: PTH103
    if importlib.util.find_spec("pip") is None:
        sys.path.append(_PIP)
    if importlib.util.find_spec("pip") is None:
        sys.exit("[atlas] neither the image nor the worker has pip")
    # Marked by Debian and others as theirs; what we write is in the job's own layer.
    os.environ["PIP_BREAK_SYSTEM_PACKAGES"] = "1"
    # The programs that pip starts see the user's packages only where site lets them.
    target = ["--user"] if _has_user_site() else ["--target", f"{layer}/target"]
    options = ["--disable-pip-version-check", "--no-cache-dir", "--no-warn-script-location"]
    sys.argv = ["pip", "install", *options, *target, "-r", requirements]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


def _has_user_site() -> bool:
    """Whether packages of the user are looked for: not in most virtual environments."""
    if sys.prefix == sys.base_prefix:
        return True
    try:
        with open(f"{sys.prefix}/pyvenv.cfg", encoding="utf-8") as file:  # noqa: PTH123
            text = file.read().replace(" ", "").lower()
    except OSError:
        return False
    return "include-system-site-packages=true" in text and site.ENABLE_USER_SITE is not False


if __name__ == "__main__":
    main(*sys.argv[1:])
