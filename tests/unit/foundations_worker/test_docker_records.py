"""Files that a job could have made to lead its worker astray."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from foundations_worker.executors.docker.records import read_record, tame_links


@pytest.mark.parametrize("content", ["", "no json", "[1]", "7", '{"a": ' + "1" * 70_000])
def test_file_that_is_no_record_is_not_read_as_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "exit.json").write_text(content)

    assert read_record(tmp_path / "exit.json") is None


def test_neither_link_nor_pipe_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("{}")
    (tmp_path / "link.json").symlink_to("real.json")
    os.mkfifo(tmp_path / "pipe.json")

    assert read_record(tmp_path / "real.json") == {}
    assert read_record(tmp_path / "link.json") is None
    assert read_record(tmp_path / "pipe.json") is None


def test_links_out_of_the_folder_are_removed_and_those_inside_stay(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("a")
    (tmp_path / "secret").write_text("s")
    (folder / "sub" / "inside").symlink_to("../a.txt")
    (folder / "sub" / "as-in-container").symlink_to("/job/job_source/a.txt")
    (folder / "out").symlink_to("../secret")
    (folder / "absolute").symlink_to("/etc/hostname")
    (folder / "folder-out").symlink_to(tmp_path)
    (folder / "over-a-link").symlink_to("folder-out/secret")
    (folder / "circle").symlink_to("circle")

    removed = tame_links(folder)

    assert {"absolute", "circle", "folder-out", "out"} <= set(removed)
    assert all(path.resolve().is_relative_to(folder) for path in folder.rglob("*"))
    assert (folder / "sub" / "inside").read_text() == "a"
    assert (folder / "sub" / "as-in-container").read_text() == "a"
