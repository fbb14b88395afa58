from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from foundations import machine

MEMINFO = "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\n"


def write(root: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(root)


def test_a_rate_needs_two_readings_and_begins_anew_after_a_reset() -> None:
    rate = machine.Rate()

    fed = [rate.feed(*pair) for pair in [(10, 0.0), (30, 10.0), (5, 20.0), (5, 20.0), (7, 21.0)]]

    assert fed == [None, 2.0, None, None, 2.0]


def test_the_processors_share_is_busy_time_of_all_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_find_cores", lambda: (2, None))
    stat = "cpu  100 0 0 100 0 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 5\n"
    root = write(tmp_path, {"proc/stat": stat})
    probe = machine.Processors(root)

    first = probe(0.0)
    write(tmp_path, {"proc/stat": stat.replace("100 0 0 100 0", "130 0 0 180 10")})
    second = probe(10.0)

    assert (first, second) == ({}, {"cpu_percent": 25.0})


def test_only_the_cores_count_that_the_process_may_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_find_cores", lambda: (1, frozenset({1})))
    stat = "cpu  0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0\ncpu1 {} 0 0 0 0 0 0 0\nintr 5\n"
    probe = machine.Processors(write(tmp_path, {"proc/stat": stat.format(0)}))

    probe(0.0)
    write(tmp_path, {"proc/stat": stat.format(50)})

    assert probe(1.0) == {"cpu_percent": 100.0}


def test_a_containers_share_of_the_processors_is_its_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_find_cores", lambda: (8, None))
    root = write(tmp_path, {
        "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n",
        "sys/fs/cgroup/cpu.stat": "usage_usec 0\n",
    })  # fmt: skip
    probe = machine.Processors(root)

    probe(0.0)
    write(tmp_path, {"sys/fs/cgroup/cpu.stat": "usage_usec 10000000\n"})

    assert probe(10.0) == {"cpu_percent": 50.0}


def test_memory_is_what_is_not_available(tmp_path: Path) -> None:
    probe = machine.Memory(write(tmp_path, {"proc/meminfo": MEMINFO}))

    assert probe(0.0) == {"memory_bytes": 750 * 1024, "memory_percent": 75.0}


def test_a_containers_memory_is_of_its_limit(tmp_path: Path) -> None:
    root = write(tmp_path, {
        "proc/meminfo": MEMINFO, "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/memory.max": "1000\n", "sys/fs/cgroup/memory.current": "600\n",
        "sys/fs/cgroup/memory.stat": "inactive_file 100\n",
    })  # fmt: skip

    assert machine.Memory(root)(0.0) == {"memory_bytes": 500, "memory_percent": 50.0}


def test_traffic_is_that_of_real_disks_and_cards(tmp_path: Path) -> None:
    disk_line = "8 0 {} 1 0 {{0}} 0 1 0 {{0}} 0 0 0 0\n"
    disks = "".join(map(disk_line.format, ("sda", "sda1", "loop0")))
    net_line = " {}:{{0}} 0 0 0 0 0 0 0 {{0}} 0\n"
    net = "face |bytes\n" + "".join(map(net_line.format, ("lo", "eth0", "docker0")))
    root = write(tmp_path, {
        "sys/block/sda/device/x": "", "sys/block/loop0/x": "",
        "sys/class/net/eth0/device/x": "", "sys/class/net/docker0/x": "",
        "proc/diskstats": disks.format(0), "proc/self/net/dev": net.format(0),
    })  # fmt: skip
    disk, network = machine.DiskTraffic(root), machine.NetworkTraffic(root)

    first = {**disk(0.0), **network(0.0)}
    write(tmp_path, {"proc/diskstats": disks.format(100), "proc/self/net/dev": net.format(50)})
    second = {**disk(10.0), **network(10.0)}

    assert first == {}
    assert second == {
        "disk_read_bytes_per_second": 5120.0,
        "disk_written_bytes_per_second": 5120.0,
        "network_received_bytes_per_second": 5.0,
        "network_sent_bytes_per_second": 5.0,
    }


def test_a_container_without_cards_counts_all_but_loopback(tmp_path: Path) -> None:
    net = "x\n lo: 900 0 0 0 0 0 0 0 900 0\n eth0: {0} 0 0 0 0 0 0 0 {0} 0\n"
    probe = machine.NetworkTraffic(write(tmp_path, {"proc/self/net/dev": net.format(0)}))

    probe(0.0)
    write(tmp_path, {"proc/self/net/dev": net.format(7)})

    assert probe(1.0)["network_sent_bytes_per_second"] == 7.0


def test_this_machine_can_be_probed(tmp_path: Path) -> None:
    probes = machine.make_probes(str(tmp_path))

    first = {key: value for _, probe in probes for key, value in probe(0.0).items()}
    second = {key: value for _, probe in probes for key, value in probe(10.0).items()}

    assert first["memory_bytes"] > 0
    assert 0 <= second["disk_percent"] <= 100
    assert second["process_memory_bytes"] > 1 << 20
    assert 0 <= second["process_cpu_percent"] < 100 * 100


class FakePsutil:
    def __init__(self) -> None:
        self.bytes = 0

    def Process(self) -> Any:  # noqa: N802 - psutil's own spelling
        info = SimpleNamespace(rss=5)
        return SimpleNamespace(cpu_percent=lambda: 30.0, memory_info=lambda: info)

    def virtual_memory(self) -> Any:
        return SimpleNamespace(total=100, available=40)

    def cpu_percent(self) -> float:
        return 20.0

    def disk_io_counters(self) -> Any:
        return SimpleNamespace(read_bytes=self.bytes, write_bytes=self.bytes)

    def net_io_counters(self) -> Any:
        return SimpleNamespace(bytes_recv=self.bytes, bytes_sent=self.bytes)


def test_psutil_gives_the_same_names() -> None:
    psutil = FakePsutil()
    probe = machine.PsutilMachine(psutil)

    first = probe(0.0)
    psutil.bytes = 100
    second = probe(10.0)

    assert first == {"memory_bytes": 60, "memory_percent": 60.0, "process_memory_bytes": 5}
    assert second == {
        **first,
        "cpu_percent": 20.0,
        "process_cpu_percent": 30.0,
        "disk_read_bytes_per_second": 10.0,
        "disk_written_bytes_per_second": 10.0,
        "network_received_bytes_per_second": 10.0,
        "network_sent_bytes_per_second": 10.0,
    }
