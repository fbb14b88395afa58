"""Probes of the machine that a job runs on: processors, memory, disks, network.

A probe is called with the time of a monotonic clock and returns values by name. What is a
rate needs two calls; the first one returns nothing.
"""

# Text paths: a probe has a fraction of a millisecond.
# ruff: noqa: PTH110, PTH112, PTH123, PTH208

from __future__ import annotations

import os
from typing import Any, Callable, Optional, Union

from foundations import cgroups

Values = dict[str, Union[int, float]]
Probe = Callable[[float], Values]

_SECTOR_BYTES = 512  # in /proc/diskstats, whatever the disk's own are
_MOST_PROCESSES = 64


def make_probes(folder: str) -> list[tuple[str, Probe]]:
    """Return the probes that this system has, with a name for each; `folder` is the job's."""
    disk = ("disk", DiskSpace(folder))
    if os.path.exists("/proc/stat"):
        return [
            ("processors", Processors()), ("memory", Memory()), ("process", ProcessTree()),
            disk, ("disk traffic", DiskTraffic()), ("network", NetworkTraffic()),
        ]  # fmt: skip
    try:
        import psutil  # noqa: PLC0415 (optional)
    except ImportError:
        return [disk]
    return [("psutil", PsutilMachine(psutil)), disk]


class Rate:
    """Turns a counter that grows into an amount for each second."""

    def __init__(self) -> None:
        """Begin without a first reading."""
        self._last: Optional[tuple[float, float]] = None

    def feed(self, count: float, now: float) -> Optional[float]:
        """Return the rate since the last call; None at the first one and after a reset."""
        last, self._last = self._last, (count, now)
        if last is None or now <= last[1] or count < last[0]:
            return None
        return (count - last[0]) / (now - last[1])


class Processors:
    """`cpu_percent`: of the cores that this process may use, or of its container's share."""

    def __init__(self, root: str = "/") -> None:
        """Look up the limits; they are not expected to change."""
        self._root = root
        self._limit = cgroups.find_cpu_limit(root)
        self._cores = _find_cores()
        self._busy, self._all = Rate(), Rate()

    def __call__(self, now: float) -> Values:
        """See the module."""
        if self._limit is not None and self._limit.amount < self._cores[0]:
            used = self._busy.feed(cgroups.read_cpu_seconds(self._limit), now)
            share = None if used is None else used / self._limit.amount
        else:
            busy, total = _read_cores(self._root, self._cores[1])
            used, of = self._busy.feed(busy, now), self._all.feed(total, now)
            share = used / of if used is not None and of else None
        return {} if share is None else {"cpu_percent": _percent(share)}


class Memory:
    """`memory_bytes` and `memory_percent`: of the machine, or of the container's limit."""

    def __init__(self, root: str = "/") -> None:
        """Look up the limit."""
        self._root = root
        self._limit = cgroups.find_memory_limit(root)

    def __call__(self, _now: float) -> Values:
        """See the module."""
        facts = _read_table(f"{self._root}/proc/meminfo")
        total = facts["MemTotal"] * 1024
        if self._limit is not None and self._limit.amount < total:
            total = int(self._limit.amount)
            used = cgroups.read_memory_bytes(self._limit)
        else:
            used = total - facts["MemAvailable"] * 1024
        return {"memory_bytes": used, "memory_percent": _percent(used / total)}


class ProcessTree:
    """`process_cpu_percent` (100 is one core) and `process_memory_bytes`.

    Of this process and of those it started, where the kernel lists them; else of it alone.
    """

    def __init__(self) -> None:
        """Look up the units."""
        self._ticks = os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._rates: dict[int, Rate] = {}

    def __call__(self, now: float) -> Values:
        """See the module."""
        rates, memory, load = {}, 0, 0.0
        for pid in _list_tree(os.getpid()):
            fields = _read_stat(pid)
            if fields is None:
                continue
            rate = rates[pid] = self._rates.get(pid) or Rate()
            load += rate.feed((int(fields[11]) + int(fields[12])) / self._ticks, now) or 0.0
            memory += int(fields[21]) * self._page
        has_begun, self._rates = bool(self._rates), rates
        values: Values = {"process_memory_bytes": memory}
        if has_begun:
            values["process_cpu_percent"] = round(100 * load, 1)
        return values


class DiskSpace:
    """`disk_bytes` (used) and `disk_percent` of the file system that holds a folder."""

    def __init__(self, folder: str) -> None:
        """Name the folder."""
        self._folder = folder

    def __call__(self, _now: float) -> Values:
        """See the module."""
        if hasattr(os, "statvfs"):
            facts = os.statvfs(self._folder)
            used = (facts.f_blocks - facts.f_bfree) * facts.f_frsize
            usable = used + facts.f_bavail * facts.f_frsize  # as `df` counts
        else:
            import shutil  # noqa: PLC0415 (not needed elsewhere)

            usable, used, _ = shutil.disk_usage(self._folder)
        return {"disk_bytes": used, "disk_percent": _percent(used / usable if usable else 0)}


class DiskTraffic:
    """`disk_read_bytes_per_second` and `disk_written_bytes_per_second` of all real disks."""

    def __init__(self, root: str = "/") -> None:
        """List the disks; partitions, and what is put together from disks, would count twice."""
        self._path = f"{root}/proc/diskstats"
        block = f"{root}/sys/block"
        self._disks = {
            name for name in os.listdir(block) if os.path.exists(f"{block}/{name}/device")
        }
        self._read, self._written = Rate(), Rate()

    def __call__(self, now: float) -> Values:
        """See the module."""
        read = written = 0
        with open(self._path, encoding="ascii") as file:
            for line in file:
                words = line.split()
                if words[2] in self._disks:
                    read += int(words[5])
                    written += int(words[9])
        rates = {
            "disk_read_bytes_per_second": self._read.feed(read * _SECTOR_BYTES, now),
            "disk_written_bytes_per_second": self._written.feed(written * _SECTOR_BYTES, now),
        }
        return _known(rates) if self._disks else {}


class NetworkTraffic:
    """`network_received_bytes_per_second` and `network_sent_bytes_per_second`.

    Of the network cards; in a container, which has none, of all interfaces but loopback.
    """

    def __init__(self, root: str = "/") -> None:
        """List the cards."""
        self._path = f"{root}/proc/self/net/dev"
        net = f"{root}/sys/class/net"
        names = os.listdir(net) if os.path.isdir(net) else []
        self._cards = {name for name in names if os.path.exists(f"{net}/{name}/device")}
        self._received, self._sent = Rate(), Rate()

    def __call__(self, now: float) -> Values:
        """See the module."""
        received = sent = 0
        with open(self._path, encoding="utf-8") as file:
            for line in file:
                name, colon, rest = line.rpartition(":")
                name = name.strip()
                if colon and (name in self._cards if self._cards else name != "lo"):
                    words = rest.split()
                    received += int(words[0])
                    sent += int(words[8])
        rates = {
            "network_received_bytes_per_second": self._received.feed(received, now),
            "network_sent_bytes_per_second": self._sent.feed(sent, now),
        }
        return _known(rates)


class PsutilMachine:
    """The same values where there is no /proc, through psutil."""

    def __init__(self, psutil: Any) -> None:
        """Take the module."""
        self._psutil = psutil
        self._process = psutil.Process()
        self._rates = [Rate(), Rate(), Rate(), Rate()]
        self._has_begun = False

    def __call__(self, now: float) -> Values:
        """See the module."""
        psutil, memory = self._psutil, self._psutil.virtual_memory()
        disks, network = psutil.disk_io_counters(), psutil.net_io_counters()
        loads = (psutil.cpu_percent(), self._process.cpu_percent())
        names = (
            "disk_read_bytes_per_second", "disk_written_bytes_per_second",
            "network_received_bytes_per_second", "network_sent_bytes_per_second",
        )  # fmt: skip
        counts = (
            getattr(disks, "read_bytes", 0), getattr(disks, "write_bytes", 0),
            getattr(network, "bytes_recv", 0), getattr(network, "bytes_sent", 0),
        )  # fmt: skip
        fed = zip(names, self._rates, counts)
        values = _known({name: rate.feed(count, now) for name, rate, count in fed})
        values["memory_bytes"] = memory.total - memory.available
        values["memory_percent"] = _percent(values["memory_bytes"] / memory.total)
        values["process_memory_bytes"] = self._process.memory_info().rss
        if self._has_begun:
            values["cpu_percent"], values["process_cpu_percent"] = loads
        self._has_begun = True
        return values


def _percent(share: float) -> float:
    return round(min(max(100 * share, 0.0), 100.0), 1)


def _known(rates: dict[str, Optional[float]]) -> Values:
    return {name: round(rate, 1) for name, rate in rates.items() if rate is not None}


def _find_cores() -> tuple[int, Optional[frozenset[int]]]:
    """Return how many cores the process may use, and which if they are not all."""
    there = os.cpu_count() or 1
    usable: frozenset[int] = frozenset(os.sched_getaffinity(0))
    return len(usable), usable if len(usable) < there else None


def _read_cores(root: str, cores: Optional[frozenset[int]]) -> tuple[int, int]:
    """Return the busy and all ticks of the cores, None for all of them."""
    busy = total = 0
    with open(f"{root}/proc/stat", encoding="ascii") as file:
        for line in file:
            if not line.startswith("cpu"):
                break
            name, *words = line.split()
            if (name == "cpu") if cores is None else (name != "cpu" and int(name[3:]) in cores):
                ticks = [int(word) for word in words[:8]]  # guests' time is in the first two
                total += sum(ticks)
                busy += sum(ticks) - ticks[3] - ticks[4]  # idle, and waiting for a disk
                if cores is None:
                    break
    return busy, total


def _read_table(path: str) -> dict[str, int]:
    """Return `Name: 123 kB` lines as numbers."""
    with open(path, encoding="ascii") as file:
        pairs = [line.split(":", 1) for line in file if ":" in line]
    return {name: int(rest.split()[0]) for name, rest in pairs}


def _list_tree(pid: int) -> list[int]:
    """Return the process and those below it, as far as the kernel tells them cheaply."""
    found = [pid]
    for parent in found:
        try:
            with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
        except OSError:  # it has ended, or the kernel keeps no such list
            continue
        if len(found) > _MOST_PROCESSES:
            break
    return found


def _read_stat(pid: int) -> Optional[list[str]]:
    """Return the fields of a process from its state on; None when it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None
