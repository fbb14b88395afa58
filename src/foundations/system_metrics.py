"""What the machine does while a job runs, as series of the job under `system/`.

One process on each node samples: the first of those that may (the job itself, the first
process of an attempt, a rank) that takes the node's turn. Steps are whole seconds since it
began, and the first points come one interval later. Switched off by
FOUNDATIONS_SYSTEM_METRICS=off or `system_metrics: false` in the execution config.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Optional

from foundations import reporting, roles
from foundations.jobs import Job
from foundations.loading import load
from foundations_client.configuration import load_execution_config
from foundations_wire.errors import AtlasError

if TYPE_CHECKING:
    from foundations.machine import Probe, Values

_SWITCH_VARIABLE = "FOUNDATIONS_SYSTEM_METRICS"
_INTERVAL_VARIABLE = "FOUNDATIONS_SYSTEM_METRICS_SECONDS"
_OFF = frozenset({"off", "false", "0", "no"})
_INTERVAL_S = 10.0
_SHORTEST_S = 0.1
_STOP_S = 0.5  # for a sample that is being written just now

MakeProbes = Callable[[], "list[tuple[str, Probe]]"]
TakeTurn = Callable[[], bool]


def start(job: Job) -> Optional[Sampler]:
    """Sample for a job from a background thread; None when the environment says not to."""
    if os.environ.get(_SWITCH_VARIABLE, "").strip().lower() in _OFF:
        return None
    sampler = Sampler(job, _find_interval())
    sampler.start()
    return sampler


class Sampler:
    """Takes a sample of each probe at every interval and logs it as one job's metrics.

    A probe that fails is left out from then on. **Thread safety**: `stop` may be called from
    any thread and from a signal handler.
    """

    def __init__(
        self,
        job: Job,
        interval_s: float = _INTERVAL_S,
        make_probes: Optional[MakeProbes] = None,
        take_turn: Optional[TakeTurn] = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take what to sample; nothing is looked at yet."""
        self._job = job
        self._interval_s = interval_s
        self._make_probes = make_probes or _make_probes
        self._take_turn = take_turn or Turn(job.job_id).take
        self._clock = clock
        self._prefix = _make_prefix(roles.find_node())
        self._probes: Optional[list[tuple[str, Probe]]] = None
        self._began = 0.0
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="foundations-system", daemon=True)

    def start(self) -> None:
        """Begin; at interpreter exit, when no thread can start, nothing happens."""
        with contextlib.suppress(RuntimeError):
            self._thread.start()

    def stop(self) -> None:
        """Log nothing from now on; waits for a sample that is being written."""
        if os.getpid() != self._pid:
            return  # the thread is the parent's
        self._stopping.set()
        if self._lock.acquire(timeout=_STOP_S):
            self._lock.release()

    def step(self) -> None:
        """Take one sample, if it is this process's turn on its node.

        The first one is only what the rates of the second begin with.
        """
        now = self._clock()
        if self._probes is not None:
            self._log(self._ask_all(now), step=round(now - self._began))
        elif self._take_turn():
            self._probes, self._began = self._make_probes(), now
            self._ask_all(now)

    def _ask_all(self, now: float) -> Values:
        values: Values = {}
        for name, probe in list(self._probes or []):
            values.update(self._ask(name, probe, now))
        return {self._prefix + name: value for name, value in values.items()}

    def _log(self, values: Values, step: int) -> None:
        with self._lock:
            if values and not self._stopping.is_set():
                self._job.log_metrics(values, step=step)

    def _run(self) -> None:
        if not is_switched_on():
            return
        try:
            self.step()
            while not self._stopping.wait(self._interval_s):
                self.step()
        except Exception:  # noqa: BLE001 - a boundary: the program goes on without samples
            reporting.trace("The machine is no longer sampled.")

    def _ask(self, name: str, probe: Probe, now: float) -> Values:
        try:
            return probe(now)
        except Exception:  # noqa: BLE001 - whatever a system's files or a driver do
            reporting.trace(f"The {name} cannot be sampled here.")
            self._probes = [pair for pair in self._probes or [] if pair[0] != name]
            return {}


class Turn:
    """The right to sample for a job on this node; it ends with the process that has it.

    On Linux a name in the kernel's table of sockets, which leaves nothing behind. Elsewhere
    everyone has it who is not a second rank of a machine.
    """

    def __init__(self, job_id: str) -> None:
        """Name the job."""
        mark = hashlib.sha256(job_id.encode()).hexdigest()[:32]
        self._name = f"\0foundations-system-{mark}"
        self._held: Optional[socket.socket] = None

    def take(self) -> bool:
        """Whether this process has the turn from now on."""
        if self._held is not None:
            return True
        if not sys.platform.startswith("linux"):
            return os.environ.get("LOCAL_RANK", "0") == "0"
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            holder.bind(self._name)
        except OSError:
            holder.close()
            return False
        self._held = holder
        return True


def is_switched_on() -> bool:
    """Whether environment and execution config let a job be sampled."""
    text = os.environ.get(_SWITCH_VARIABLE, "").strip().lower()
    if text:
        return text not in _OFF
    try:
        return load_execution_config().system_metrics
    except (AtlasError, OSError):  # it is told elsewhere that the file cannot be used
        return True


def _find_interval() -> float:
    try:
        return max(float(os.environ.get(_INTERVAL_VARIABLE, _INTERVAL_S)), _SHORTEST_S)
    except ValueError:
        return _INTERVAL_S


def _make_prefix(node: int) -> str:
    return f"system/node_{node}/" if node else "system/"


def _make_probes() -> list[tuple[str, Probe]]:
    machine: Any = load("foundations.machine")
    gpus: Any = load("foundations.gpus")
    probes: list[tuple[str, Probe]] = machine.make_probes(os.getcwd())  # noqa: PTH109 - it wants a text
    nvml = gpus.load_nvml()
    if nvml is not None:
        probes.append(("GPUs", gpus.NvidiaGpus(nvml)))
    return probes
