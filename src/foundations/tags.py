"""set_tag."""

from __future__ import annotations

from typing import Any

from foundations import jobs


def set_tag(key: str, value: Any = "") -> None:
    """Set a tag of the job; the value is kept as text, and the last one wins.

    Outside a job it stores nothing and warns once per process.

    Raises:
        TypeError: the value is neither a text nor a number.
        ValueError: the key cannot name a tag.
    """
    job = jobs.current_or_warn()
    if job is not None:
        job.set_tag(key, value)
