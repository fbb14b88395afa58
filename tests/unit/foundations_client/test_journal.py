from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from foundations_client import journal as module
from foundations_client.journal import (
    EVENTS_FILE,
    FileJournal,
    JournalFull,
    Progress,
    journal_root,
    new_producer,
    read_first_event,
)
from foundations_wire.events import TagSet


def make(root: Path, *keys: str) -> FileJournal:
    journal = FileJournal.create(root, "job-1", "p-1")
    for key in keys:
        journal.append(TagSet(1.0, key, ""))
    return journal


def limit_writes(monkeypatch: pytest.MonkeyPatch, journal: FileJournal, size: int) -> None:
    """Let the disk take so many bytes of each write to the journal; 0 refuses it."""
    write, own = os.write, journal._descriptor

    def write_some(descriptor: int, data: bytes) -> int:
        if descriptor != own:
            return write(descriptor, data)
        if size == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[:size])

    monkeypatch.setattr(os, "write", write_some)


def keys_of(journal: FileJournal) -> list[str]:
    return [event["key"] for event in journal.read(0)]


def test_it_cannot_be_taken_over_while_its_writer_lives(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")

    taken = FileJournal.take_over(journal.folder)

    assert taken is None
    journal.close()


def test_it_is_taken_over_with_events_and_progress_when_its_writer_is_gone(tmp_path: Path) -> None:
    journal = make(tmp_path, "a", "b")
    journal.save(Progress(1, 5))
    journal.close()

    taken = FileJournal.take_over(journal.folder)

    assert taken is not None
    assert keys_of(taken) == ["a", "b"]
    assert taken.progress == Progress(1, 5)
    taken.close()


@pytest.mark.parametrize("cut", [1, 5, 9, 20])
def test_a_torn_last_record_is_dropped_and_writing_goes_on(tmp_path: Path, cut: int) -> None:
    journal = make(tmp_path, "a", "b")
    journal.close()
    file = journal.folder / EVENTS_FILE
    os.truncate(file, file.stat().st_size - cut)

    taken = FileJournal.take_over(journal.folder)

    assert taken is not None
    taken.append(TagSet(1.0, "c", ""))
    assert keys_of(taken) == ["a", "c"]
    taken.close()


def test_a_damaged_state_means_beginning_again(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")
    journal.close()
    (journal.folder / "state.json").write_text("{broken")

    taken = FileJournal.take_over(journal.folder)

    assert taken is not None
    assert taken.progress == Progress(0, 0)
    taken.close()


def test_events_wait_in_memory_in_order_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = make(tmp_path, "a")

    with monkeypatch.context() as patch:
        limit_writes(patch, journal, 0)
        journal.append(TagSet(1.0, "b", ""))
        journal.append(TagSet(1.0, "c", ""))
        size_when_full = (journal.folder / EVENTS_FILE).stat().st_size
        waiting = journal.in_memory
    journal.append(TagSet(1.0, "d", ""))

    assert (waiting, journal.in_memory) == (2, 0)
    assert size_when_full < (journal.folder / EVENTS_FILE).stat().st_size
    assert [event["key"] for n in range(4) for event in journal.read(n, limit=1)] == list("abcd")
    journal.close()


def test_half_a_record_is_taken_back_when_the_disk_fills_amid_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = make(tmp_path, "a")

    with monkeypatch.context() as patch:
        limit_writes(patch, journal, 7)
        journal.append(TagSet(1.0, "b", ""))
    journal.append(TagSet(1.0, "c", ""))

    journal.close()
    taken = FileJournal.take_over(journal.folder)
    assert taken is not None
    assert keys_of(taken) == ["a", "b", "c"]
    taken.close()


def test_an_event_is_refused_when_neither_disk_nor_memory_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = make(tmp_path)
    monkeypatch.setattr(module, "_MAX_TAIL_BYTES", 10)
    limit_writes(monkeypatch, journal, 0)

    with pytest.raises(JournalFull):
        journal.append(TagSet(1.0, "a", ""))

    assert journal.count == 0
    journal.close()


def test_the_first_event_can_be_read_while_the_writer_lives(tmp_path: Path) -> None:
    journal = make(tmp_path, "a", "b")

    first = read_first_event(journal.folder)

    assert first["key"] == "a"
    journal.close()


def test_the_folder_of_the_job_stays_when_another_producer_is_in_it(tmp_path: Path) -> None:
    journal = make(tmp_path)
    other = FileJournal.create(tmp_path, "job-1", "p-2")

    journal.remove()

    assert [path.name for path in (tmp_path / "job-1").iterdir()] == ["p-2"]
    other.close()


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    journal = make(tmp_path, "a")

    modes = [
        path.stat().st_mode & 0o077 for path in (journal.folder, journal.folder / EVENTS_FILE)
    ]

    assert modes == [0, 0]
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
