"""GPUs that do not exist: declared ones for simulation, and a script for what befalls them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foundations_wire.workers import Device


class FakeGpus:
    """See GpuProvider. A test sets `problems` and `processes` by device id."""

    def __init__(self, ids: Sequence[str]) -> None:
        """Take the ids of devices that are well and that nobody uses."""
        self._devices = [Device(device_id, "declared") for device_id in ids]
        self.problems: dict[str, str] = {}
        self.processes: dict[str, list[int]] = {}

    def list_devices(self) -> list[Device]:
        return list(self._devices)

    def probe(self, device_id: str) -> str | None:
        return self.problems.get(device_id)

    def list_processes(self, device_id: str) -> list[int]:
        return self.processes.get(device_id, [])


class DeclaredGpus:
    """See GpuProvider. So many devices as were declared, called `fake-0` and so on.

    They prove the bookkeeping only: no job computes on them. A file, when it is there, says
    what befalls them: `{"fake-0": {"problem": "fell off the bus", "processes": [17]}}`.
    """

    def __init__(self, count: int, script: Path) -> None:
        """Take how many there are, and the file."""
        self._count = count
        self._script = script

    def list_devices(self) -> list[Device]:
        return [Device(f"fake-{number}", "declared") for number in range(self._count)]

    def probe(self, device_id: str) -> str | None:
        problem = self._read(device_id).get("problem")
        return None if problem is None else str(problem)

    def list_processes(self, device_id: str) -> list[int]:
        return [int(pid) for pid in self._read(device_id).get("processes", [])]

    def _read(self, device_id: str) -> dict[str, Any]:
        try:
            script = json.loads(self._script.read_text("utf-8"))
        except (FileNotFoundError, ValueError):  # none, or one that is being written
            return {}
        found = script.get(device_id, {})
        return found if isinstance(found, dict) else {}
