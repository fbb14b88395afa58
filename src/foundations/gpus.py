"""A probe of NVIDIA GPUs, through nvidia-ml-py where it is installed."""

from __future__ import annotations

import importlib
import os
from typing import Any, Callable, Optional

from foundations import reporting
from foundations.machine import Values

_LIBRARY = "libnvidia-ml.so.1"
# What the driver shows on Linux, and on Windows' subsystem for it.
_DRIVER_FILES = ("/dev/nvidiactl", "/proc/driver/nvidia", "/dev/dxg")
_VISIBLE_VARIABLE = "CUDA_VISIBLE_DEVICES"


def load_nvml() -> Optional[Any]:
    """Return the module `pynvml`, ready for questions; None without driver or module."""
    if not any(map(os.path.exists, _DRIVER_FILES)):
        return None
    import ctypes  # noqa: PLC0415 (10 ms, for machines that may have a GPU)

    try:
        ctypes.CDLL(_LIBRARY)
        nvml: Any = importlib.import_module("pynvml")
        nvml.nvmlInit()
    except Exception:  # noqa: BLE001 - the driver's own errors, which only the module knows
        reporting.trace("GPUs are not watched.")
        return None
    return nvml


class NvidiaGpus:
    """`gpu_<n>_percent` (busy), `_memory_bytes`, `_memory_percent`, `_watts`, `_celsius`.

    `n` is the number that the driver gives. With CUDA_VISIBLE_DEVICES only the GPUs named
    there. What a GPU does not tell is left out.
    """

    def __init__(self, nvml: Any, visible: Optional[str] = None) -> None:
        """Take the module, and what names the GPUs instead of CUDA_VISIBLE_DEVICES.

        Raises:
            Exception: the driver cannot be asked.
        """
        named = os.environ.get(_VISIBLE_VARIABLE) if visible is None else visible
        self._nvml = nvml
        self._handles = {
            number: handle
            for number in range(nvml.nvmlDeviceGetCount())
            for handle in [nvml.nvmlDeviceGetHandleByIndex(number)]
            if named is None or self._is_named(number, handle, named)
        }
        self._silent: set[tuple[int, str]] = set()

    def __call__(self, _now: float) -> Values:
        """See the class."""
        values: Values = {}
        for number, handle in self._handles.items():
            for name, ask in _QUESTIONS:
                values.update(self._ask(number, name, handle, ask))
        return values

    def _is_named(self, number: int, handle: Any, named: str) -> bool:
        words = [word.strip() for word in named.split(",") if word.strip()]
        if str(number) in words:
            return True
        if not any(word.startswith("GPU-") for word in words):
            return False
        uuid = self._nvml.nvmlDeviceGetUUID(handle)
        text = uuid.decode() if isinstance(uuid, bytes) else str(uuid)
        return any(word.startswith("GPU-") and text.startswith(word) for word in words)

    def _ask(
        self, number: int, name: str, handle: Any, ask: Callable[[Any, Any], Values]
    ) -> Values:
        """Return what the GPU answers; one that does not answer is not asked again."""
        if (number, name) in self._silent:
            return {}
        try:
            found = ask(self._nvml, handle)
        except Exception:  # noqa: BLE001 - the driver's own errors, which only the module knows
            self._silent.add((number, name))
            reporting.trace(f"GPU {number} does not tell its {name}.")
            return {}
        return {f"gpu_{number}_{key}": value for key, value in found.items()}


def _ask_utilisation(nvml: Any, handle: Any) -> Values:
    return {"percent": nvml.nvmlDeviceGetUtilizationRates(handle).gpu}


def _ask_memory(nvml: Any, handle: Any) -> Values:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    percent = round(100 * memory.used / memory.total, 1) if memory.total else 0.0
    return {"memory_bytes": int(memory.used), "memory_percent": percent}


def _ask_power(nvml: Any, handle: Any) -> Values:
    return {"watts": nvml.nvmlDeviceGetPowerUsage(handle) / 1000}  # it answers in milliwatts


def _ask_temperature(nvml: Any, handle: Any) -> Values:
    celsius = nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)
    return {"celsius": celsius}


_QUESTIONS: list[tuple[str, Callable[[Any, Any], Values]]] = [
    ("utilisation", _ask_utilisation),
    ("memory", _ask_memory),
    ("power", _ask_power),
    ("temperature", _ask_temperature),
]
