from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from foundations.environment import describe_environment


def test_it_lists_what_the_standard_library_finds() -> None:
    described = describe_environment().splitlines()

    expected = {f"{item.metadata['Name']}=={item.version}" for item in metadata.distributions()}
    assert described[0].startswith(f"# Python {sys.version_info[0]}.{sys.version_info[1]}")
    assert set(described[1:]) == expected
    assert described[1:] == sorted(expected, key=str.lower)


def test_odd_folders_and_packages_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "good-1.dist-info").mkdir()
    (tmp_path / "good-1.dist-info" / "METADATA").write_text("Name: Good\nVersion: 1\n\nName: x\n")
    (tmp_path / "old.egg-info").write_text("Name: Old\nVersion: 2\n")
    (tmp_path / "empty.dist-info").mkdir()
    (tmp_path / "half.dist-info").mkdir()
    (tmp_path / "half.dist-info" / "METADATA").write_text("Name: half\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), str(tmp_path / "gone"), __file__])

    assert describe_environment().splitlines()[1:] == ["Good==1", "Old==2"]
