"""What the operator of a Docker worker decides; nothing here needs the engine."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from foundations_wire.versions import VERSION

DEFAULT_IMAGE = f"atlas-worker:{VERSION}"
# A job of a worker that runs as root; nobody in the image has to have this number.
_DEFAULT_RUN_AS = "1000:1000"


@dataclass(frozen=True)
class Volume:
    """A folder of this machine that jobs may have mounted, with everything below it."""

    folder: Path
    is_writable: bool = False


@dataclass(frozen=True)
class DockerSettings:
    """`engine` is an address such as `unix:///run/docker.sock`; None: DOCKER_HOST, or the usual.

    An empty `images` allows every image. `ram_gb` is the limit of jobs that ask for none;
    None is nine tenths of the machine.
    """

    engine: str | None = None
    image: str = DEFAULT_IMAGE
    images: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    network: str = "bridge"
    run_as: str = _DEFAULT_RUN_AS
    pids: int = 512
    ram_gb: float | None = None
    shm_gb: float = 1.0
    pull_timeout_s: float = 1800.0
    gpu_driver: str = "nvidia"

    @property
    def user(self) -> tuple[int, int]:
        """Return the user and group of jobs: the worker's own, unless that is root."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        user, _, group = self.run_as.partition(":")
        return int(user), int(group or user)

    def allows(self, image: str) -> bool:
        """Whether jobs may run in an image; patterns are those of a shell."""
        names = {image, image if ":" in image.rpartition("/")[2] else f"{image}:latest"}
        allowed = (*self.images, self.image)
        return not self.images or any(fnmatchcase(n, p) for n in names for p in allowed)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of Docker workers to a command line."""
    group = parser.add_argument_group("with --executor docker")
    group.add_argument("--docker-host", help="the engine's address (default: DOCKER_HOST)")
    group.add_argument(
        "--image", default=DEFAULT_IMAGE, help="for jobs that name none (default %(default)s)"
    )
    group.add_argument(
        "--images", default="", help="allowed images, as a,b/*; empty allows every image"
    )
    group.add_argument(
        "--volumes",
        type=parse_volumes,
        default=(),
        help="folders that jobs may mount, as /data:ro,/scratch:rw",
    )
    group.add_argument(
        "--network", type=_parse_network, default="bridge", help="bridge, none, or a network"
    )
    group.add_argument(
        "--run-as",
        type=_parse_user,
        default=_DEFAULT_RUN_AS,
        help="uid:gid of jobs when the worker is root (default %(default)s)",
    )
    group.add_argument("--pids", type=int, default=512, help="processes in a job (default 512)")
    group.add_argument("--job-ram", type=float, help="GB for jobs that ask for none")
    group.add_argument("--shm", type=float, default=1.0, help="GB of /dev/shm (default 1)")
    group.add_argument(
        "--pull-timeout", type=float, default=1800.0, help="seconds for an image (default 1800)"
    )
    group.add_argument(
        "--gpu-driver", choices=["nvidia", "cdi"], default="nvidia", help="how GPUs get in"
    )


def read_options(read: argparse.Namespace) -> DockerSettings:
    """Return what was said on a command line with `add_options`."""
    return DockerSettings(
        engine=read.docker_host,
        image=read.image,
        images=tuple(filter(None, (word.strip() for word in read.images.split(",")))),
        volumes=tuple(read.volumes),
        network=read.network,
        run_as=read.run_as,
        pids=read.pids,
        ram_gb=read.job_ram,
        shm_gb=read.shm,
        pull_timeout_s=read.pull_timeout,
        gpu_driver=read.gpu_driver,
    )


def parse_volumes(text: str) -> tuple[Volume, ...]:
    """Return the folders in `/data:ro,/scratch:rw`; without a mode one is read-only."""
    return tuple(_parse_volume(word.strip()) for word in text.split(",") if word.strip())


def _parse_volume(word: str) -> Volume:
    path, _, mode = word.partition(":")
    if mode not in ("", "ro", "rw"):
        raise argparse.ArgumentTypeError(f"{word}: after the colon stands ro or rw")
    if not path.startswith("/"):
        raise argparse.ArgumentTypeError(f"{word}: a volume begins with /")
    return Volume(Path(path).resolve(), mode == "rw")


def _parse_network(text: str) -> str:
    if text.startswith("container:"):
        raise argparse.ArgumentTypeError("jobs cannot share the network of another container")
    return text


def _parse_user(text: str) -> str:
    user, _, group = text.partition(":")
    if not user.isdigit() or not (group or "0").isdigit():
        raise argparse.ArgumentTypeError(f"{text}: write numbers, as 1000:1000")
    if int(user) == 0:
        raise argparse.ArgumentTypeError("jobs do not run as root")
    return text
