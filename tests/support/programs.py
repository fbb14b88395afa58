"""Programs that a test needs and this project cannot install by itself."""

from __future__ import annotations

import os
import shutil

import pytest


def is_strict() -> bool:
    """Whether a missing program is a failure: with CI=true or REQUIRE=all."""
    return os.environ.get("CI", "").lower() == "true" or os.environ.get("REQUIRE") == "all"


def require_program(*names: str) -> str:
    """Return the path of the first program found; skip the test without one, fail in CI."""
    for name in names:
        if path := shutil.which(name):
            return path
    missing = f"needs {' or '.join(names)}, which is not installed"
    if is_strict():
        pytest.fail(missing)
    pytest.skip(missing)
