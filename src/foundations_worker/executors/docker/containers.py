"""What a container is made of: the engine's own words, with the limits that hold for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from foundations_worker.executors.base import Mount
from foundations_worker.executors.docker.engine import EngineFacts
from foundations_worker.executors.docker_settings import DockerSettings

INSTALL_LABEL = "atlas.install"
ATTEMPT_LABEL = "atlas.attempt"
JOB_LABEL = "atlas.job"

_GB = 1_000_000_000
_SHARE_OF_MEMORY = 0.9
_LEAST_MEMORY = 6 << 20  # the engine's own floor
_LOG = {"Type": "local", "Config": {"max-size": "20m", "max-file": "3"}}
# Ids of devices that were declared and do not exist.
_DECLARED = "fake-"


@dataclass(frozen=True)
class Wish:
    """What differs between containers."""

    image: str
    argv: Sequence[str]
    labels: dict[str, str]
    mounts: Sequence[Mount]
    gpus: Sequence[str] = ()
    cpus: float | None = None
    ram_gb: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: str = "/"


def spell(wish: Wish, settings: DockerSettings, facts: EngineFacts) -> dict[str, Any]:
    """Return the body of the engine's request to make a container.

    A job's variables are not in it but in the guard's launch file, so that whoever may inspect
    containers cannot read them.
    """
    user, group = settings.user
    gpus = ",".join(wish.gpus) or "void"  # an image may ask for all of them
    variables = {**wish.environment, "NVIDIA_VISIBLE_DEVICES": gpus}
    return {
        "Image": wish.image,
        "User": f"{user}:{group}",
        "WorkingDir": wish.folder,
        "Entrypoint": list(wish.argv),
        "Cmd": [],
        "Env": [f"{name}={value}" for name, value in variables.items()],
        "Labels": wish.labels,
        "StopSignal": "SIGTERM",
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {**_confine(settings), **_limit(wish, settings, facts)},
    }


def _confine(settings: DockerSettings) -> dict[str, Any]:
    return {
        "NetworkMode": settings.network,
        "RestartPolicy": {"Name": "no"},
        "AutoRemove": False,  # it would take the exit code along
        "Init": True,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "ReadonlyRootfs": True,
        "IpcMode": "private",
        "ShmSize": int(settings.shm_gb * _GB),
        "PidsLimit": settings.pids,
        "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
        "LogConfig": _LOG,
    }


def _limit(wish: Wish, settings: DockerSettings, facts: EngineFacts) -> dict[str, Any]:
    memory = max(_memory(wish, settings, facts), _LEAST_MEMORY)
    limits: dict[str, Any] = {
        "Memory": memory,
        "MemorySwap": memory,  # the sum of both: no swap
        "Mounts": [_spell_mount(mount) for mount in wish.mounts],
    }
    if wish.cpus:
        limits["NanoCpus"] = int(min(wish.cpus, facts.cpus) * 1e9)
    devices = [gpu for gpu in wish.gpus if not gpu.startswith(_DECLARED)]
    if devices:
        limits["DeviceRequests"] = [_request(devices, settings.gpu_driver)]
    return limits


def _memory(wish: Wish, settings: DockerSettings, facts: EngineFacts) -> int:
    asked = wish.ram_gb or settings.ram_gb
    return int(asked * _GB) if asked else int(facts.memory_bytes * _SHARE_OF_MEMORY)


def _spell_mount(mount: Mount) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": str(mount.source),
        "Target": mount.target,
        "ReadOnly": not mount.is_writable,
    }


def _request(devices: list[str], driver: str) -> dict[str, Any]:
    if driver == "cdi":
        names = [device if "=" in device else f"nvidia.com/gpu={device}" for device in devices]
        return {"Driver": "cdi", "DeviceIDs": names}
    return {"DeviceIDs": devices, "Capabilities": [["gpu"]]}
