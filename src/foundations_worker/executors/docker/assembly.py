"""Builds what a Docker worker works with from what its operator said."""

from __future__ import annotations

from foundations_worker.executors.docker import places
from foundations_worker.executors.docker.door import Door
from foundations_worker.executors.docker.engine import Engine
from foundations_worker.executors.docker.executor import DockerExecutor
from foundations_worker.executors.docker.images import Images
from foundations_worker.executors.docker.layers import Layers
from foundations_worker.executors.docker.preparation import DockerPreparer, Equipment
from foundations_worker.executors.docker_settings import DockerSettings
from foundations_worker.paths import WorkerPaths
from foundations_worker.sdk import SdkFolders


def assemble(
    settings: DockerSettings, paths: WorkerPaths, install: str, sdk: SdkFolders, server: str
) -> tuple[DockerExecutor, DockerPreparer]:
    """Return executor and preparer, and open the door through which jobs reach the server.

    `install` is the worker's id: its containers bear it, and it touches no others.

    Raises:
        OSError: the door cannot be opened.
    """
    engine = Engine(settings.engine)
    door = paths.root / "door" / places.SOCKET
    Door(door, server).open()
    packages = {link.name: link.resolve() for link in sdk.packages.iterdir()}
    equipment = Equipment(packages, door.parent)
    layers = Layers(paths.root / "layers", install, settings, engine)
    images = Images(engine, settings)
    executor = DockerExecutor(paths.attempts, install, settings, engine)
    return executor, DockerPreparer(settings, images, layers, equipment)
