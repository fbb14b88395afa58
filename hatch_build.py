"""Puts the built GUI into the wheel; a wheel without it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GuiBuildHook(BuildHookInterface[Any]):
    """Checks that `make gui` ran before `make wheel`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Refuse a standard wheel whose GUI is missing; an editable install needs none."""
        if version == "editable":
            return
        if not (Path(self.root) / "src/foundations_server/static/index.html").is_file():
            raise RuntimeError("The GUI is not built: run `make wheel`, which builds it first.")
