"""What the jobs feature asks of the workers feature, which stands above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from foundations_server.scheduling.policy import WorkerCapacity


class Fleet(Protocol):
    """The workers as far as jobs are concerned. **Thread safety**: any thread may ask."""

    def list_capacity(self, connection: Connection) -> list[WorkerCapacity]:
        """Return the workers that are connected now."""
        ...

    def explain_silence(
        self, connection: Connection, attempt_ids: Sequence[str]
    ) -> dict[str, str]:
        """Return a sentence for each attempt whose worker has gone silent."""
        ...
