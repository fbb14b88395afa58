"""NVIDIA's GPUs as the driver's library tells of them. The only file that loads it."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from typing import Any

from foundations_wire.workers import Device

_LOG = logging.getLogger(__name__)


class NvmlGpus:
    """See GpuProvider. Devices are known by the driver's UUID."""

    def __init__(self, library: Any, visible: Sequence[str] | None) -> None:
        """Take the library, initialised, and what CUDA_VISIBLE_DEVICES names; None: all.

        Numbers in it are meant in the order of the bus, as with CUDA_DEVICE_ORDER=PCI_BUS_ID.
        """
        self._nvml = library
        found = [self._describe(number) for number in range(library.nvmlDeviceGetCount())]
        self._devices = found if visible is None else _pick(found, visible)

    def list_devices(self) -> list[Device]:
        return list(self._devices)

    def probe(self, device_id: str) -> str | None:
        try:
            self._nvml.nvmlDeviceGetMemoryInfo(self._find(device_id))
        except self._nvml.NVMLError as error:
            return f"the driver says: {error}"
        return None

    def list_processes(self, device_id: str) -> list[int]:
        try:
            found = self._nvml.nvmlDeviceGetComputeRunningProcesses(self._find(device_id))
        except self._nvml.NVMLError:
            return []  # whether the device is well is for `probe` to tell
        return [process.pid for process in found]

    def _find(self, device_id: str) -> Any:
        return self._nvml.nvmlDeviceGetHandleByUUID(device_id)

    def _describe(self, number: int) -> Device:
        handle = self._nvml.nvmlDeviceGetHandleByIndex(number)
        return Device(
            _as_text(self._nvml.nvmlDeviceGetUUID(handle)),
            _as_text(self._nvml.nvmlDeviceGetName(handle)),
            int(self._nvml.nvmlDeviceGetMemoryInfo(handle).total),
        )


def load(visible: Sequence[str] | None) -> NvmlGpus | None:
    """Return NVIDIA's GPUs, or None where there is no driver or no library for it."""
    try:
        library = importlib.import_module("pynvml")
    except ImportError:
        return None
    try:
        library.nvmlInit()
        return NvmlGpus(library, visible)
    except library.NVMLError as error:
        _LOG.debug("No GPUs by the driver: %s", error)
        return None


def _pick(devices: list[Device], visible: Sequence[str]) -> list[Device]:
    picked: list[Device] = []
    for name in visible:
        if name.isdecimal():
            picked += devices[int(name) : int(name) + 1]
        else:
            picked += [device for device in devices if device.id.startswith(name)]
    return list(dict.fromkeys(picked))


def _as_text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
