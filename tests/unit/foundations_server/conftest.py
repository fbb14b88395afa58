from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.scenes import Scene, open_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with open_scene(tmp_path / "home") as opened:
        yield opened
