"""From an unpacked job folder to a command that runs in a container."""

from __future__ import annotations

import posixpath
import threading
from dataclasses import dataclass
from pathlib import Path

from foundations_wire.failpoints import reach
from foundations_wire.jobs import JobSpec
from foundations_wire.workers import Lease
from foundations_worker import job_environment
from foundations_worker.executors.base import Launch, Mount, RequestRefused
from foundations_worker.executors.docker import places, records, volumes
from foundations_worker.executors.docker.engine import Image
from foundations_worker.executors.docker.images import Images
from foundations_worker.executors.docker.layers import Layers
from foundations_worker.executors.docker.places import ContainerPaths
from foundations_worker.executors.docker_settings import DockerSettings
from foundations_worker.joblog import JobLog
from foundations_worker.paths import AttemptPaths

_PYTHON = Path("python3")  # the image's own
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Equipment:
    """What every container gets: the SDK's packages, by name, and the folder of the door."""

    sdk: dict[str, Path]
    door: Path


class DockerPreparer:
    """See Preparer. Jobs get the Python and the packages of their image, and what they require."""

    def __init__(
        self, settings: DockerSettings, images: Images, layers: Layers, equipment: Equipment
    ) -> None:
        self._settings = settings
        self._images = images
        self._layers = layers
        self._equipment = equipment

    def prepare(
        self, lease: Lease, paths: AttemptPaths, log: JobLog, cancelled: threading.Event
    ) -> Launch:
        spec = lease.spec
        lent = volumes.choose(spec.volumes, self._settings.volumes)
        folder = choose_folder(spec)
        reach("dispatch.before_5_environment")
        name = spec.image or self._settings.image
        image = self._images.provide(name, spec.pull, log, cancelled)
        records.give(paths.job, self._settings.user)
        layer = self._layers.provide(image, ContainerPaths(paths), log, cancelled)
        reach("dispatch.after_5_environment")
        log.say(f"running in image {name} ({image.id.removeprefix('sha256:')[:12]})")
        return Launch(
            lease.attempt_id, job_environment.make_command(spec, _PYTHON), folder,
            make_environment(lease, image),
            job_id=lease.job_id, image=image.id, mounts=(*self._mount(paths, layer), *lent),
            gpus=tuple(lease.gpus), cpus=spec.cpus, ram_gb=spec.ram_gb,
        )  # fmt: skip

    def _mount(self, paths: AttemptPaths, layer: Path | None) -> list[Mount]:
        mounts = [
            Mount(folder, f"{places.SDK}/{package}")
            for package, folder in self._equipment.sdk.items()
        ]
        mounts.append(Mount(paths.job, places.JOB, is_writable=True))
        mounts.append(Mount(self._equipment.door, places.DOOR))
        if layer is not None:
            mounts.append(Mount(layer, places.LAYER))
        return mounts


def choose_folder(spec: JobSpec) -> Path:
    """Return where the command runs: in the job's folder, or below it, or elsewhere in the image.

    Raises:
        RequestRefused: no path.
    """
    asked = spec.working_dir or "."
    if "\0" in asked:
        raise RequestRefused("working_dir holds a zero byte")
    return Path(posixpath.normpath(posixpath.join(places.JOB, asked)))


def make_environment(lease: Lease, image: Image) -> dict[str, str]:
    """Return all variables: the image's, ours, the job's own, and those that say who it is.

    Nothing of the worker's own environment gets in.
    """
    own = job_environment.read_own(lease.spec)
    path = own.get("PATH") or image.environment.get("PATH") or _DEFAULT_PATH
    search = [places.SDK, f"{places.LAYER}/target"]
    inherited = own.get("PYTHONPATH") or image.environment.get("PYTHONPATH")
    return {
        **image.environment,
        "HOME": places.HOME,
        "PYTHONUNBUFFERED": "1",
        **own,
        "PATH": f"{places.LAYER}/bin:{path}",
        "PYTHONUSERBASE": places.LAYER,
        "PYTHONPATH": ":".join([*search, *filter(None, [inherited])]),
        **job_environment.name_gpus(lease.gpus, own),
        "FOUNDATIONS_SERVER": f"unix://{places.DOOR}/{places.SOCKET}",
        "FOUNDATIONS_HOME": f"{places.HOME}/.foundations",
        **job_environment.name_job(lease, places.JOURNAL),
    }
