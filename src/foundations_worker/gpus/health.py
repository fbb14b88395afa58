"""Which GPUs must not be offered: looked at after each job and while they are idle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence

from foundations_worker.gpus.base import GpuProvider

# The driver may still list a process for a moment after its end.
_TRIES = 5
_PAUSE_S = 0.2


class GpuHealth:
    """Remembers which devices are sick, so that a recovery can be told.

    **Thread safety**: any thread may call.
    """

    def __init__(self, provider: GpuProvider, pause: Callable[[float], None] = time.sleep) -> None:
        self._provider = provider
        self._pause = pause
        self._lock = threading.Lock()
        # None: not looked at yet. The server may know of a problem from an earlier worker.
        self._known: dict[str, str | None] = {}

    def check_after_job(self, devices: Sequence[str]) -> dict[str, str]:
        """Return what is wrong with the devices of a job whose processes are gone."""
        sick = {}
        for device in devices:
            problem = self._look_patiently(device)
            if problem is not None:
                sick[device] = problem
        with self._lock:
            self._known.update(sick)
        return sick

    def mark(self, devices: Sequence[str], problem: str) -> dict[str, str]:
        """Call devices sick because something unkillable holds them."""
        marked = dict.fromkeys(devices, problem)
        with self._lock:
            self._known.update(marked)
        return marked

    def check_idle(self, busy: Collection[str]) -> tuple[dict[str, str], list[str]]:
        """Return what is wrong with the devices that no job uses, and which are well again.

        The first time, all that are well are named: an earlier worker may have said otherwise.
        """
        sick, well = {}, []
        for device in self._provider.list_devices():
            if device.id in busy:
                continue
            problem = self._look(device.id)
            with self._lock:
                was_well = self._known.get(device.id, "") is None
                self._known[device.id] = problem
            if problem is not None:
                sick[device.id] = problem
            elif not was_well:
                well.append(device.id)
        return sick, well

    def forget(self) -> None:
        """Tell everything again: the server may not have heard."""
        with self._lock:
            self._known.clear()

    def _look_patiently(self, device: str) -> str | None:
        problem = self._look(device)
        for _ in range(_TRIES - 1):
            if problem is None:
                break
            self._pause(_PAUSE_S)
            problem = self._look(device)
        return problem

    def _look(self, device: str) -> str | None:
        if (problem := self._provider.probe(device)) is not None:
            return problem
        if processes := self._provider.list_processes(device):
            named = ", ".join(map(str, processes[:5]))
            return f"process {named} of nobody here uses it"
        return None
