"""What every Journal promises."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foundations_client.journal import (
    FileJournal,
    Journal,
    JournalClosed,
    MemoryJournal,
    Progress,
    files,
)
from foundations_client.journal.records import encode_point
from foundations_wire.batches import iterate
from foundations_wire.events import MetricLogged, ParamLogged, TagSet, from_wire, to_wire
from support.journals import pack, read_events


@pytest.fixture(params=["mapped", "written", "memory"])
def journal(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Journal]:
    monkeypatch.setattr(files, "is_mappable", lambda _: request.param == "mapped")
    made: Journal
    if request.param == "memory":
        made = MemoryJournal()
    else:
        made = FileJournal.create(tmp_path, "job-1", "producer-1")
    yield made
    made.close()


def counter() -> Callable[[], int]:
    return itertools.count().__next__


def read(journal: Journal, first: int = 0, **limits: int) -> list[dict[str, Any]]:
    return list(iterate(journal.read(first, **limits)))


def test_events_come_back_in_order_when_they_are_read(journal: Journal) -> None:
    events = [MetricLogged(1.0, "loss", step, step / 2) for step in range(10)]

    for event in events:
        journal.append(event)

    assert journal.count == 10
    assert read(journal) == [to_wire(event) for event in events]
    assert read(journal, 7) == [to_wire(event) for event in events[7:]]


def test_points_and_events_keep_their_order(journal: Journal) -> None:
    journal.append(TagSet(1.0, "before", ""))
    journal.put([("loss", counter(), pack(0.5, 3)), ("count", counter(), pack(7, -1))])
    journal.append(TagSet(1.0, "between", ""))
    journal.put([("loss", counter(), pack(math.inf, 4))])

    found = read_events(journal)

    assert journal.count == 5
    assert [event.get("key") or event["name"] for event in found] == [
        "before", "loss", "count", "between", "loss",
    ]  # fmt: skip
    points = [(event["step"], event["value"]) for event in found if event["event"] == "metric"]
    assert points == [(3, 0.5), (-1, 7), (4, "Infinity")]


def test_a_lane_takes_points_of_the_names_it_knows(journal: Journal) -> None:
    lane = journal.intern("loss", counter())
    again = journal.intern("loss", counter())
    number, count = lane.keys["loss"]

    lane.write(encode_point(number, pack(0.5, count())))
    lane.write(encode_point(number, pack(0.25, count())))

    assert again is lane
    assert [(e["name"], e["step"], e["value"]) for e in read(journal)] == [
        ("loss", 0, 0.5), ("loss", 1, 0.25),
    ]  # fmt: skip


def test_nothing_is_lost_when_a_lane_is_full(journal: Journal) -> None:
    lane, rolls = journal.intern("loss", counter()), 0
    for step in range(60_000):
        try:
            lane.write(encode_point(lane.keys["loss"][0], pack(step, step)))
        except ValueError:
            rolls += 1
            lane = journal.intern("loss", counter())
            journal.put([("loss", counter(), pack(step, step))])
            lane = journal.intern("loss", counter())

    assert rolls > 0
    assert journal.count == 60_000
    assert [event["value"] for event in read_events(journal)] == list(range(60_000))


def test_the_batch_of_many_points_names_each_metric_once(journal: Journal) -> None:
    for step in range(100):
        journal.put([(f"m{step % 3}", counter(), pack(step, step))])

    batch = journal.read(10, limit=50)

    assert (batch.first, batch.points, batch.events) == (10, 50, [])
    assert batch.names == ["m0", "m1", "m2"]


def test_nothing_is_read_when_nothing_follows(journal: Journal) -> None:
    journal.append(TagSet(1.0, "a", ""))

    assert journal.read(1).count == 0


def test_reading_again_from_the_start_works_when_later_events_were_read(journal: Journal) -> None:
    for step in range(5):
        journal.append(MetricLogged(1.0, "loss", step, 0))
    read(journal, 4)

    steps = [event["step"] for event in read(journal)]

    assert steps == [0, 1, 2, 3, 4]


def test_reading_stops_at_the_limit_of_events(journal: Journal) -> None:
    for step in range(5):
        journal.append(MetricLogged(1.0, "loss", step, 0))

    assert [event["step"] for event in read(journal, 1, limit=2)] == [1, 2]


def test_reading_stops_at_the_limit_of_bytes_but_yields_one(journal: Journal) -> None:
    journal.append(ParamLogged(1.0, "a", "x" * 5000))
    journal.append(ParamLogged(1.0, "b", "y"))
    journal.put([("loss", counter(), pack(step, step)) for step in range(100)])

    assert [event["name"] for event in read(journal, max_bytes=100)] == ["a"]
    assert journal.read(2, max_bytes=100).points == 3
    assert journal.read(2, max_bytes=1).points == 1


def test_an_event_larger_than_a_block_comes_back_whole(journal: Journal) -> None:
    text = "ß" * 1_500_000

    journal.append(ParamLogged(1.0, "big", text))
    journal.append(TagSet(1.0, "after", ""))

    assert read(journal)[0]["value"] == text
    assert read(journal, 1)[0]["key"] == "after"


def test_not_a_number_survives(journal: Journal) -> None:
    journal.append(MetricLogged(1.0, "loss", 0, math.nan))

    event = from_wire(read(journal)[0])

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


def test_old_events_become_a_counted_hole_and_the_first_stays(journal: Journal) -> None:
    journal.append(TagSet(1.0, "first", ""))
    for step in range(100):
        journal.append(ParamLogged(1.0, f"p{step}", "x" * 1_000_000))
    journal.save(Progress(101, 0))

    batch = journal.read(1)

    assert read(journal, 0, limit=1)[0]["key"] == "first"
    (hole,) = iterate(batch)
    assert hole["event"] == "dropped"
    kept = read(journal, 1 + hole["count"], limit=1)
    assert kept[0]["name"] == f"p{hole['count']}"


def test_it_takes_nothing_more_when_it_is_sealed(journal: Journal) -> None:
    lane = journal.intern("loss", counter())
    journal.append(TagSet(1.0, "a", ""))
    journal.seal()

    with pytest.raises(ValueError, match=r"range|more|closed"):
        lane.write(encode_point(0, pack(0.5)))
    with pytest.raises(JournalClosed):
        journal.append(TagSet(1.0, "b", ""))
    with pytest.raises(JournalClosed):
        journal.intern("loss", counter())

    assert journal.count == 1
    assert [event["key"] for event in read(journal)] == ["a"]


def test_more_names_than_one_segment_holds_come_back(journal: Journal) -> None:
    names = [f"metric-{number}" for number in range(9000)]

    journal.put([(name, counter(), pack(1.0)) for name in names])

    assert [event["name"] for event in read_events(journal)] == names


def test_nothing_is_left_when_it_is_removed(journal: Journal, tmp_path: Path) -> None:
    journal.append(TagSet(1.0, "a", ""))

    journal.remove()

    assert list(tmp_path.glob("job-1")) == []
