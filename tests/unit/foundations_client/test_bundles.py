from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from foundations_client import bundles
from foundations_client.bundles import Bundle, pack
from foundations_client.ignoring import IGNORE_FILE
from foundations_client.sizes import show_bytes
from foundations_wire.bundles import check, extract
from foundations_wire.errors import InvalidRequest, TooLarge


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    (made / "main.py").write_text("print('hello')\n")
    return made


def pack_bytes(folder: Path, **options: object) -> tuple[Bundle, bytes]:
    sink = io.BytesIO()
    bundle = pack(folder, sink, **options)  # type: ignore[arg-type]
    return bundle, sink.getvalue()


def read_names(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getnames()


def sparse_file(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def test_the_same_content_gives_the_same_bytes_whatever_the_times(folder: Path) -> None:
    first = pack_bytes(folder)
    os.utime(folder / "main.py", (1, 1))

    second = pack_bytes(folder)

    assert first == second


def test_facts_describe_the_bytes(folder: Path) -> None:
    bundle, data = pack_bytes(folder)

    assert bundle.sha256 == hashlib.sha256(data).hexdigest()
    assert bundle.size == len(data)
    assert bundle.files == 1


def test_what_was_packed_comes_out_of_the_safe_reader(folder: Path, tmp_path: Path) -> None:
    long_name = "ü" * 100 + ".txt"
    (folder / "sub" / "empty").mkdir(parents=True)
    (folder / "sub" / long_name).write_bytes(os.urandom(100_000))
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o750)
    _, data = pack_bytes(folder)
    target = tmp_path / "target"
    target.mkdir()

    check(io.BytesIO(data))
    extract(io.BytesIO(data), target)

    assert (target / "main.py").read_text() == "print('hello')\n"
    assert (target / "sub" / "empty").is_dir()
    packed = (folder / "sub" / long_name).read_bytes()
    assert (target / "sub" / long_name).read_bytes() == packed
    assert (target / "run.sh").stat().st_mode & 0o100


def test_ignored_files_stay_out(folder: Path) -> None:
    (folder / "big.bin").write_bytes(b"x")
    (folder / IGNORE_FILE).write_text("*.bin\n")

    _, data = pack_bytes(folder)

    assert read_names(data) == [IGNORE_FILE, "main.py"]


def test_secrets_stay_out_and_are_named(folder: Path) -> None:
    (folder / ".env").write_text("TOKEN=x")

    bundle, data = pack_bytes(folder)

    assert read_names(data) == ["main.py"]
    assert bundle.left_out == [".env (looks like a secret)"]


def test_a_secret_that_the_user_ignores_is_not_named(folder: Path) -> None:
    (folder / ".env").write_text("TOKEN=x")
    (folder / IGNORE_FILE).write_text(".env\n")

    bundle, _ = pack_bytes(folder)

    assert bundle.left_out == []


def test_links_inside_become_what_they_point_at(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "a.txt").write_text("a")
    (folder / "link.py").symlink_to("main.py")
    (folder / "linked").symlink_to("data")

    _, data = pack_bytes(folder)

    assert read_names(data) == [
        "data", "data/a.txt", "link.py", "linked", "linked/a.txt", "main.py",
    ]  # fmt: skip
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert all(member.isfile() or member.isdir() for member in archive)


def test_a_link_to_a_folder_that_holds_it_is_left_out_and_named(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "up").symlink_to("..")
    (folder / "self").symlink_to(".")

    bundle, data = pack_bytes(folder)

    assert read_names(data) == ["main.py", "sub"]
    assert len(bundle.left_out) == 2


def test_a_broken_link_is_left_out_and_named(folder: Path) -> None:
    (folder / "gone").symlink_to("nowhere")

    bundle, _ = pack_bytes(folder)

    assert bundle.left_out == ["gone (a broken link)"]


def test_a_link_that_leaves_the_folder_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("secret")
    (folder / "out").symlink_to(tmp_path / "outside.txt")

    with pytest.raises(InvalidRequest, match=r"out -> .*outside.txt"):
        pack_bytes(folder)


def test_more_than_500_mb_is_refused_with_the_largest_files(folder: Path) -> None:
    (folder / "sub").mkdir()
    sparse_file(folder / "sub" / "weights.bin", 400_000_000)
    sparse_file(folder / "images.tar", 101_000_000)

    with pytest.raises(TooLarge) as refused:
        pack_bytes(folder)

    assert "501 MB" in refused.value.message
    assert "--force" in refused.value.message
    assert IGNORE_FILE in refused.value.message
    lines = refused.value.message.splitlines()
    assert lines[1].split() == ["400", "MB", "sub/weights.bin"]
    assert lines[2].split() == ["101", "MB", "images.tar"]


def test_force_packs_what_is_too_large(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "MAX_BYTES", 3)

    bundle, _ = pack_bytes(folder, force=True)

    assert bundle.files == 1


@pytest.mark.parametrize("name", ["gone", "main.py"])
def test_a_job_directory_that_is_none_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(InvalidRequest, match="The job directory"):
        pack_bytes(folder / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_refused_by_name(folder: Path) -> None:
    (folder / "locked.txt").write_text("x")
    (folder / "locked.txt").chmod(0)

    with pytest.raises(InvalidRequest, match=r"locked\.txt.*Permission denied"):
        pack_bytes(folder)


def test_a_name_that_is_not_utf8_is_left_out_and_named(folder: Path) -> None:
    (folder / os.fsdecode(b"odd\xff")).write_text("x")

    bundle, data = pack_bytes(folder)

    assert read_names(data) == ["main.py"]
    assert "not UTF-8" in bundle.left_out[0]


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (4200, "4.2 kB"), (500_000_000, "500 MB"),
     (999_950_000, "1 GB"), (3 * 10**15, "3e+03 TB")],
)  # fmt: skip
def test_sizes_are_shown_in_powers_of_a_thousand(count: int, text: str) -> None:
    assert show_bytes(count) == text
