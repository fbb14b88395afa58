"""Journals in folders: locks, full disks, damage, what is kept."""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path

import pytest

from foundations_client.journal import (
    FileJournal,
    JournalFull,
    Progress,
    files,
    journal_root,
    new_producer,
)
from foundations_client.journal.filesystems import find_kind
from foundations_client.journal.folders import DEFAULT_LIMIT, journal_limit, parse_size
from foundations_client.journal.interface import is_hole
from foundations_client.journal.left import read_first_event, take_over
from foundations_client.journal.segments import MemorySegment
from foundations_wire.events import ParamLogged, TagSet
from support.journals import pack, read_events


def make(root: Path, *keys: str) -> FileJournal:
    journal = FileJournal.create(root, "job-1", "p-1")
    for key in keys:
        journal.append(TagSet(1.0, key, ""))
    return journal


def taken_over(folder: Path) -> FileJournal:
    journal = FileJournal.take_over(folder)
    assert journal is not None
    return journal


def fill_disk(patch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    patch.setattr(files, "MappedSegment", refuse)
    patch.setattr(files, "WrittenSegment", refuse)
    patch.setattr(Path, "write_bytes", refuse)


def fill_segment(journal: FileJournal) -> None:
    """Fill what the journal has opened, so that the next event needs room on the disk."""
    text = "x" * 50_000
    for number in range(5):
        journal.append(ParamLogged(1.0, f"filler-{number}", text))


def keys_of(journal: FileJournal) -> list[str]:
    return [event["key"] for event in read_events(journal) if event["event"] == "tag"]


def test_it_cannot_be_taken_over_while_its_writer_lives(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")

    taken = FileJournal.take_over(journal.folder)

    assert taken is None
    journal.close()


def test_it_is_taken_over_with_events_and_progress_when_its_writer_is_gone(tmp_path: Path) -> None:
    journal = make(tmp_path, "a", "b")
    journal.save(Progress(1, 5))
    journal.close()

    taken = taken_over(journal.folder)

    assert keys_of(taken) == ["a", "b"]
    assert taken.progress == Progress(1, 5)
    taken.close()


def test_one_that_another_has_just_removed_is_not_there(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")
    journal.remove()

    with pytest.raises(FileNotFoundError):
        take_over(journal.folder)


def test_writing_goes_on_behind_what_a_dead_process_left(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")
    journal.close()

    taken = taken_over(journal.folder)
    taken.append(TagSet(1.0, "b", ""))
    taken.close()

    assert keys_of(taken_over(journal.folder)) == ["a", "b"]


def test_numbers_go_on_where_the_server_is_when_the_disk_lost_events(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")
    journal.save(Progress(5, 0))
    journal.close()

    taken = taken_over(journal.folder)
    taken.append(TagSet(1.0, "b", ""))

    assert taken.count == 6
    assert next(iter(read_events(taken, 5)))["key"] == "b"
    taken.close()


def test_a_damaged_state_means_beginning_again(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")
    journal.close()
    (journal.folder / "state.json").write_text("{broken")

    taken = taken_over(journal.folder)

    assert taken.progress == Progress(0, 0)
    taken.close()


@pytest.mark.parametrize("state", ["[]", '{"events": null, "output": 1}', '{"events": 1}'])
def test_an_odd_state_means_beginning_again(tmp_path: Path, state: str) -> None:
    journal = make(tmp_path, "a")
    journal.close()
    (journal.folder / "state.json").write_text(state)

    taken = taken_over(journal.folder)

    assert taken.progress == Progress(0, 0)
    taken.close()


def test_events_wait_in_memory_in_order_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = make(tmp_path, "a")
    with monkeypatch.context() as patch:
        fill_disk(patch)
        fill_segment(journal)
        fill_segment(journal)
        journal.append(TagSet(1.0, "b", ""))
        waiting = journal.in_memory
        read_then = keys_of(journal)
    journal.append(TagSet(1.0, "c", ""))

    left = journal.in_memory

    assert waiting > 0
    assert read_then == ["a", "b"]
    assert left == 0
    journal.close()
    assert keys_of(taken_over(journal.folder)) == ["a", "b", "c"]


def test_what_waits_in_memory_is_on_the_disk_when_the_journal_is_sealed_before_room_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = make(tmp_path, "a")
    with monkeypatch.context() as patch:
        fill_disk(patch)
        fill_segment(journal)
        journal.append(TagSet(1.0, "b", ""))
        fill_segment(journal)
        journal.seal()

    assert journal.in_memory == 0
    journal.close()
    assert keys_of(taken_over(journal.folder)) == ["a", "b"]


def test_an_event_is_refused_when_neither_disk_nor_memory_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = make(tmp_path)
    monkeypatch.setattr(files, "_MOST_HELD", 10)
    fill_disk(monkeypatch)

    with pytest.raises(JournalFull):
        journal.append(TagSet(1.0, "a" * 300, ""))

    assert journal.count == 0
    journal.close()


def test_half_a_record_is_taken_back_when_the_disk_fills_amid_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "is_mappable", lambda _: False)
    journal = make(tmp_path, "a")
    write = os.write

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda to, data: write(to, data[:7]))
        journal.append(TagSet(1.0, "b", ""))
    journal.append(TagSet(1.0, "c", ""))

    assert journal.in_memory == 0
    journal.close()
    taken = taken_over(journal.folder)
    assert keys_of(taken) == ["a", "b", "c"]
    assert taken.damage is None
    taken.close()


def test_a_file_that_cannot_be_mapped_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(files, "is_mappable", lambda _: True)
    monkeypatch.setattr(os, "posix_fallocate", refuse)

    journal = make(tmp_path, "a")

    assert journal.in_memory == 0
    assert keys_of(journal) == ["a"]
    journal.close()


def test_damage_is_named_and_what_lies_around_it_is_read(tmp_path: Path) -> None:
    journal = make(tmp_path, "a", "b", "c")
    fill_segment(journal)
    fill_segment(journal)
    journal.append(TagSet(1.0, "z", ""))
    journal.close()
    first = journal.folder / "000001.journal"
    data = bytearray(first.read_bytes())
    data[data.index(b'"b"')] ^= 1
    first.write_bytes(data)

    taken = taken_over(journal.folder)

    assert keys_of(taken) == ["a", "z"]
    assert taken.damage is not None
    assert "000001.journal" in taken.damage
    assert is_hole(taken.read(1))
    taken.close()


def test_a_file_without_a_header_is_named_and_one_of_zeros_is_not(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")
    journal.close()
    (journal.folder / "000002.journal").write_bytes(b"\0" * 4096)
    before = taken_over(journal.folder)
    before.close()
    (journal.folder / "000003.journal").write_bytes(b"nonsense")

    after = taken_over(journal.folder)

    assert before.damage is None
    assert after.damage is not None
    assert "000003.journal" in after.damage
    after.close()


def test_points_are_thinned_at_the_limit_and_counted(tmp_path: Path) -> None:
    told: list[str] = []
    journal = FileJournal.create(tmp_path, "job-1", "p-1", limit=100_000, tell=told.append)
    count = itertools.count().__next__
    logged = 60_000
    for step in range(logged):
        journal.put([("loss", count, pack(float(step % 777), step))])
    journal.append(TagSet(1.0, "kept", ""))
    journal.settle()

    events = read_events(journal)

    points = [event for event in events if event["event"] == "metric"]
    left_out = sum(event["count"] for event in events if event["event"] == "thinned")
    assert len(points) + left_out == logged
    assert len(points) < logged // 2
    assert points[-1]["step"] == logged - 1
    assert [event["step"] for event in points] == sorted(event["step"] for event in points)
    assert keys_of(journal) == ["kept"]
    assert len(told) == 1
    assert "FOUNDATIONS_JOURNAL_LIMIT" in told[0]
    journal.close()


def test_all_points_are_kept_again_when_the_server_has_taken_what_waited(tmp_path: Path) -> None:
    journal = FileJournal.create(tmp_path, "job-1", "p-1", limit=100_000)
    count = itertools.count().__next__
    for step in range(9000):
        journal.put([("loss", count, pack(float(step), step))])
    lane = journal.intern("loss", count)
    journal.save(Progress(journal.count, 0))
    at = journal.count

    for step in range(9000, 9500):
        journal.put([("loss", count, pack(float(step), step))])

    assert journal.intern("loss", count) is not lane
    assert [event["step"] for event in read_events(journal, at)][-500:] == list(range(9000, 9500))
    journal.close()


def test_files_that_the_server_has_are_removed_but_for_the_first_and_the_latest(
    tmp_path: Path,
) -> None:
    journal = FileJournal.create(tmp_path, "job-1", "p-1", retained=2 << 20)
    for number in range(40):
        journal.append(ParamLogged(1.0, f"p{number}", "x" * 1_000_000))

    journal.save(Progress(40, 0))

    left = sorted(path.name for path in journal.folder.glob("*.journal"))
    assert left[0] == "000001.journal"
    assert 2 <= len(left) <= 4
    assert sum(path.stat().st_size for path in journal.folder.glob("*.journal")) < 14 << 20
    journal.close()


def test_a_full_segment_takes_no_more_of_the_disk_than_it_needs(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")

    journal.close()

    assert (journal.folder / "000001.journal").stat().st_size < 200


def test_the_child_of_a_fork_lets_go_without_a_trace(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")
    before = (journal.folder / "000001.journal").read_bytes()

    journal.drop()

    assert (journal.folder / "000001.journal").read_bytes() == before
    with pytest.raises(OSError, match="closed"):
        journal.append(TagSet(1.0, "b", ""))


def test_syncing_is_harmless_again_and_again(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")

    journal.sync()
    journal.append(TagSet(1.0, "b", ""))
    journal.sync()

    assert keys_of(journal) == ["a", "b"]
    journal.close()


@pytest.mark.parametrize("is_mapped", [True, False])
def test_the_first_event_can_be_read_while_the_writer_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_mapped: bool
) -> None:
    monkeypatch.setattr(files, "is_mappable", lambda _: is_mapped)
    journal = make(tmp_path)
    nothing = read_first_event(journal.folder)
    journal.append(TagSet(1.0, "a", ""))

    first = read_first_event(journal.folder)

    assert nothing is None
    assert first["key"] == "a"
    journal.close()


def test_the_first_event_of_a_process_that_only_logs_points_is_a_point(tmp_path: Path) -> None:
    journal = make(tmp_path)
    journal.put([("loss", int, pack(0.5))])

    assert read_first_event(journal.folder) == {"event": "metric"}
    journal.close()


def test_the_folder_of_the_job_stays_when_another_producer_is_in_it(tmp_path: Path) -> None:
    journal = make(tmp_path)
    other = FileJournal.create(tmp_path, "job-1", "p-2")

    journal.remove()

    assert [path.name for path in (tmp_path / "job-1").iterdir()] == ["p-2"]
    other.close()


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")

    modes = [path.stat().st_mode & 0o077 for path in (journal.folder, *journal.folder.iterdir())]

    assert modes == [0] * 3
    journal.close()


def test_memory_is_used_only_where_there_is_no_disk(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")

    assert not any(isinstance(segment, MemorySegment) for segment in journal._segments)
    journal.close()


def test_the_root_is_in_the_home_when_no_variable_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_HOME", str(tmp_path))
    by_default = journal_root()
    monkeypatch.setenv("FOUNDATIONS_JOURNAL", str(tmp_path / "attempt"))

    assert by_default == tmp_path / "journal"
    assert journal_root() == tmp_path / "attempt"


def test_producers_have_names_of_their_own() -> None:
    assert new_producer() != new_producer()


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1048576", 1 << 20), ("500MB", 500_000_000), ("2GiB", 2 << 30), ("2 gib", 2 << 30),
        ("1.5K", 1500), ("7B", 7),
    ],
)  # fmt: skip
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "many", "-1", "1e9", "5 apples"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        parse_size(text)


def test_the_limit_is_what_the_variable_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOUNDATIONS_JOURNAL_LIMIT", raising=False)
    by_default = journal_limit()
    monkeypatch.setenv("FOUNDATIONS_JOURNAL_LIMIT", "1MiB")

    assert (by_default, journal_limit()) == (DEFAULT_LIMIT, 1 << 20)


def test_the_kind_of_a_file_system_is_found_by_the_innermost_mount() -> None:
    lines = [
        "1 0 254:0 / / rw - ext4 /dev/root rw",
        "2 1 0:5 / /home rw shared:1 - nfs4 server:/home rw",
        "3 2 0:6 / /home/ada/my\\040disk rw - xfs /dev/b rw",
        "4 1 0:7 / /over rw - ext4 /dev/c rw",
        "5 1 0:8 / /over rw - fuse.sshfs host: rw",
    ]

    kinds = [
        find_kind(folder, "\n".join(lines))
        for folder in ("/tmp/x", "/home/ada", "/homely", "/home/ada/my disk/x", "/over/x")
    ]

    assert kinds == ["ext4", "nfs4", "ext4", "xfs", "fuse.sshfs"]
