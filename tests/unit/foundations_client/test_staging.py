from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from foundations_client.staging import StagedFile, Staging
from foundations_client.temporary import make_temporary


def test_a_copy_keeps_its_content_when_the_source_changes(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("before")
    staging = Staging(tmp_path / "blobs")

    staged = staging.add(source)
    source.write_text("after")

    file = staging.open(staged.sha256)
    assert file is not None
    with file:
        assert file.read() == b"before"
    assert staged == StagedFile(hashlib.sha256(b"before").hexdigest(), 6)


def test_nothing_is_left_when_the_source_cannot_be_read(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise OSError("gone")

    staging = Staging(tmp_path / "blobs")

    with pytest.raises(OSError, match="gone"):
        staging.add_stream(Broken())

    assert list((tmp_path / "blobs").iterdir()) == []


def test_a_content_is_gone_when_it_is_removed_even_twice(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "blobs")
    staged = staging.add_stream(io.BytesIO(b"x"))

    staging.remove(staged.sha256)
    staging.remove(staged.sha256)

    assert not staging.holds(staged.sha256)
    assert staging.open(staged.sha256) is None


def test_equal_contents_are_kept_once(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "blobs")

    for _ in range(2):
        staging.add_stream(io.BytesIO(b"x"))

    assert len(list((tmp_path / "blobs").iterdir())) == 1


def test_a_temporary_staging_is_in_a_folder_of_its_own() -> None:
    first, second = make_temporary(), make_temporary()

    assert first.folder != second.folder
