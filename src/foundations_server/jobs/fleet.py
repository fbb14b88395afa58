"""What the jobs feature asks of the workers feature, which stands above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from foundations_server.scheduling.needs import WorkerCapacity


@dataclass(frozen=True)
class HeldAttempt:
    """An attempt as far as a view of its job shows it; `gpus` are ids of devices."""

    number: int
    gpus: list[str]
    is_over: bool


class Fleet(Protocol):
    """The workers as far as jobs are concerned. **Thread safety**: any thread may ask."""

    def list_capacity(self, connection: Connection) -> list[WorkerCapacity]:
        """Return the workers that are connected, or hold attempts."""
        ...

    def explain_silence(
        self, connection: Connection, attempt_ids: Sequence[str]
    ) -> dict[str, str]:
        """Return a sentence for each attempt whose worker has gone silent."""
        ...

    def describe_attempts(
        self, connection: Connection, attempt_ids: Sequence[str]
    ) -> dict[str, HeldAttempt]:
        """Return the attempts with some ids."""
        ...
