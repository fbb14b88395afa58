"""GPUs of which only the names are known, from CUDA_VISIBLE_DEVICES."""

from __future__ import annotations

from collections.abc import Sequence

from foundations_wire.workers import Device


class NamedGpus:
    """See GpuProvider. Without the driver's library nothing can be asked about them."""

    def __init__(self, ids: Sequence[str]) -> None:
        """Take the ids as CUDA_VISIBLE_DEVICES lists them."""
        self._ids = list(ids)

    def list_devices(self) -> list[Device]:
        return [Device(device_id) for device_id in self._ids]

    def probe(self, device_id: str) -> str | None:  # noqa: ARG002 - all are alike
        return None

    def list_processes(self, device_id: str) -> list[int]:  # noqa: ARG002 - all are alike
        return []
