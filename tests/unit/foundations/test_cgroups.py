from __future__ import annotations

from pathlib import Path

import pytest

from foundations import cgroups


def write(root: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return str(root)


TWO = {
    "proc/self/cgroup": "0::/jobs/a",
    "sys/fs/cgroup/jobs/cpu.max": "150000 100000",
    "sys/fs/cgroup/jobs/memory.max": "4000",
    "sys/fs/cgroup/jobs/memory.current": "3000",
    "sys/fs/cgroup/jobs/memory.stat": "anon 10\ninactive_file 1000",
    "sys/fs/cgroup/jobs/cpu.stat": "usage_usec 2500000\nuser_usec 1",
    "sys/fs/cgroup/jobs/a/cpu.max": "max 100000",
    "sys/fs/cgroup/jobs/a/memory.max": "max",
}
ONE = {
    "proc/self/cgroup": "5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/",
    "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000",
    "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    "sys/fs/cgroup/cpuacct/cpuacct.usage": "3500000000",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "5000",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "700",
    "sys/fs/cgroup/memory/memory.stat": "cache 1\ntotal_inactive_file 200",
}


def test_a_limit_counts_when_it_stands_above_the_processs_own_group(tmp_path: Path) -> None:
    root = write(tmp_path, TWO)

    cpu, memory = cgroups.find_cpu_limit(root), cgroups.find_memory_limit(root)

    assert cpu is not None
    assert memory is not None
    assert (cpu.amount, cgroups.read_cpu_seconds(cpu)) == (1.5, 2.5)
    assert (memory.amount, cgroups.read_memory_bytes(memory)) == (4000, 2000)


def test_the_smallest_limit_counts(tmp_path: Path) -> None:
    root = write(tmp_path, {**TWO, "sys/fs/cgroup/jobs/a/memory.max": "500"})

    limit = cgroups.find_memory_limit(root)

    assert limit is not None
    assert (limit.amount, limit.folder.endswith("/jobs/a")) == (500, True)


def test_a_container_of_version_one_sees_its_group_at_the_top(tmp_path: Path) -> None:
    root = write(tmp_path, ONE)

    cpu, memory = cgroups.find_cpu_limit(root), cgroups.find_memory_limit(root)

    assert cpu is not None
    assert memory is not None
    assert (cpu.amount, cgroups.read_cpu_seconds(cpu)) == (2.0, 3.5)
    assert (memory.amount, cgroups.read_memory_bytes(memory)) == (5000, 500)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"proc/self/cgroup": "0::/"},
        {**ONE, "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
         "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"},
    ],
)  # fmt: skip
def test_there_is_no_limit_where_none_is_set(tmp_path: Path, files: dict[str, str]) -> None:
    root = write(tmp_path, files)

    assert cgroups.find_cpu_limit(root) is None
    assert cgroups.find_memory_limit(root) is None
