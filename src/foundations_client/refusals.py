"""Events that the server will never take: written down and told, so that the rest goes on."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any, Callable, Optional

from foundations_wire.errors import AtlasError, UnknownJob
from foundations_wire.events import Dropped, to_wire

_NAMES = ("name", "key", "area", "project", "type")


class JobGone(UnknownJob):
    """The server has deleted the job, of which it had taken earlier events."""


class Refusals:
    """The refused events of one producer; the first one is told, and the first lost ones."""

    def __init__(
        self, path: Optional[Path] = None, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        """Take the file to which they are added, or None where there is no disk."""
        self.path = path
        self._tell = tell
        self._has_told = False
        self._has_told_lost = False
        self.count = 0

    def take(self, event: dict[str, Any], error: AtlasError) -> dict[str, Any]:
        """Keep the event and return the one that goes to the server in its place."""
        self.count += 1
        self._keep({"error": error.message, **event})
        if not self._has_told:
            self._has_told = True
            where = f"It is kept in {self.path}" if self.path else "It is lost"
            self._tell(
                f"The server refused {_describe(event)}: {error.message} {where}; the job goes "
                f"on without it."
            )
        return to_wire(Dropped(time.time(), error.message))

    def tell_lost(self, first: int, count: int) -> None:
        """Tell of events that the server lacks and that are no longer here, once."""
        if not self._has_told_lost:
            self._has_told_lost = True
            self._tell(
                f"The server lacks {count} events from number {first} on, and they are no longer "
                f"in the journal; the job goes on without them."
            )

    def _keep(self, line: dict[str, Any]) -> None:
        if self.path is not None:
            with contextlib.suppress(OSError), self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def _describe(event: dict[str, Any]) -> str:
    named = [str(event[name])[:60] for name in _NAMES if name in event]
    return f"the event `{event['event']}`" + "".join(f" of {name!r}" for name in named)
