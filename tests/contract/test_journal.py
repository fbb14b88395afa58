"""What every Journal promises."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from foundations_client.journal import FileJournal, Journal, MemoryJournal, Progress
from foundations_wire.events import MetricLogged, ParamLogged, TagSet, from_wire, to_wire

Make = Callable[[], Journal]


@pytest.fixture(params=["file", "memory"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    made: Journal
    if request.param == "file":
        made = FileJournal.create(tmp_path, "job-1", "producer-1")
    else:
        made = MemoryJournal()
    yield made
    made.close()


def test_events_come_back_in_order_when_they_are_read(journal: Journal) -> None:
    events = [MetricLogged(1.0, "loss", step, step / 2) for step in range(10)]

    for event in events:
        journal.append(event)

    assert journal.count == 10
    assert journal.read(0) == [to_wire(event) for event in events]
    assert journal.read(7) == [to_wire(event) for event in events[7:]]


def test_nothing_is_read_when_nothing_follows(journal: Journal) -> None:
    journal.append(TagSet(1.0, "a", ""))

    assert journal.read(1) == []


def test_reading_again_from_the_start_works_when_later_events_were_read(journal: Journal) -> None:
    for step in range(5):
        journal.append(MetricLogged(1.0, "loss", step, 0))
    journal.read(4)

    steps = [event["step"] for event in journal.read(0)]

    assert steps == [0, 1, 2, 3, 4]


def test_reading_stops_at_the_limit_of_events(journal: Journal) -> None:
    for step in range(5):
        journal.append(MetricLogged(1.0, "loss", step, 0))

    assert [event["step"] for event in journal.read(1, limit=2)] == [1, 2]


def test_reading_stops_at_the_limit_of_bytes_but_yields_one(journal: Journal) -> None:
    journal.append(ParamLogged(1.0, "a", "x" * 5000))
    journal.append(ParamLogged(1.0, "b", "y"))

    assert [event["name"] for event in journal.read(0, max_bytes=100)] == ["a"]


def test_an_event_larger_than_a_block_comes_back_whole(journal: Journal) -> None:
    text = "ß" * 1_500_000

    journal.append(ParamLogged(1.0, "big", text))
    journal.append(TagSet(1.0, "after", ""))

    assert journal.read(0)[0]["value"] == text
    assert journal.read(1)[0]["key"] == "after"


def test_not_a_number_survives(journal: Journal) -> None:
    journal.append(MetricLogged(1.0, "loss", 0, math.nan))

    event = from_wire(journal.read(0)[0])

    assert event == MetricLogged(1.0, "loss", 0, "NaN", "number")


def test_an_event_without_a_json_form_is_refused_and_leaves_nothing(journal: Journal) -> None:
    with pytest.raises(TypeError):
        journal.append(ParamLogged(1.0, "odd", object()))

    assert journal.count == 0


def test_progress_is_remembered_when_it_is_saved(journal: Journal) -> None:
    before = journal.progress

    journal.save(Progress(3, 17))

    assert before == Progress(0, 0)
    assert journal.progress == Progress(3, 17)


def test_nothing_is_left_when_it_is_removed(journal: Journal, tmp_path: Path) -> None:
    journal.append(TagSet(1.0, "a", ""))

    journal.remove()

    assert list(tmp_path.glob("job-1")) == []
