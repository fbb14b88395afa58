from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from foundations.gpus import NvidiaGpus


class FakeNvml:
    """Two GPUs; the second does not tell its power."""

    NVML_TEMPERATURE_GPU = 0

    def __init__(self) -> None:
        self.asked_for_power: list[int] = []

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802 - the library's own spelling, as below
        return 2

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:  # noqa: N802
        return number

    def nvmlDeviceGetUUID(self, handle: int) -> str:  # noqa: N802
        return f"GPU-{handle}{handle}{handle}-abc"

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:  # noqa: N802
        return SimpleNamespace(gpu=40 + handle)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:  # noqa: N802
        return SimpleNamespace(used=1 << 30, total=1 << 32)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:  # noqa: N802
        self.asked_for_power.append(handle)
        if handle == 1:
            raise RuntimeError("Not Supported")
        return 71_500

    def nvmlDeviceGetTemperature(self, handle: int, sensor: int) -> int:  # noqa: N802
        assert sensor == self.NVML_TEMPERATURE_GPU
        return 60 + handle


@pytest.fixture(autouse=True)
def all_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_a_gpu_tells_use_memory_power_and_temperature() -> None:
    values = NvidiaGpus(FakeNvml(), visible="0")(0.0)

    assert values == {
        "gpu_0_percent": 40,
        "gpu_0_memory_bytes": 1 << 30,
        "gpu_0_memory_percent": 25.0,
        "gpu_0_watts": 71.5,
        "gpu_0_celsius": 60,
    }


def test_what_a_gpu_does_not_tell_is_left_out_and_not_asked_for_again() -> None:
    nvml = FakeNvml()
    probe = NvidiaGpus(nvml)

    values = [probe(0.0), probe(10.0)]

    assert values[0] == values[1]
    assert {"gpu_1_percent", "gpu_1_celsius"} <= set(values[0])
    assert "gpu_1_watts" not in values[0]
    assert nvml.asked_for_power == [0, 1, 0]


@pytest.mark.parametrize(
    ("visible", "numbers"),
    [("1", {1}), ("1,0", {0, 1}), ("GPU-111", {1}), ("", set()), ("-1", set()), (None, {0, 1})],
)
def test_only_visible_gpus_are_watched(visible: str | None, numbers: set[int]) -> None:
    values = NvidiaGpus(FakeNvml(), visible)(0.0)

    assert {int(name.split("_")[1]) for name in values} == numbers
