"""A container engine for tests: the one that answers, else one of our own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.programs import is_strict, require_program

BASE_IMAGE = "atlas-test-base:1"
_SUITE = "bookworm"
_PACKAGES = "python3,ca-certificates"
_START_S = 60.0
_END_S = 30.0
_USUAL = "unix:///run/docker.sock"


@dataclass
class Engine:
    """An engine that answers, with the base image in it; `process` is there when it is ours."""

    address: str
    network: str = "none"
    process: subprocess.Popen[bytes] | None = None
    command: tuple[str, ...] = ()

    def docker(self, *words: str) -> str:
        """Run the command line's `docker` and return what it printed."""
        command = ["docker", "-H", self.address, *words]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def start(self, log: Path) -> None:
        with log.open("ab") as sink:
            self.process = subprocess.Popen(self.command, stdout=sink, stderr=sink)
        _await_answer(self, log)

    def restart(self, log: Path, pause_s: float) -> None:
        """Kill it, and start it again; one whose parts are still ending is tried once more."""
        self.end(signal.SIGKILL)
        time.sleep(pause_s)
        try:
            self.start(log)
        except AssertionError:
            self.start(log)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(_END_S)
        self.process = None


@contextlib.contextmanager
def lent_engine() -> Iterator[Engine]:
    """Lend an engine with the base image; skip without one, fail in CI."""
    require_program("docker")
    address = os.environ.get("DOCKER_HOST") or _USUAL
    engine = Engine(address, network="bridge")
    if _answers(engine):
        _import_base(engine)
        yield engine
        return
    with own_engine() as engine:
        yield engine


@contextlib.contextmanager
def own_engine() -> Iterator[Engine]:
    """Lend an engine that a test may kill; it ends with all its containers."""
    if os.geteuid() != 0:
        _give_up("needs root to start a container engine")
    require_program("dockerd")
    base = find_base()
    # Not in /tmp's memory: layers are large, and overlayfs is picky about what lies below it.
    folder = Path(tempfile.mkdtemp(prefix="atlas-engine-", dir=os.environ.get("ATLAS_ENGINE_DIR")))
    engine = Engine(f"unix://{folder}/docker.sock")
    try:
        for bridge in (True, False):
            engine.command = _spell(folder, bridge=bridge)
            engine.network = "bridge" if bridge else "none"
            with contextlib.suppress(AssertionError):
                engine.start(folder / "dockerd.log")
                break
        else:
            _give_up(f"dockerd does not start: {(folder / 'dockerd.log').read_text()[-2000:]}")
        _import(engine, base)
        yield engine
    finally:
        with contextlib.suppress(AssertionError):
            _remove_containers(engine)
        engine.end()
        clear(folder)


def find_base() -> Path:
    """Return the archive of a small Debian with Python, made once for each machine."""
    named = os.environ.get("ATLAS_TEST_BASE")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    archive = Path(named) if named else cache / "atlas-tests" / f"{_SUITE}-python.tar"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            _make_base(archive)
    return archive


def _make_base(archive: Path) -> None:
    program = require_program("debootstrap")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        command = [program, "--variant=minbase", f"--include={_PACKAGES}", _SUITE, str(root)]
        done = subprocess.run(
            command, capture_output=True, check=False, env={**os.environ, **_find_proxy()}
        )
        if done.returncode != 0:
            _give_up(f"no base image can be made: {done.stdout.decode()[-1000:]}")
        for unneeded in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc"):
            shutil.rmtree(root / unneeded, ignore_errors=True)
        unfinished = archive.with_suffix(".unfinished")
        subprocess.run(["tar", "-C", str(root), "-cf", str(unfinished), "."], check=True)
        unfinished.replace(archive)


def _find_proxy() -> dict[str, str]:
    """Return what this machine's package manager goes through; debootstrap does not read it."""
    command = ["apt-config", "shell", "proxy", "Acquire::http::Proxy"]
    told = subprocess.run(command, capture_output=True, check=False).stdout.decode()
    proxy = told.strip().removeprefix("proxy=").strip("'")
    return {"http_proxy": proxy} if proxy and proxy != "DIRECT" else {}


def _spell(folder: Path, *, bridge: bool) -> tuple[str, ...]:
    network = () if bridge else ("--bridge=none", "--iptables=false")
    return (
        "dockerd", "--host", f"unix://{folder}/docker.sock", "--data-root", f"{folder}/data",
        "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/docker.pid", *network,
    )  # fmt: skip


def _await_answer(engine: Engine, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not _answers(engine):
        is_over = engine.process is not None and engine.process.poll() is not None
        if is_over or time.monotonic() > deadline:
            engine.end(signal.SIGKILL)
            raise AssertionError(f"dockerd does not answer: {log.read_text()[-2000:]}")
        time.sleep(0.1)


def _answers(engine: Engine) -> bool:
    command = ["docker", "-H", engine.address, "version"]
    return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode == 0


def _import_base(engine: Engine) -> None:
    if not engine.docker("images", "-q", BASE_IMAGE):
        _import(engine, find_base())


def _import(engine: Engine, base: Path) -> None:
    with base.open("rb") as file:
        command = ["docker", "-H", engine.address, "import", "-", BASE_IMAGE]
        subprocess.run(command, stdin=file, capture_output=True, check=True)


def clear(folder: Path) -> None:
    """End what an engine that was killed left running, and remove its folder."""
    deadline = time.monotonic() + _END_S
    while (left := _find_processes(folder)) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)
    mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    for mount in reversed([line.split()[1] for line in mounts]):
        if Path(mount).is_relative_to(folder):
            subprocess.run(["umount", "-l", mount], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)


def _find_processes(folder: Path) -> list[int]:
    """Return the processes that name the folder, and their children, which are containers."""
    parents, named = {}, set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
            if fields[0] in "ZX":
                continue
            parents[int(entry.name)] = int(fields[1])
            if os.fsencode(folder) in (entry / "cmdline").read_bytes():
                named.add(int(entry.name))
    named.discard(os.getpid())
    while more := {pid for pid, parent in parents.items() if parent in named} - named:
        named |= more
    return sorted(named)


def _remove_containers(engine: Engine) -> None:
    if engine.process is not None and (names := engine.docker("ps", "-aq").split()):
        engine.docker("rm", "-f", *names)


def _give_up(why: str) -> None:
    if is_strict():
        pytest.fail(why)
    pytest.skip(why)
