"""Builds the default image for jobs: `python -m foundations_worker.worker_image`.

A program of its own, because `atlas-server worker-image build` starts it: the server's side
imports neither this package nor the engine's client.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from foundations_worker.executors.docker.engine import Engine
from foundations_worker.executors.docker_settings import DEFAULT_IMAGE

_HERE = Path(__file__).resolve().parent
# Beside this file in an installed package, in `worker/` of a source tree.
_PLACES = (_HERE / "image", _HERE.parents[1] / "worker")


def main(arguments: Sequence[str]) -> int:
    """Build the image, telling the engine's progress; return the exit status."""
    parser = argparse.ArgumentParser(prog="atlas-server worker-image build")
    parser.add_argument("--base", help="image to build on; it has Python 3.9 or newer and pip")
    parser.add_argument("--tag", default=DEFAULT_IMAGE, help="name of the image")
    parser.add_argument("--packages", help="what pip installs, in place of the usual")
    parser.add_argument("--pip-arguments", help="for pip, such as --index-url")
    parser.add_argument("--docker-host", help="the engine's address (default: DOCKER_HOST)")
    read = parser.parse_args(arguments)
    given = {"BASE": read.base, "PACKAGES": read.packages, "PIP_ARGUMENTS": read.pip_arguments}
    folder = _find_folder()
    if folder is None:
        return _fail("The Dockerfile of the worker's image is missing from this installation.")
    try:
        arguments_of_build = {name: value for name, value in given.items() if value is not None}
        for line in Engine(read.docker_host).build(folder, read.tag, arguments_of_build):
            if "error" in line:
                return _fail(f"The image could not be built: {line['error']}")
            sys.stdout.write(line.get("stream") or "")
            sys.stdout.flush()
    except OSError as error:
        return _fail(f"The image could not be built: {error}")
    print(f"Jobs that name no image run in {read.tag}.")  # noqa: T201 - a command answers
    return 0


def _find_folder() -> Path | None:
    return next((place for place in _PLACES if (place / "Dockerfile").is_file()), None)


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 - a command's last word
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
