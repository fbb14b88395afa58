"""An executor that runs nothing: it plays a script, at once."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from foundations_worker.executors.base import Condition, Exit, Handle, Launch


@dataclass(frozen=True)
class Scene:
    """What one attempt does: it prints, then ends, or runs until it is told to stop.

    `at_term` is how it answers the request to end; None means that it must be killed. What
    `cannot_be_killed` runs on even then, as a process does that waits for a broken device.
    """

    output: bytes = b""
    end: Exit | None = field(default_factory=lambda: Exit(code=0))
    at_term: Exit | None = field(default_factory=lambda: Exit(signal=15))
    cannot_be_killed: bool = False


class FakeExecutor:
    """See Executor. `launches` are those that were started, `problem` is its trouble."""

    name = "fake"

    def __init__(
        self, scenes: Mapping[str, Scene] | None = None, attempts: Path | None = None
    ) -> None:
        """Take a scene for each attempt id; attempts without one complete at once.

        Of a folder that holds one folder for each attempt, those removed are removed.
        """
        self._attempts = attempts
        self.launches: list[Launch] = []
        self.problem: str | None = None
        self._scenes = dict(scenes or {})
        self._running: dict[str, Scene] = {}
        self._ended: dict[str, Exit] = {}
        self._output: dict[str, bytes] = {}
        self._changed = threading.Condition()

    def trouble(self) -> str | None:
        return self.problem

    def start(self, launch: Launch) -> Handle:
        with self._changed:
            if launch.attempt_id not in self._output:
                self.launches.append(launch)
                self._play(launch.attempt_id)
        return Handle(self.name, launch.attempt_id)

    def recover(self, attempt_id: str) -> tuple[Handle, Condition]:
        with self._changed:
            return Handle(self.name, attempt_id), self._look(attempt_id)

    def observe(self) -> list[Handle]:
        with self._changed:
            return [Handle(self.name, attempt_id) for attempt_id in sorted(self._output)]

    def wait(self, handle: Handle, timeout_s: float) -> Exit | None:
        with self._changed:
            self._changed.wait_for(lambda: handle.attempt_id in self._ended, timeout_s)
            return self._ended.get(handle.attempt_id)

    def stop(self, handle: Handle, grace_s: float) -> bool:  # noqa: ARG002 - nothing to wait for
        with self._changed:
            scene = self._running.get(handle.attempt_id)
            if scene is None:
                return False
            if not scene.cannot_be_killed:
                self._end(handle.attempt_id, scene.at_term or Exit(signal=9))
            return True

    def read_logs(self, handle: Handle, since: int) -> bytes:
        with self._changed:
            return self._output.get(handle.attempt_id, b"")[since:]

    def remove(self, handle: Handle) -> None:
        with self._changed:
            for memory in (self._running, self._ended, self._output):
                memory.pop(handle.attempt_id, None)
        if self._attempts is not None:
            shutil.rmtree(self._attempts / handle.attempt_id, ignore_errors=True)

    def _play(self, attempt_id: str) -> None:
        scene = self._scenes.get(attempt_id, Scene())
        self._output[attempt_id] = scene.output
        self._running[attempt_id] = scene
        if scene.end is not None:
            self._end(attempt_id, scene.end)

    def _end(self, attempt_id: str, how: Exit) -> None:
        self._running.pop(attempt_id, None)
        self._ended[attempt_id] = how
        self._changed.notify_all()

    def _look(self, attempt_id: str) -> Condition:
        if attempt_id in self._ended:
            return Condition.ENDED
        return Condition.RUNNING if attempt_id in self._running else Condition.NEVER_STARTED
