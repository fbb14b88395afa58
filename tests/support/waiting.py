"""Waiting for what must come, instead of sleeping for as long as it might take."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], what: str, *, timeout_s: float = 30.0) -> float:
    """Return the seconds until the condition held; fail when it never does."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < timeout_s, f"after {timeout_s:g} s still not: {what}"
        time.sleep(0.02)
    return time.monotonic() - begin
