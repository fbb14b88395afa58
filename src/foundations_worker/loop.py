"""The worker's life: say hello, take leases, keep them alive, pass stop orders on."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from foundations_client import shipping
from foundations_wire.errors import AtlasError, UnknownWorker
from foundations_wire.workers import (
    HEARTBEAT_SECONDS,
    Heartbeat,
    Lease,
    LeaseRequest,
    WorkerHello,
)
from foundations_worker.attempt import Attempt, Tools, run_safely
from foundations_worker.cleaning import Strays, clean_up
from foundations_worker.delivery import RETRIED, Backoff

_LOG = logging.getLogger(__name__)
_TROUBLED_S = 2.0  # between two looks at an engine that is awaited
_LEAST_FREE_BYTES = 64 << 20
STRAY_GRACE_S = 60.0


@dataclass(frozen=True)
class Identity:
    """`id` is kept over restarts, so that the server knows whose the leases are."""

    id: str
    hello: WorkerHello


class Worker:
    """Runs as many attempts at once as it has slots."""

    def __init__(
        self, identity: Identity, tools: Tools, stray_grace_s: float = STRAY_GRACE_S
    ) -> None:
        """Take who it is and what it works with; nothing is sent before `run`."""
        self._identity = identity
        self._tools = tools
        self._client = tools.client
        self._lock = threading.Lock()
        self._active: dict[str, Attempt] = {}
        # An answer that was under way when an attempt ended may still offer it.
        self._over: deque[str] = deque(maxlen=1000)
        self._is_ending = threading.Event()
        self._is_first_hello = True
        self._strays = Strays(stray_grace_s)
        self._leaving: set[str] = set()  # strays that a thread ends now
        self._trouble: str | None = None

    def run(self) -> None:
        """Work until `end`."""
        for target, name in ((self._beat, "heartbeat"), (self._drain, "journals")):
            threading.Thread(target=target, name=name, daemon=True).start()
        backoff = Backoff()
        is_welcome = is_away = False
        while not self._is_ending.is_set():
            try:
                if not is_welcome:
                    self._say_hello()
                    is_welcome = True
                if is_away:
                    _LOG.info("The server is back.")
                    is_away = False
                self._take_leases()
                backoff = Backoff()
            except (AtlasError, OSError) as error:
                # A lost answer may have held a lease: the next hello will name it.
                is_welcome = False
                if not is_away or not isinstance(error, RETRIED):
                    _LOG.warning("Jobs go on, trying again: %s", error)
                is_away = True
                self._is_ending.wait(backoff.next_delay())

    def end(self) -> None:
        """Make `run` return when its request does; jobs run on."""
        self._is_ending.set()

    def say_goodbye(self) -> None:
        """Tell the server that the worker ends; if it cannot hear, so be it."""
        try:
            self._client.workers.goodbye(self._identity.id)
        except AtlasError as error:
            _LOG.info("The server did not hear the goodbye: %s", error)

    def _say_hello(self) -> None:
        welcome = self._client.workers.hello(self._identity.id, self._identity.hello)
        self._tools.gpus.forget()
        if self._is_first_hello:
            self._is_first_hello = False
            _LOG.info("%s is ready for jobs", self._identity.hello.name)
        for lease in welcome.leases:
            self._begin(lease)
        self.beat()  # what is amiss is told before a job comes

    def _take_leases(self) -> None:
        with self._lock:
            stopping = [key for key, attempt in self._active.items() if attempt.is_unwanted]
        # All slots, whatever is taken: the server knows what it leased and hears of each end
        # first, and a number sent now would be wrong for as long as the request is open.
        request = LeaseRequest(self._identity.hello.slots, stopping)
        answer = self._client.workers.lease(self._identity.id, request)
        for lease in answer.leases:
            self._begin(lease)
        for attempt_id in answer.stops:
            attempt = self._find(attempt_id)
            if attempt is not None:
                attempt.request_stop()
            elif attempt_id not in self._over:
                raise UnknownWorker(f"The server stops attempt {attempt_id}, which is not here.")

    def _begin(self, lease: Lease) -> None:
        with self._lock:
            if lease.attempt_id in self._over:
                return
            attempt = self._active.get(lease.attempt_id)
            if attempt is None:
                attempt = self._active[lease.attempt_id] = Attempt(lease, self._tools)
                _LOG.info("Job %s begins", lease.job_id)
                threading.Thread(
                    target=run_safely,
                    args=(attempt, self._forget),
                    name=f"job {lease.job_id}",
                    daemon=True,
                ).start()
        if lease.is_stop_wanted:
            attempt.request_stop()

    def _forget(self, attempt: Attempt) -> None:
        with self._lock:
            self._over.append(attempt.lease.attempt_id)
            self._active.pop(attempt.lease.attempt_id, None)

    def _find(self, attempt_id: str) -> Attempt | None:
        with self._lock:
            return self._active.get(attempt_id)

    def _beat(self) -> None:
        while not self._is_ending.wait(_TROUBLED_S if self._trouble else HEARTBEAT_SECONDS):
            try:
                self.beat()
                self.remove_strays()
            except AtlasError as error:
                _LOG.debug("No heartbeat: %s", error)
            except Exception:  # noqa: BLE001 - the boundary of this thread
                # A silent worker would help nobody.
                _LOG.exception("A heartbeat failed")

    def beat(self) -> None:
        """Tell the server what is held and how things are.

        Raises:
            AtlasError: the server did not hear it.
        """
        self._trouble = self._find_trouble()
        with self._lock:
            active = dict(self._active)
        sick, well = self._tools.gpus.check_idle(self._list_busy_gpus(active))
        tokens = {key: attempt.lease.token for key, attempt in active.items()}
        beat = Heartbeat(tokens, self._trouble, sick, well)
        answer = self._client.workers.heartbeat(self._identity.id, beat)
        for attempt_id in answer.fenced:
            if (attempt := self._find(attempt_id)) is not None:
                attempt.fence()

    def remove_strays(self) -> None:
        """End attempts of which the server has known nothing for the whole grace.

        Raises:
            AtlasError: the server was asked and did not answer; nothing was removed.
        """
        executor = self._tools.executor
        try:
            found = {handle.attempt_id for handle in executor.observe()}
        except OSError as error:
            _LOG.warning("What runs here cannot be listed now: %s", error)
            return
        with self._lock:
            strays = set(self._strays.note(found - self._active.keys())) - self._leaving
        if not strays:
            return
        welcome = self._client.workers.hello(self._identity.id, self._identity.hello)
        for lease in welcome.leases:
            self._begin(lease)
        for attempt_id in strays - {lease.attempt_id for lease in welcome.leases}:
            _LOG.warning("Attempt %s is not the server's; it is removed", attempt_id)
            with self._lock:
                self._leaving.add(attempt_id)
            threading.Thread(target=self._clean_up, args=(attempt_id,), daemon=True).start()

    def _clean_up(self, attempt_id: str) -> None:
        try:
            clean_up(self._tools.executor, attempt_id, self._tools.grace_s)
        finally:
            with self._lock:
                self._leaving.discard(attempt_id)

    def _find_trouble(self) -> str | None:
        root = self._tools.paths.root
        try:
            if (free := shutil.disk_usage(root).free) < _LEAST_FREE_BYTES:
                return f"only {free >> 20} MiB are free under {root}"
        except OSError as error:
            return f"{root} cannot be used: {error.strerror}"
        return self._tools.executor.trouble()

    def _list_busy_gpus(self, active: Mapping[str, Attempt]) -> set[str]:
        busy = {device for attempt in active.values() for device in attempt.lease.gpus}
        for note in self._tools.paths.attempts.glob("*/unkillable.json"):
            with contextlib.suppress(OSError, ValueError):
                busy |= set(json.loads(note.read_text("ascii")))
        return busy

    def _drain(self) -> None:
        """Bring in what execution-mode jobs of this machine left when they died."""
        journal = self._tools.paths.journal
        told: set[str] = set()
        while not self._is_ending.wait(HEARTBEAT_SECONDS):
            try:
                report = shipping.drain(journal, self._client)
            except (AtlasError, OSError) as error:
                _LOG.debug("Journals wait: %s", error)
                continue
            except Exception:  # noqa: BLE001 - the boundary of this thread
                # One odd journal must not end the care for all others.
                _LOG.exception("Journals under %s cannot be brought in.", journal)
                continue
            refused = [f"The server refused what lies in {path}" for path in report.refused]
            troubles = [*report.problems, *refused]
            for trouble in troubles:
                if trouble not in told:
                    _LOG.warning("%s", trouble)
            told = set(troubles)
