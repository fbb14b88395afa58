from __future__ import annotations

import errno
from pathlib import Path

import pytest

from foundations import blocks, recording
from foundations.delivery import Delivery
from foundations.recording import Channel, Recorder
from foundations_client.journal import FileJournal, JournalFull, MemoryJournal
from foundations_client.staging import Staging
from foundations_wire.events import Event, TagSet
from support.recording import Tape


class FullJournal(MemoryJournal):
    def append(self, event: Event) -> None:
        raise JournalFull(errno.ENOSPC, "The journal takes no more")


def test_the_channel_is_opened_with_the_first_event(tmp_path: Path) -> None:
    opened: list[str] = []
    tape = Tape(tmp_path)

    def open_channel(job_id: str) -> Channel:
        opened.append(job_id)
        return tape.open(job_id)

    recorder = Recorder("job-1", open_channel)
    before = list(opened)
    recorder.record(TagSet(1.0, "a", ""))
    recorder.record(TagSet(1.0, "b", ""))

    assert (before, opened) == ([], ["job-1"])
    assert [event["key"] for event in tape.events] == ["a", "b"]


def test_a_full_journal_is_told_once_and_never_raised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    channel = Channel(FullJournal(), Staging(tmp_path), Delivery(lambda: True))
    recorder = Recorder("job-1", lambda _: channel)

    recorder.record(TagSet(1.0, "a", ""))
    recorder.record(TagSet(1.0, "b", ""))

    assert capsys.readouterr().out.count("The journal takes no more.") == 1


def test_the_journal_goes_when_all_has_arrived(tmp_path: Path) -> None:
    journal = FileJournal.create(tmp_path, "job-1", "p")
    delivery = Delivery(lambda: True)
    delivery.start()
    recorder = Recorder(
        "job-1", lambda _: Channel(journal, Staging(tmp_path), delivery, journal.folder)
    )
    recorder.record(TagSet(1.0, "a", ""))

    assert recorder.close(5.0)
    assert not journal.folder.exists()


def test_the_journal_stays_and_is_named_when_something_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = FileJournal.create(tmp_path, "job-1", "p")
    recorder = Recorder(
        "job-1",
        lambda _: Channel(journal, Staging(tmp_path), Delivery(lambda: False), journal.folder),
    )
    recorder.record(TagSet(1.0, "a", ""))

    arrived = recorder.close(0.0)

    told = capsys.readouterr().out
    assert not arrived
    assert journal.folder.exists()
    assert str(journal.folder) in told
    assert "foundations sync" in told


def test_events_without_room_on_the_disk_are_counted_when_they_are_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "full"
    recorder = Recorder(
        "job-1",
        lambda _: Channel(MemoryJournal(), Staging(tmp_path), Delivery(lambda: False), folder),
    )
    recorder.record(TagSet(1.0, "a", ""))
    recorder.record(TagSet(1.0, "b", ""))

    recorder.close(0.0)

    assert f"2 events of job job-1 found no room on the disk of {folder}" in (
        capsys.readouterr().out
    )


def test_memory_is_used_with_a_warning_when_no_folder_can_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOUNDATIONS_JOURNAL", "/dev/null/journal")
    monkeypatch.setattr(Delivery, "start", lambda _self: None)

    channel = recording.open_channel("job-1")

    assert isinstance(channel.journal, MemoryJournal)
    assert channel.output is None
    assert "FOUNDATIONS_HOME" in capsys.readouterr().out
    channel.staging.folder.rmdir()


def test_a_wrong_configuration_is_told_and_the_default_address_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOUNDATIONS_SERVER", "not an address")

    recording.make_client()

    assert "'not an address' is no server address" in capsys.readouterr().out


def test_a_block_with_a_project_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="slash"), blocks.start_job("a/b"):
        pass
