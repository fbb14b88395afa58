"""What this machine has for jobs: CPUs, memory, GPUs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from foundations_wire.workers import Device
from foundations_worker.gpus import nvml
from foundations_worker.gpus.base import GpuProvider
from foundations_worker.gpus.fake import DeclaredGpus
from foundations_worker.gpus.named import NamedGpus

_CGROUPS = Path("/sys/fs/cgroup")
_GB = 1_000_000_000
_VISIBLE = "CUDA_VISIBLE_DEVICES"
_NO_GPU = ("", "-1", "void", "none", "NoDevFiles")


@dataclass(frozen=True)
class Inventory:
    """What jobs may use together."""

    cpus: float
    ram_gb: float
    gpus: list[Device]


def take(gpus: GpuProvider, cpus: float | None = None, ram_gb: float | None = None) -> Inventory:
    """Count what there is; what is named instead counts as it is."""
    return Inventory(
        cpus=count_cpus() if cpus is None else cpus,
        ram_gb=measure_ram() if ram_gb is None else ram_gb,
        gpus=gpus.list_devices(),
    )


def count_cpus(cgroups: Path = _CGROUPS) -> float:
    """Return the CPUs that this process may use, less when its control group allows less."""
    usable = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0)
    usable = usable or float(os.cpu_count() or 1)
    quota = _read_quota(cgroups)
    return usable if quota is None else round(min(usable, quota), 2)


def measure_ram(cgroups: Path = _CGROUPS) -> float:
    """Return the machine's memory in GB, less when our control group allows less."""
    limits = [int(psutil.virtual_memory().total)]
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        text = _read(cgroups / name)
        if text.isdecimal():
            limits.append(int(text))
    return round(min(limits) / _GB, 2)


def find_gpus(
    declared: int | None, script: Path, environment: Mapping[str, str] = os.environ
) -> GpuProvider:
    """Return who knows the GPUs: those declared, else the driver's, else those that are named.

    CUDA_VISIBLE_DEVICES keeps the worker to some of the machine's; where there is no library
    to ask the driver with, it is also how they are known.
    """
    if declared is not None:
        return DeclaredGpus(declared, script)
    visible = _read_visible(environment)
    return nvml.load(visible) or NamedGpus(visible or [])


def _read_visible(environment: Mapping[str, str]) -> list[str] | None:
    text = environment.get(_VISIBLE)
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    return [name for name in names if name not in _NO_GPU]


def _read_quota(cgroups: Path) -> float | None:
    quota, _, period = _read(cgroups / "cpu.max").partition(" ")
    if not quota:
        quota = _read(cgroups / "cpu" / "cpu.cfs_quota_us")
        period = _read(cgroups / "cpu" / "cpu.cfs_period_us")
    if not quota.isdecimal() or not period.isdecimal() or not int(period):
        return None  # `max`, -1, or no control groups
    return int(quota) / int(period)


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except OSError:
        return ""
