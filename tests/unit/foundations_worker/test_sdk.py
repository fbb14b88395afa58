from __future__ import annotations

import sys
from pathlib import Path

from foundations_worker.sdk import link_sdk


def test_only_the_packages_that_a_job_needs_are_linked(tmp_path: Path) -> None:
    folders = link_sdk(tmp_path / "sdk")

    names = {path.name for path in folders.packages.iterdir()}
    assert names == {"foundations", "foundations_client", "foundations_wire"}
    assert {path.name for path in folders.extras.iterdir()} == {"yaml"}
    assert (folders.packages / "foundations_wire" / "codec.py").is_file()


def test_linking_again_mends_a_link_to_an_old_place(tmp_path: Path) -> None:
    folders = link_sdk(tmp_path / "sdk")
    link = folders.packages / "foundations_wire"
    link.unlink()
    link.symlink_to(tmp_path / "gone")

    link_sdk(tmp_path / "sdk")

    assert (link / "codec.py").is_file()


def test_linking_does_not_make_this_process_a_job(tmp_path: Path) -> None:
    before = "foundations" in sys.modules

    link_sdk(tmp_path / "sdk")

    assert ("foundations" in sys.modules) == before
