"""The container engine, in the few words that we use; the only file that imports `docker`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import docker
import docker.errors
import docker.utils
import requests.exceptions
import urllib3.exceptions

T = TypeVar("T")
_NO_ANSWER = (
    docker.errors.DockerException,
    requests.exceptions.RequestException,
    urllib3.exceptions.HTTPError,
)

# A call that the engine does not answer within this time keeps a thread no longer.
_CALL_S = 10
_PING_S = 3
_SLOW_CALL_S = 60  # starting and removing wait for the kernel
# An engine that pulls says something at least this often.
_PULL_SILENCE_S = 120
_BUILD_SILENCE_S = 3600
_TAIL_LINES = 5
_POLL_S = 0.1
_NOT_FOUND = 404
_CONFLICT = 409


class EngineUnreachable(OSError):
    """The engine did not answer; what was asked for may have been done or not."""


class EngineRefused(OSError):
    """The engine answered with an error; `status` is its HTTP status, 0 when it has none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Seen:
    """A container as the engine tells it. Times are in seconds since 1970, None for never."""

    name: str
    status: str  # created, running, paused, restarting, removing, exited, dead
    error: str = ""
    exit_code: int = 0
    is_oom: bool = False
    started_at: float | None = None
    labels: dict[str, str] | None = None

    @property
    def is_alive(self) -> bool:
        return self.status in ("running", "paused", "restarting")


@dataclass(frozen=True)
class Image:
    """An image that the engine has; `name` is the one that it was asked for by."""

    name: str
    id: str
    environment: dict[str, str]


@dataclass(frozen=True)
class EngineFacts:
    cpus: int
    memory_bytes: int


class Engine:
    """Each call answers or raises within seconds; any thread may call.

    Raises from every method:
        EngineUnreachable: no answer.
        EngineRefused: an answer that is an error.
    """

    def __init__(self, address: str | None = None) -> None:
        """Take the engine's address, else DOCKER_HOST's, else the usual; nothing is asked yet."""
        self._address = address
        self._clients: dict[int, docker.APIClient] = {}
        self._facts: EngineFacts | None = None

    def ping(self) -> None:
        _ask(lambda: self._client(_PING_S).ping())

    def facts(self) -> EngineFacts:
        """Return what does not change while the engine's machine runs."""
        if self._facts is None:
            told = _ask(lambda: self._client().info()) or {}
            self._facts = EngineFacts(int(told["NCPU"]), int(told["MemTotal"]))
        return self._facts

    def started_at(self) -> float:
        """Return when the engine was started as far as its files tell; 0 when they do not."""
        address = self._address or os.environ.get("DOCKER_HOST") or "unix:///run/docker.sock"
        if not address.startswith("unix://"):
            return 0.0
        files = [Path(address.removeprefix("unix://"))]
        if files[0].name == "docker.sock":  # which systemd may hold open over restarts
            files.append(files[0].with_name("docker.pid"))
        return max(map(_read_time, files))

    def create(self, name: str, config: dict[str, Any]) -> None:
        """Make a container; one of the same name that is there already is taken for it."""
        client = self._client()
        make: Callable[..., object] = client.create_container_from_config
        _ask(lambda: make(config, name), _CONFLICT)

    def look(self, name: str) -> Seen | None:
        """Return a container's condition, None when there is none of this name."""
        told = _ask(lambda: self._client().inspect_container(name), _NOT_FOUND)
        return None if told is None else _read(told)

    def start(self, name: str) -> None:
        _ask(lambda: self._client(_SLOW_CALL_S).start(name))

    def send(self, name: str, number: int) -> None:
        """Send a signal to a container; one that is gone or has ended gets none."""
        _ask(lambda: self._client().kill(name, number), _NOT_FOUND, _CONFLICT)

    def unpause(self, name: str) -> None:
        _ask(lambda: self._client().unpause(name), _NOT_FOUND, _CONFLICT)

    def remove(self, name: str) -> None:
        """Remove a container and its unnamed volumes; harmless when it is gone or going."""
        client = self._client(_SLOW_CALL_S)
        _ask(lambda: client.remove_container(name, v=True, force=True), _NOT_FOUND, _CONFLICT)

    def list(self, labels: dict[str, str]) -> list[Seen]:
        """Return every container with these labels, the ended ones included."""
        wanted = {"label": [f"{key}={value}" for key, value in labels.items()]}
        found = _ask(lambda: self._client().containers(all=True, filters=wanted)) or []
        return [
            Seen(entry["Names"][0].lstrip("/"), entry["State"], labels=entry["Labels"] or {})
            for entry in found
            if entry["Names"]
        ]

    def tail(self, name: str) -> str:
        """Return the last lines that a container printed past its guard."""
        printed = _ask(lambda: self._client().logs(name, tail=_TAIL_LINES), _NOT_FOUND)
        return bytes(printed or b"").decode("utf-8", "replace").strip()

    def wait_for_end(self, name: str, timeout_s: float) -> Seen | None:
        """Return a container once it has ended or when the time is up; None when it is gone."""
        deadline = time.monotonic() + timeout_s
        while (seen := self.look(name)) is not None:
            if not seen.is_alive or time.monotonic() >= deadline:
                return seen
            time.sleep(_POLL_S)
        return None

    def find_image(self, name: str) -> Image | None:
        inspect: Callable[[str], dict[str, Any]] = self._client().inspect_image
        told = _ask(lambda: inspect(name), _NOT_FOUND)
        if told is None:
            return None
        pairs = (told.get("Config") or {}).get("Env") or []
        return Image(name, told["Id"], dict(pair.partition("=")[::2] for pair in pairs))

    def pull(self, repository: str, tag: str) -> Iterator[dict[str, Any]]:
        """Yield what the engine says while it fetches an image, whose failure it says too.

        The registry's credentials are those of this user's Docker configuration.
        """
        client = self._client(_PULL_SILENCE_S)
        told = iter(_ask(lambda: client.pull(repository, tag, stream=True, decode=True)) or ())
        while (line := _ask(lambda: next(told, None))) is not None:
            yield line

    def build(self, folder: Path, tag: str, arguments: dict[str, str]) -> Iterator[dict[str, Any]]:
        """Yield what the engine says while it builds the image of a folder's Dockerfile."""
        client = self._client(_BUILD_SILENCE_S)
        make: Callable[..., Iterator[dict[str, Any]]] = client.build
        options = {"path": str(folder), "tag": tag, "buildargs": arguments}
        told = iter(_ask(lambda: make(rm=True, decode=True, **options)) or ())
        while (line := _ask(lambda: next(told, None))) is not None:
            yield line

    def _client(self, timeout_s: int = _CALL_S) -> docker.APIClient:
        if timeout_s not in self._clients:
            options = docker.utils.kwargs_from_env()
            if self._address:
                options["base_url"] = self._address
            self._clients[timeout_s] = docker.APIClient(
                version="auto", timeout=timeout_s, max_pool_size=50, **options
            )
        return self._clients[timeout_s]


def _ask(call: Callable[[], T], *tolerated: int) -> T | None:
    """Return what a call returns; None when the engine refuses with a tolerated status."""
    try:
        return call()
    except docker.errors.APIError as error:
        status = int(error.status_code or 0)
        if status in tolerated:
            return None
        raise EngineRefused(str(error.explanation or error).strip(), status) from error
    except _NO_ANSWER as error:
        raise EngineUnreachable(f"the container engine does not answer: {error}") from error


def _read(told: dict[str, Any]) -> Seen:
    state = told["State"]
    return Seen(
        name=told["Name"].lstrip("/"),
        status=state["Status"],
        error=state.get("Error") or "",
        exit_code=int(state.get("ExitCode") or 0),
        is_oom=bool(state.get("OOMKilled")),
        started_at=_read_moment(state.get("StartedAt") or ""),
        labels=told["Config"].get("Labels") or {},
    )


def _read_moment(text: str) -> float | None:
    """Return the seconds of `2026-01-02T03:04:05.678901234Z`; the year 1 is never."""
    if not text or text.startswith("0001"):
        return None
    # Nine digits of a second are more than Python before 3.11 and some engines agree on.
    head, _, rest = text.partition(".")
    zone = rest.lstrip("0123456789") if rest else ""
    digits = rest[: len(rest) - len(zone)][:6]
    whole = f"{head}.{digits or '0'}{zone}" if rest else head
    return datetime.fromisoformat(whole).timestamp()


def _read_time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
