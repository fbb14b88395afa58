"""Runs attempts as containers, each with the guard as its first program."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundations_wire.failpoints import reach
from foundations_wire.workers import Cause
from foundations_worker import guard
from foundations_worker.executors import leftovers
from foundations_worker.executors.base import (
    Condition,
    Exit,
    Handle,
    Launch,
    Mount,
    RequestRefused,
)
from foundations_worker.executors.docker import ending, places, records
from foundations_worker.executors.docker.containers import (
    ATTEMPT_LABEL,
    INSTALL_LABEL,
    JOB_LABEL,
    Wish,
    spell,
)
from foundations_worker.executors.docker.engine import Engine, EngineUnreachable, Seen
from foundations_worker.executors.docker.places import ContainerPaths
from foundations_worker.executors.docker_settings import DockerSettings
from foundations_worker.joblog import JobLog
from foundations_worker.paths import AttemptPaths

_LOG = logging.getLogger(__name__)
_POLL_S = 0.05
# A container that ends without the guard's word is noticed this much later.
_LOOK_S = 1.0
_ARGV = ("python3", "-I", "-S", places.GUARD, f"{places.RECORDS}/launch.json")
_NO_PYTHON = "has no python3; jobs need an image with Python 3.9 or newer"


@dataclass
class _Pending:
    """A launch that is not known to have been carried out. `lock` guards the rest."""

    launch: Launch
    is_over: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class DockerExecutor:
    """See Executor. The truth about an attempt is the guard's files, then the engine.

    An engine that does not answer changes nothing: what was to be started is started by
    `wait` once it answers again.
    """

    name = "docker"

    def __init__(
        self, attempts: Path, install: str, settings: DockerSettings, engine: Engine | None = None
    ) -> None:
        """Take the folder of the attempts and an id that no other worker's containers bear."""
        self._attempts = attempts
        self._install = install
        self._settings = settings
        self._engine = engine or Engine(settings.engine)
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}
        self._looked: dict[str, float] = {}

    def trouble(self) -> str | None:
        try:
            self._engine.ping()
        except OSError as error:
            return str(error)
        return None

    def start(self, launch: Launch) -> Handle:
        handle = self._handle(launch.attempt_id)
        paths = self._paths(launch.attempt_id)
        if os.path.lexists(paths.exit) or os.path.lexists(paths.started):
            return handle
        self._write(launch, paths)
        pending = _Pending(launch)
        with self._lock:
            self._pending[launch.attempt_id] = pending
        with contextlib.suppress(EngineUnreachable):
            self._advance(pending)
        return handle

    def recover(self, attempt_id: str) -> tuple[Handle, Condition]:
        paths, handle = self._paths(attempt_id), self._handle(attempt_id)
        if records.read_record(paths.exit) is not None:
            return handle, Condition.ENDED
        seen = self._look(attempt_id)
        if seen is None:
            has_begun = os.path.lexists(paths.started)
            return handle, Condition.VANISHED if has_begun else Condition.NEVER_STARTED
        if seen.status == "created":
            return handle, Condition.NEVER_STARTED
        return handle, Condition.RUNNING if seen.is_alive else Condition.ENDED

    def observe(self) -> list[Handle]:
        found = self._engine.list({INSTALL_LABEL: self._install})
        ids = {(seen.labels or {}).get(ATTEMPT_LABEL, "") for seen in found}
        if self._attempts.exists():
            ids |= {path.name for path in self._attempts.iterdir() if path.is_dir()}
        return [self._handle(attempt_id) for attempt_id in sorted(ids - {""})]

    def wait(self, handle: Handle, timeout_s: float) -> Exit | None:
        deadline = time.monotonic() + timeout_s
        while True:
            end = self._find_end(handle.attempt_id)
            left = deadline - time.monotonic()
            if end is not None or left <= 0:
                return end
            time.sleep(min(_POLL_S, left))

    def stop(self, handle: Handle, grace_s: float) -> bool:
        paths = self._paths(handle.attempt_id)
        if not self._send(handle, signal.SIGTERM, paths.term_sent):
            return False
        if self.wait(handle, grace_s) is None:
            self._send(handle, signal.SIGKILL, paths.kill_sent)
        return True

    def read_logs(self, handle: Handle, since: int) -> bytes:
        return JobLog(self._paths(handle.attempt_id).attempt.output).read(since)

    def remove(self, handle: Handle) -> None:
        with self._lock:
            self._pending.pop(handle.attempt_id, None)
            self._looked.pop(handle.attempt_id, None)
        labels = {INSTALL_LABEL: self._install, ATTEMPT_LABEL: handle.attempt_id}
        try:
            for seen in self._engine.list(labels):
                self._engine.remove(seen.name)
        except OSError as error:
            # Its folder stays too: the next `observe` names both.
            _LOG.warning("Attempt %s is not removed yet: %s", handle.attempt_id, error)
            return
        leftovers.remove_folder(self._paths(handle.attempt_id).attempt.folder)

    def _paths(self, attempt_id: str) -> ContainerPaths:
        return ContainerPaths(AttemptPaths(self._attempts / attempt_id))

    def _handle(self, attempt_id: str) -> Handle:
        return Handle(self.name, attempt_id, f"atlas-{self._install[:8]}-{attempt_id}")

    def _look(self, attempt_id: str) -> Seen | None:
        """Return the attempt's container; one of the same name that is not ours is not it."""
        seen = self._engine.look(self._handle(attempt_id).place)
        if seen is None or (seen.labels or {}).get(INSTALL_LABEL) != self._install:
            return None
        return seen

    def _write(self, launch: Launch, paths: ContainerPaths) -> None:
        """Lay out what the container will see of the attempt's folder."""
        folders = (paths.records, paths.home, paths.temporary, paths.attempt.journal)
        for folder in folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        paths.temporary.chmod(0o1777)
        paths.attempt.output.touch(mode=0o600)
        guard.write_json(str(paths.launch), _spell(launch))
        paths.launch.chmod(0o600)  # the environment may hold secrets
        for path in (*folders, paths.attempt.output):
            records.give(path, self._settings.user)

    def _advance(self, pending: _Pending) -> None:
        """Do what is missing between no container and a running one, at most once.

        Raises:
            EngineUnreachable: try again.
            OSError, RequestRefused: it will not run.
        """
        with pending.lock:
            if pending.is_over:
                return
            self._bring_up(pending.launch)
            pending.is_over = True
        with self._lock:
            self._pending.pop(pending.launch.attempt_id, None)

    def _bring_up(self, launch: Launch) -> None:
        name = self._handle(launch.attempt_id).place
        seen = self._look(launch.attempt_id)
        if seen is None:
            config = spell(self._wish(launch), self._settings, self._engine.facts())
            reach("dispatch.before_6_create")
            self._engine.create(name, config)
            reach("dispatch.after_6_create")
            seen = self._look(launch.attempt_id)
        # An ended container would run again, and one whose start failed would fail again.
        if seen is None or seen.status != "created":
            return
        if seen.error:
            raise _explain(seen.error, launch.image)
        reach("dispatch.before_8_start")
        try:
            self._engine.start(name)
        except EngineUnreachable:
            raise
        except OSError as error:
            raise _explain(str(error), launch.image) from error
        reach("dispatch.after_8_start")

    def _wish(self, launch: Launch) -> Wish:
        paths = self._paths(launch.attempt_id)
        own = (
            Mount(Path(guard.__file__).resolve(), places.GUARD),
            Mount(paths.records, places.RECORDS, is_writable=True),
            Mount(paths.home, places.HOME, is_writable=True),
            Mount(paths.temporary, places.TEMPORARY, is_writable=True),
            Mount(paths.attempt.journal, places.JOURNAL, is_writable=True),
            Mount(paths.attempt.output, places.OUTPUT, is_writable=True),
        )
        labels = {
            INSTALL_LABEL: self._install,
            ATTEMPT_LABEL: launch.attempt_id,
            JOB_LABEL: launch.job_id,
        }
        return Wish(
            launch.image,
            _ARGV,
            labels,
            (*own, *launch.mounts),
            launch.gpus,
            launch.cpus,
            launch.ram_gb,
        )

    def _find_end(self, attempt_id: str) -> Exit | None:
        paths = self._paths(attempt_id)
        is_due = time.monotonic() - self._looked.get(attempt_id, 0.0) >= _LOOK_S
        if not is_due and not os.path.lexists(paths.exit):
            return None
        self._looked[attempt_id] = time.monotonic()
        with self._lock:
            pending = self._pending.get(attempt_id)
        if pending is not None and (refused := self._try_again(pending)) is not None:
            return refused
        try:
            seen = self._look(attempt_id)
        except OSError:
            return None
        is_coming = attempt_id in self._pending or (seen is not None and seen.is_alive)
        return None if is_coming else self._judge(paths, seen)

    def _try_again(self, pending: _Pending) -> Exit | None:
        try:
            self._advance(pending)
        except EngineUnreachable:
            return None
        except RequestRefused as error:
            return Exit(problem=str(error), cause=Cause.REQUEST, has_begun=False)
        except OSError as error:
            problem = f"the job could not be started: {error}"
            return Exit(problem=problem, cause=Cause.INFRASTRUCTURE, has_begun=False)
        return None

    def _judge(self, paths: ContainerPaths, seen: Seen | None) -> Exit | None:
        markers = {signal.SIGTERM: paths.term_sent, signal.SIGKILL: paths.kill_sent}
        sent = frozenset(int(number) for number, path in markers.items() if path.exists())
        if seen is not None and seen.status == "created" and not sent:
            return None
        record = records.read_record(paths.exit)
        words = ""
        if record is None and seen is not None:
            with contextlib.suppress(OSError):
                words = self._engine.tail(seen.name)
        evidence = ending.Evidence(
            record,
            seen,
            os.path.lexists(paths.started),
            sent,
            self._engine.started_at(),
            words,
        )
        log = JobLog(paths.attempt.output)
        for folder in (paths.attempt.job, paths.attempt.journal):
            for link in records.tame_links(folder):
                log.say(f"the link {link} led out of the job's folder and was removed")
        return ending.judge(evidence)

    def _send(self, handle: Handle, number: signal.Signals, marker: Path) -> bool:
        """Send a signal unless it was sent before; return whether there is whom to send it."""
        is_pending = self._give_up_starting(handle.attempt_id)
        seen = self._look(handle.attempt_id)
        is_alive = seen is not None and seen.is_alive
        if is_alive and not marker.exists():
            if seen is not None and seen.status == "paused":
                self._engine.unpause(handle.place)
            self._engine.send(handle.place, number)
        if is_alive or is_pending:
            marker.parent.mkdir(parents=True, exist_ok=True)
            marker.touch()
        with self._lock:
            self._pending.pop(handle.attempt_id, None)
        return is_alive or is_pending

    def _give_up_starting(self, attempt_id: str) -> bool:
        with self._lock:
            pending = self._pending.get(attempt_id)
        if pending is None:
            return False
        with pending.lock:
            pending.is_over = True
        return True


def _spell(launch: Launch) -> dict[str, Any]:
    return {
        "argv": launch.argv,
        "cwd": str(launch.folder),
        "environment": launch.environment,
        "lock": f"{places.RECORDS}/guard.lock",
        "started": f"{places.RECORDS}/started",
        "process": f"{places.RECORDS}/process.json",
        "output": places.OUTPUT,
        "exit": f"{places.RECORDS}/exit.json",
    }


def _explain(problem: str, image: str) -> Exception:
    if "executable file not found" in problem or "no such file or directory" in problem:
        return RequestRefused(f"image {image} {_NO_PYTHON}")
    return OSError(problem)
