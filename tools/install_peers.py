"""`make bench-peers`: install what Atlas is measured against, each into an environment of its own.

They lie in .peers/<name> (git-ignored), away from Atlas's own environment. Versions are pinned
here, so that figures of two days compare. A peer that cannot be installed is told and left out:
`make bench` then skips it with a line.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".peers"
# What each environment holds. pandas is what aim and trackio need for a table of runs.
PEERS: dict[str, tuple[str, ...]] = {
    "trackio": ("trackio==0.43.0",),
    "mlflow": ("mlflow==3.17.2",),
    "wandb": ("wandb==0.31.0",),
    # tensorboard reads back what tensorboardX writes
    "tensorboardx": ("tensorboardX==2.6.5", "tensorboard==2.21.0", "setuptools<81"),
    "aim": ("aim==3.29.1", "pandas==2.3.3", "setuptools<81"),
    "clearml": ("clearml==2.1.12",),
}
DONE = "installed.json"


def main() -> int:
    """Install what is missing; return 1 when a peer could not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"some of: {', '.join(PEERS)}")
    names = parser.parse_args().names or list(PEERS)
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        parser.error(f"no such peer: {', '.join(unknown)}")
    return 1 if [name for name in names if not install(name)] else 0


def install(name: str) -> bool:
    """Return whether the peer is there as pinned, after installing it if it was not."""
    folder, wanted = FOLDER / name, list(PEERS[name])
    mark = folder / DONE
    if mark.exists() and json.loads(mark.read_text()) == wanted:
        print(f"{name}: {', '.join(wanted)} is there.")
        return True
    print(f"{name}: installing {', '.join(wanted)} …", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([*pip, "--disable-pip-version-check", *wanted], check=True)
    except subprocess.CalledProcessError as error:
        print(f"{name}: could not be installed (exit status {error.returncode}).")
        return False
    mark.write_text(json.dumps(wanted))
    return True


if __name__ == "__main__":
    sys.exit(main())
