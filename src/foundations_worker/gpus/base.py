"""The seam between the worker and what knows about GPUs."""

from __future__ import annotations

from typing import Protocol

from foundations_wire.workers import Device


class GpuProvider(Protocol):
    """Tells which devices jobs may use and how each of them is.

    **Thread safety**: any thread may call.
    """

    def list_devices(self) -> list[Device]:
        """Return the devices, the same ones in the same order as long as the worker lives."""
        ...

    def probe(self, device_id: str) -> str | None:
        """Return what is wrong with a device, in words; None when it is well."""
        ...

    def list_processes(self, device_id: str) -> list[int]:
        """Return the processes that compute on a device; none where that cannot be known."""
        ...
