"""Journals of one file of JSON, as the first version left them."""

from __future__ import annotations

import fcntl
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from foundations_client.journal import Progress
from foundations_client.journal.earlier import EarlierJournal
from foundations_client.journal.left import read_first_event, take_over
from foundations_wire.events import Finished, MetricLogged, Registered, TagSet, to_wire
from support.journals import read_events

EVENTS = [
    to_wire(event)
    for event in (Registered(1.0, "birds", "ada"), MetricLogged(1.0, "loss", 0, 0.5))
]


def write(folder: Path, *events: dict[str, Any]) -> Path:
    """Write a journal of the first version."""
    folder.mkdir(parents=True)
    data = b""
    for event in events:
        body = json.dumps(event).encode()
        data += struct.pack(">II", len(body), zlib.crc32(body)) + body
    (folder / "events.journal").write_bytes(data)
    return folder


def test_it_is_read_and_goes_on(tmp_path: Path) -> None:
    folder = write(tmp_path / "job-1" / "p", *EVENTS)
    (folder / "state.json").write_text('{"events": 1, "output": 3}')

    journal = take_over(folder)

    assert isinstance(journal, EarlierJournal)
    journal.append(Finished(2.0, "failed", "killed"))
    assert journal.progress == Progress(1, 3)
    assert read_events(journal)[:2] == EVENTS
    assert (journal.count, journal.damage) == (3, None)
    assert read_first_event(folder) == EVENTS[0]
    journal.close()


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_torn_last_record_is_dropped(tmp_path: Path, cut: int) -> None:
    folder = write(tmp_path / "job-1" / "p", *EVENTS)
    file = folder / "events.journal"
    os.truncate(file, file.stat().st_size - cut)

    journal = take_over(folder)

    assert journal is not None
    journal.append(TagSet(1.0, "after", ""))
    journal.close()
    again = take_over(folder)
    assert again is not None
    assert [event["event"] for event in read_events(again)] == ["registered", "tag"]
    again.close()


def test_it_is_left_alone_while_its_writer_lives(tmp_path: Path) -> None:
    folder = write(tmp_path / "job-1" / "p", *EVENTS)
    with (folder / "events.journal").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        assert take_over(folder) is None


def test_it_can_be_removed_and_set_aside(tmp_path: Path) -> None:
    gone = write(tmp_path / "job-1" / "p", *EVENTS)
    kept = write(tmp_path / "job-2" / "p", *EVENTS)

    for folder in (gone, kept):
        journal = take_over(folder)
        assert journal is not None
        (journal.remove if folder is gone else journal.set_aside)()

    assert not gone.parent.exists()
    with pytest.raises(FileNotFoundError):
        take_over(kept)
