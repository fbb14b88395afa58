from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client import snapshots
from foundations_client.client import Client
from foundations_client.staging import StagedFile
from foundations_wire.errors import TooLarge
from foundations_wire.events import EventBatch, Registered, to_wire
from support.app_transport import running_client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running_client(tmp_path / "home") as lent:
        event = to_wire(Registered(1.0, "birds", "ada"))
        lent.jobs.send_events("job-1", EventBatch("p", 0, [event]))
        yield lent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    (made / "main.py").write_text("print(1)")
    (made / "data").mkdir()
    (made / "data" / "in.bin").write_bytes(b"\x00" * 100)
    return made


def names(taken: snapshots.Snapshot) -> list[str]:
    return [file.path for file in taken.files]


def test_files_are_taken_sorted_with_what_is_ignored_left_out(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("x")
    (folder / "a.tmp").write_text("x")
    (folder / "keys").mkdir()
    (folder / "keys" / "k").write_text("x")
    (folder / ".foundationsignore").write_text("*.tmp\n")

    taken = snapshots.take(folder, ignore=["/keys/"])

    assert names(taken) == [".foundationsignore", "data/in.bin", "main.py"]
    assert taken.skipped == []


def test_odd_files_are_skipped_and_named(folder: Path) -> None:
    (folder / "broken").symlink_to("nowhere")
    (folder / "loop").symlink_to(".")
    (folder / "linked.py").symlink_to("main.py")
    os.mkfifo(folder / "pipe")

    taken = snapshots.take(folder)

    assert names(taken) == ["data/in.bin", "linked.py", "main.py"]
    assert sorted(line.partition(":")[0] for line in taken.skipped) == ["broken", "loop", "pipe"]


def test_a_file_that_cannot_be_read_is_skipped_and_named(folder: Path) -> None:
    def keep(path: Path) -> StagedFile:
        if path.name == "main.py":
            raise PermissionError(13, "Permission denied")
        return snapshots.read_hash(path)

    taken = snapshots.take(folder, keep=keep)

    assert names(taken) == ["data/in.bin"]
    assert taken.skipped == ["main.py: Permission denied"]


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"two\nlines.txt"])
def test_a_file_is_skipped_and_named_when_the_archive_cannot_hold_its_name(
    folder: Path, name: bytes
) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("x")

    taken = snapshots.take(folder)

    assert names(taken) == ["data/in.bin", "main.py"]
    assert taken.lost == 1
    assert taken.skipped[0].isprintable()
    assert "control character" in taken.skipped[0]


def test_any_size_is_taken_when_there_is_no_limit(folder: Path) -> None:
    with (folder / "sparse.bin").open("wb") as file:
        file.truncate(snapshots.MAX_SNAPSHOT_BYTES + 1)

    taken = snapshots.take(folder, max_bytes=None, keep=lambda _path: StagedFile("0" * 64, 1))

    assert len(taken.files) == 3


def test_only_changed_files_are_read_when_there_is_a_previous_snapshot(folder: Path) -> None:
    before = snapshots.take(folder)
    (folder / "main.py").write_text("print(2, 3)")
    read: list[str] = []

    def keep(path: Path) -> StagedFile:
        read.append(path.name)
        return snapshots.read_hash(path)

    taken = snapshots.take(folder, previous=before, keep=keep)

    assert read == ["main.py"]
    assert names(taken) == ["data/in.bin", "main.py"]


def test_a_folder_over_the_limit_is_refused_with_its_largest_files(folder: Path) -> None:
    with (folder / "weights.bin").open("wb") as file:
        file.truncate(30_000_000)

    with pytest.raises(
        TooLarge, match=r"weights\.bin \(30 MB\), data/in\.bin \(100 B\)"
    ) as caught:
        snapshots.take(folder, max_bytes=1_000_000)

    assert ".foundationsignore" in caught.value.message


def test_contents_and_list_arrive_when_a_snapshot_is_uploaded(
    folder: Path, client: Client
) -> None:
    (folder / "main.py").chmod(0o755)
    taken = snapshots.take(folder)

    snapshots.upload(client, taken, "job-1", "artifacts")

    stored = client.archive.get_manifest("job-1", "artifacts").files
    sink = io.BytesIO()
    client.archive.get_blob(stored[1].sha256, sink)
    assert [(file.path, file.size, file.mode) for file in stored] == [
        ("data/in.bin", 100, 0o644),
        ("main.py", 8, 0o755),
    ]
    assert sink.getvalue() == b"print(1)"


def test_a_file_is_read_again_when_it_changed_before_the_upload(
    folder: Path, client: Client
) -> None:
    taken = snapshots.take(folder)
    (folder / "main.py").write_text("print('changed')")

    snapshots.upload(client, taken, "job-1", "artifacts")

    stored = {
        file.path: file.size for file in client.archive.get_manifest("job-1", "artifacts").files
    }
    assert stored["main.py"] == 16


def test_reading_stops_when_the_time_is_over(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")

    with pytest.raises(snapshots.TookTooLong, match="could not be read in time"):
        snapshots.take(tmp_path, until=0.0)
