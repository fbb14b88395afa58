from __future__ import annotations

import math

import pytest

from foundations_wire import codec, events
from foundations_wire.errors import InvalidRequest
from foundations_wire.events import (
    Archived,
    ArtifactSaved,
    Event,
    Finished,
    MetricLogged,
    Moved,
    ParamLogged,
    Raised,
    Registered,
    TagSet,
)

ONE_OF_EACH: list[Event] = [
    Registered(1.0, "birds", "ada", ["main.py", "--fast"]),
    Moved(2.0, "trees"),
    ParamLogged(3.0, "layers", [1, {"a": None}]),
    MetricLogged(4.0, "loss", 7, 0.25),
    MetricLogged(4.0, "note", 0, "NaN", "text"),
    TagSet(5.0, "good", ""),
    ArtifactSaved(6.0, "plot", "out/plot.png", "0" * 64, 12),
    Archived(7.0, "code", [{"path": "main.py", "sha256": "0" * 64, "size": 1, "mode": 420}]),
    Raised(8.0, "ValueError", "no", "Traceback …"),
    Finished(9.0, "failed", "exit code 1", 1),
    events.Dropped(9.0, "the step does not fit"),
    events.Thinned(9.0, "loss", 996),
]


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: type(event).__name__)
def test_event_comes_back_equal(event: Event) -> None:
    sent = codec.encode(events.to_wire(event))

    assert events.from_wire(codec.decode(sent)) == event


def test_every_kind_has_a_name_and_is_tried_here() -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(events._KINDS.values())


def test_diverged_loss_survives() -> None:
    sent = codec.encode(events.to_wire(MetricLogged(0.0, "loss", 0, math.nan)))

    back = events.from_wire(codec.decode(sent))

    assert isinstance(back, MetricLogged)
    assert back.kind == "number"
    assert math.isnan(codec.number(back.value))


@pytest.mark.parametrize("name", [None, "metrics", 5, ["metric"]])
def test_unknown_kind_is_refused_and_the_kinds_are_named(name: object) -> None:
    with pytest.raises(InvalidRequest, match="kinds are registered, moved"):
        events.from_wire({"event": name})


def test_field_that_does_not_fit_is_named_with_its_event() -> None:
    with pytest.raises(InvalidRequest, match=r"'metric\.step' must be a whole number"):
        events.from_wire({"event": "metric", "at": 0, "name": "x", "step": "a", "value": 1})


@pytest.mark.parametrize(
    "event",
    [
        MetricLogged(1.0, "loss", 2**63, 1),
        MetricLogged(1.0, "loss", 0, [1]),
        MetricLogged(1.0, "loss", 0, 1, "text"),
        MetricLogged(1.0, "loss", 0, 1, "other"),
        MetricLogged(math.nan, "loss", 0, 1),
        ParamLogged(1.0, "two\nlines", 1),
        ArtifactSaved(1.0, "key", "two\nlines", "0" * 64, 1),
        ArtifactSaved(1.0, "key", "path", "0" * 64, -1),
        Archived(1.0, "artifacts", [{"path": "../x", "sha256": "0" * 64, "size": 1}]),
        Archived(1.0, "elsewhere", []),
        Moved(1.0, "a/b"),
        Finished(1.0, "running"),
        Finished(1.0, "failed", None, 2**31),
    ],
)
def test_an_event_that_the_server_cannot_store_is_refused(event: Event) -> None:
    with pytest.raises(InvalidRequest):
        events.check_event(event)


def test_events_are_accepted_at_the_limits() -> None:
    events.check_event(MetricLogged(0.0, "loss", 2**63 - 1, "NaN"))
    events.check_event(MetricLogged(0.0, "loss", -(2**63), "text", "text"))
    events.check_event(Archived(1.0, "code", [{"path": "a/b", "sha256": "0" * 64, "size": 1}]))
    events.check_event(events.Dropped(1.0, "no"))
