"""Folders of the system's, apart because their import takes long and they are rarely needed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from foundations_client.staging import Staging


def make_temporary() -> Staging:
    """Return a staging in a new folder of the system's, for a process without a journal."""
    return Staging(Path(tempfile.mkdtemp(prefix="foundations-")))
