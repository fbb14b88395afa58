"""set_job_resources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

from foundations_client.submission import check_resources
from foundations_wire.errors import InvalidRequest


@dataclass(frozen=True)
class Resources:
    """What following submits ask for where they do not say it themselves; `ram` is in GB."""

    num_gpus: int = 0
    ram: Optional[float] = None


class _Chosen:
    def __init__(self) -> None:
        self.resources: Optional[Resources] = None


_chosen = _Chosen()


def set_job_resources(num_gpus: int = 0, ram: Optional[float] = None) -> None:
    """Set what following submits ask for; `ram` is in GB (10^9 bytes), None for no limit.

    Raises:
        ValueError: `num_gpus` is no whole number of 0 or more, or `ram` is not above 0;
            nothing changes then.
    """
    check(num_gpus, ram)
    _chosen.resources = Resources(num_gpus, ram)


def chosen_resources() -> Optional[Resources]:
    """Return what set_job_resources was last told, or None if it never was."""
    return _chosen.resources


def check(num_gpus: Any, ram: Any) -> None:
    """Accept what set_job_resources accepts.

    Raises:
        ValueError: as there.
    """
    try:
        check_resources(num_gpus, ram)
    except InvalidRequest as error:
        raise ValueError(error.message) from error
