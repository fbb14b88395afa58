"""GPUs that nobody needs to have: declared, named, scripted, and a driver made of paper."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from foundations_worker import inventory
from foundations_worker.gpus.fake import DeclaredGpus, FakeGpus
from foundations_worker.gpus.health import GpuHealth
from foundations_worker.gpus.nvml import NvmlGpus


def make_health(*ids: str) -> tuple[FakeGpus, GpuHealth]:
    gpus = FakeGpus(ids)
    return gpus, GpuHealth(gpus, pause=lambda _s: None)


def test_declared_gpus_are_well_until_the_script_says_otherwise(tmp_path: Path) -> None:
    gpus = DeclaredGpus(2, tmp_path / "script.json")
    before = gpus.probe("fake-1")

    (tmp_path / "script.json").write_text(
        json.dumps({"fake-1": {"problem": "fell off the bus", "processes": [17]}})
    )

    assert [device.id for device in gpus.list_devices()] == ["fake-0", "fake-1"]
    assert before is None
    assert (gpus.probe("fake-0"), gpus.probe("fake-1")) == (None, "fell off the bus")
    assert gpus.list_processes("fake-1") == [17]


def test_first_look_names_all_that_are_well_and_the_next_ones_only_changes() -> None:
    gpus, health = make_health("a", "b")
    gpus.problems["b"] = "hot"

    first = health.check_idle(busy=[])
    second = health.check_idle(busy=[])
    gpus.problems.clear()
    third = health.check_idle(busy=[])

    assert first == ({"b": "hot"}, ["a"])
    assert second == ({"b": "hot"}, [])
    assert third == ({}, ["b"])


def test_devices_of_running_jobs_are_not_looked_at() -> None:
    gpus, health = make_health("a", "b")
    gpus.processes["a"] = [1]

    assert health.check_idle(busy=["a"]) == ({}, ["b"])


def test_process_that_stays_on_a_device_makes_it_sick_until_it_is_gone() -> None:
    gpus, health = make_health("a", "b")
    gpus.processes["a"] = [123]

    sick = health.check_after_job(["a", "b"])
    gpus.processes.clear()

    assert sick == {"a": "process 123 of nobody here uses it"}
    assert health.check_idle(busy=[]) == ({}, ["a", "b"])


def test_process_that_the_driver_lists_a_moment_too_long_does_no_harm() -> None:
    gpus = FakeGpus(["a"])
    gpus.processes["a"] = [123]
    health = GpuHealth(gpus, pause=lambda _s: gpus.processes.clear())

    assert health.check_after_job(["a"]) == {}


class PaperError(Exception):
    pass


class PaperDriver:
    """What NVIDIA's library answers for two devices, the second of which is lost."""

    NVMLError = PaperError

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802 - the library's name
        return 2

    def nvmlDeviceGetHandleByIndex(self, number: int) -> str:  # noqa: N802
        return f"GPU-{number}"

    nvmlDeviceGetHandleByUUID = staticmethod(str)  # noqa: N815
    nvmlDeviceGetUUID = staticmethod(str)  # noqa: N815
    is_lost = False

    def nvmlDeviceGetName(self, _handle: str) -> bytes:  # noqa: N802
        return b"Paper 100"

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> Any:  # noqa: N802
        if self.is_lost and handle == "GPU-1":
            raise PaperError("GPU is lost")
        return SimpleNamespace(total=1 << 30)

    def nvmlDeviceGetComputeRunningProcesses(self, _handle: str) -> list[Any]:  # noqa: N802
        return [SimpleNamespace(pid=5)]


def test_driver_tells_devices_their_trouble_and_their_processes() -> None:
    driver = PaperDriver()
    gpus = NvmlGpus(driver, None)

    driver.is_lost = True

    assert [(d.id, d.name, d.memory_bytes) for d in gpus.list_devices()] == [
        ("GPU-0", "Paper 100", 1 << 30),
        ("GPU-1", "Paper 100", 1 << 30),
    ]
    assert gpus.probe("GPU-0") is None
    assert gpus.probe("GPU-1") == "the driver says: GPU is lost"
    assert gpus.list_processes("GPU-0") == [5]


def test_visible_devices_restrict_the_driver_by_number_and_by_uuid() -> None:
    for visible in (["1"], ["GPU-1"]):
        assert [d.id for d in NvmlGpus(PaperDriver(), visible).list_devices()] == ["GPU-1"]


def test_declared_gpus_count_before_all_others(tmp_path: Path) -> None:
    found = inventory.find_gpus(1, tmp_path / "script", {"CUDA_VISIBLE_DEVICES": "0,1,2"})

    assert [device.id for device in found.list_devices()] == ["fake-0"]


def test_control_group_limits_what_jobs_may_use(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    (tmp_path / "memory.max").write_text("1000000000\n")

    assert inventory.count_cpus(tmp_path) == 0.5
    assert inventory.measure_ram(tmp_path) == 1.0


def test_without_limits_the_machine_counts(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("max\n")

    assert inventory.count_cpus(tmp_path) >= 1
    assert inventory.measure_ram(tmp_path) > 0


def test_what_is_named_counts_instead_of_what_is_there() -> None:
    found = inventory.take(FakeGpus(["a"]), cpus=1.5, ram_gb=2)

    assert (found.cpus, found.ram_gb, len(found.gpus)) == (1.5, 2, 1)
