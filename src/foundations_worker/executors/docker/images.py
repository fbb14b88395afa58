"""Images for jobs: which are allowed, and how a missing one is fetched."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from foundations_wire.jobs import Pull
from foundations_worker.commands import Cancelled
from foundations_worker.executors.base import RequestRefused
from foundations_worker.executors.docker.engine import (
    Engine,
    EngineRefused,
    EngineUnreachable,
    Image,
)
from foundations_worker.executors.docker_settings import DockerSettings
from foundations_worker.joblog import JobLog

_TELL_S = 5.0
_POLL_S = 0.2
_RETRY_S = 2.0
_NOT_FOUND = ("not found", "manifest unknown", "does not exist", "name unknown")
_NOT_ALLOWED = ("unauthorized", "denied", "authentication required", "no basic auth")
_MISSING = "image not found"
_MB = 1_000_000


class PullFailed(OSError):
    """The image could not be fetched now; trying again may help."""


class Images:
    """Finds or fetches what a job's image is. **Thread safety**: any thread may call."""

    def __init__(self, engine: Engine, settings: DockerSettings) -> None:
        self._engine = engine
        self._settings = settings

    def provide(self, name: str, pull: Pull, log: JobLog, cancelled: threading.Event) -> Image:
        """Return an image that the engine has, fetched if the policy says so.

        Raises:
            RequestRefused: it may not be used, or there is none of this name.
            PullFailed: it cannot be fetched now.
            Cancelled: the event was set meanwhile.
        """
        if not self._settings.allows(name):
            allowed = ", ".join(self._settings.images)
            raise RequestRefused(f"image {name} is not allowed here; these are: {allowed}")
        found = self._find(name, log, cancelled)
        if found is not None and pull is not Pull.ALWAYS:
            return found
        if pull is Pull.NEVER:
            raise RequestRefused(f"{_MISSING}: {name} (404; it is not to be pulled)")
        self._pull(name, log, cancelled)
        found = self._find(name, log, cancelled)
        if found is None:
            raise PullFailed(f"image {name} was pulled and is gone again")
        return found

    def _find(self, name: str, log: JobLog, cancelled: threading.Event) -> Image | None:
        """Ask until the engine answers: a job does not fail because it is restarted."""
        has_told = False
        while True:
            try:
                return self._engine.find_image(name)
            except EngineUnreachable as error:
                if not has_told:
                    log.say(f"waiting: {error}")
                    has_told = True
                if cancelled.wait(_RETRY_S):
                    raise Cancelled from None
            except EngineRefused as error:
                raise RequestRefused(f"image {name}: {error}") from error

    def _pull(self, name: str, log: JobLog, cancelled: threading.Event) -> None:
        repository, tag = split_name(name)
        log.say(f"pulling image {name}")
        began = told = time.monotonic()
        progress = _Progress()
        try:
            for line in _cancellable(
                self._engine.pull(repository, tag), cancelled, self._settings.pull_timeout_s
            ):
                progress.take(line)
                if time.monotonic() - told >= _TELL_S:
                    told = time.monotonic()
                    log.say(f"pulling image {name}: {progress}")
        except (EngineRefused, EngineUnreachable) as error:
            reason = explain(name, error)
            is_missing = str(reason).startswith(_MISSING)
            log.say(f"the engine says: {'404 Client Error: ' if is_missing else ''}{error}")
            raise reason from error
        log.say(f"image {name} is here after {time.monotonic() - began:.1f} s")


def split_name(name: str) -> tuple[str, str]:
    """Return repository and tag, or repository and digest, of `host:5000/a/b:1`."""
    repository, at, digest = name.partition("@")
    if at:
        return repository, digest
    head, _, tail = name.rpartition("/")
    base, _, tag = tail.partition(":")
    return (f"{head}/{base}" if head else base), tag or "latest"


def explain(name: str, error: OSError) -> Exception:
    """Return what a failed pull means for the job: its own fault, or this machine's."""
    text = str(error)
    lowered, status = text.lower(), getattr(error, "status", 0)
    if any(word in lowered for word in _NOT_ALLOWED) or status in (401, 403):
        return RequestRefused(f"image {name} may not be pulled: {text}")
    if status == 404 or any(word in lowered for word in _NOT_FOUND):
        return RequestRefused(f"{_MISSING}: {name}")
    if status == 400:
        return RequestRefused(f"image {name}: {text}")
    if "no space left" in lowered:
        return PullFailed(f"no space left for image {name}")
    return PullFailed(f"image {name} could not be pulled: {text}")


@dataclass
class _Progress:
    """Bytes of each layer: how many are here and how many there are."""

    layers: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, line: dict[str, Any]) -> None:
        """Count a line of the engine.

        Raises:
            EngineRefused: the line is an error.
        """
        if "error" in line:
            raise EngineRefused(str(line["error"]))
        detail = line.get("progressDetail") or {}
        if line.get("status") == "Downloading" and detail.get("total"):
            self.layers[line.get("id", "")] = (detail.get("current", 0), detail["total"])
        elif line.get("status") in ("Download complete", "Pull complete"):
            total = self.layers.get(line.get("id", ""), (0, 0))[1]
            self.layers[line.get("id", "")] = (total, total)

    def __str__(self) -> str:
        here = sum(current for current, _ in self.layers.values())
        total = sum(size for _, size in self.layers.values())
        return f"{here / _MB:.0f} of {total / _MB:.0f} MB"


def _cancellable(
    lines: Iterator[dict[str, Any]], cancelled: threading.Event, timeout_s: float
) -> Iterator[dict[str, Any]]:
    """Yield lines that another thread reads, because reading from a hung registry is for ever."""
    hearing = _Hearing(lines)
    deadline = time.monotonic() + timeout_s
    try:
        while True:
            if cancelled.is_set():
                raise Cancelled
            if time.monotonic() > deadline:
                raise EngineUnreachable(f"it took longer than {timeout_s:.0f} s")
            try:
                item = hearing.heard.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, OSError):
                raise item
            yield item
    finally:
        hearing.is_over.set()


class _Hearing:
    """Reads in a thread that ends with the next line, or when there was none for too long."""

    def __init__(self, lines: Iterator[dict[str, Any]]) -> None:
        self.heard: queue.Queue[dict[str, Any] | OSError | None] = queue.Queue()
        self.is_over = threading.Event()
        self._lines = lines
        threading.Thread(target=self._read, name="pull", daemon=True).start()

    def _read(self) -> None:
        try:
            for line in self._lines:
                self.heard.put(line)
                if self.is_over.is_set():
                    return
            self.heard.put(None)
        except OSError as error:
            self.heard.put(error)
