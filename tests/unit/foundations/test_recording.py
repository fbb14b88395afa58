from __future__ import annotations

import errno
from pathlib import Path

import pytest

from foundations import blocks, recording, uplink
from foundations.delivery import Delivery
from foundations.jobs import Job
from foundations.recording import Channel, Recorder
from foundations_client.journal import FileJournal, JournalFull, MemoryJournal, Progress
from foundations_client.journal.segments import Segment
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

    uplink.make_client()

    assert "'not an address' is no server address" in capsys.readouterr().out


def test_a_block_with_a_project_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="slash"), blocks.start_job("a/b"):
        pass


def test_flushing_counts_what_has_arrived_and_what_is_refused(tmp_path: Path) -> None:
    journal, taken = MemoryJournal(), [3]

    def ship() -> bool:
        journal.save(Progress(min(journal.count, taken[0]), 0))
        return journal.count <= taken[0]

    delivery = Delivery(ship)
    delivery.start()
    recorder = Recorder(
        "job-1", lambda _: Channel(journal, Staging(tmp_path), delivery, None, lambda: 1)
    )
    nothing = recorder.flush(5.0)
    for key in "abc":
        recorder.record(TagSet(1.0, key, ""))
    complete = recorder.flush(5.0)
    recorder.record(TagSet(1.0, "d", ""))
    partial = recorder.flush(0.01)
    taken[0] = 4
    delivery.close(5.0)  # or its thread would ship for ever

    assert nothing == (0, 0, 0)
    assert complete == (2, 0, 1)
    assert partial == (2, 1, 1)


def test_what_is_recorded_after_the_end_goes_into_a_channel_of_its_own(tmp_path: Path) -> None:
    tapes = [Tape(tmp_path / "one"), Tape(tmp_path / "two")]
    opened = iter(tapes)
    recorder = Recorder("job-1", lambda job_id: next(opened).open(job_id))
    recorder.record(TagSet(1.0, "a", ""))
    tapes[0].journal.seal()
    recorder._channel = None

    recorder.record(TagSet(1.0, "b", ""))

    assert [event["key"] for event in tapes[1].events] == ["b"]


def test_points_are_never_raised_about_when_there_is_no_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Full(MemoryJournal):
        def _make_segment(self, first: int, need: int) -> Segment:
            raise JournalFull(errno.ENOSPC, "The journal takes no more")

    channel = Channel(Full(), Staging(tmp_path), Delivery(lambda: True))
    job = Job("job-1", "birds", Recorder("job-1", lambda _: channel))

    job.log_metric("loss", 0.5)
    job.log_metrics({"loss": 0.5})

    assert capsys.readouterr().out.count("The journal takes no more.") == 1


def test_a_limit_that_is_none_is_told_and_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOUNDATIONS_JOURNAL", str(tmp_path))
    monkeypatch.setenv("FOUNDATIONS_JOURNAL_LIMIT", "plenty")
    monkeypatch.setattr(Delivery, "start", lambda _self: None)

    recording.open_channel("job-1").journal.close()

    assert "FOUNDATIONS_JOURNAL_LIMIT is not used: 'plenty'" in capsys.readouterr().out
