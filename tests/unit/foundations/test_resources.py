from __future__ import annotations

from typing import Any

import pytest

import foundations
from foundations import resources


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources._chosen, "resources", None)


@pytest.mark.scenario(19)
def test_no_gpu_and_no_ram_limit_are_the_defaults() -> None:
    foundations.set_job_resources()

    assert resources.chosen_resources() == resources.Resources(0, None)


@pytest.mark.scenario(19)
@pytest.mark.parametrize(
    ("num_gpus", "ram", "what"),
    [
        (-1, None, "GPU"),
        (0.5, None, "GPU"),
        (True, None, "GPU"),
        ("1", None, "GPU"),
        (1, 0, "RAM"),
        (1, -2, "RAM"),
        (1, "4", "RAM"),
    ],
)
def test_nothing_changes_when_an_amount_is_invalid(num_gpus: Any, ram: Any, what: str) -> None:
    foundations.set_job_resources(2, 3.5)

    with pytest.raises(ValueError, match=f"Invalid {what} quantity"):
        foundations.set_job_resources(num_gpus, ram)

    assert resources.chosen_resources() == resources.Resources(2, 3.5)
