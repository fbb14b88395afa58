"""Batches in columns, as the SDK sends them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_wire.batches import INTEGER_POINT, POINT, Batch, from_events, transpose
from foundations_wire.errors import InvalidRequest
from foundations_wire.events import Dropped, Registered, TagSet, to_wire
from support.app_transport import running_client

REGISTERED = to_wire(Registered(1.0, "birds", "ada"))
POINTS = POINT.pack(1, 0, 0, 2.0, 0.1) + INTEGER_POINT.pack(2, 1, 7, 2.0, 2**53 + 1)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running_client(tmp_path) as client:
        yield client


def test_points_and_events_arrive_once_in_their_places(client: Client) -> None:
    tag = to_wire(TagSet(1.0, "a", ""))
    columns = transpose(POINTS, POINT.size)
    batch = Batch("p", 0, 2, ["loss", "count"], columns, [(0, REGISTERED), (2, tag)])

    answers = [client.jobs.send_batch("job-1", batch).next for _ in range(2)]

    assert answers == [4, 4]
    assert client.jobs.series("job-1", "loss").values == [0.1]
    assert client.jobs.series("job-1", "count").values == [2**53 + 1]
    assert list(client.jobs.get("job-1").tags) == ["a"]


def test_a_point_of_no_kind_is_refused(client: Client) -> None:
    columns = transpose(b"\3" + POINTS[1:27], POINT.size)

    with pytest.raises(InvalidRequest, match="no kind of point"):
        client.jobs.send_batch("job-1", Batch("p", 0, 1, ["loss"], columns))


def test_the_numbers_go_on_after_a_hole(client: Client) -> None:
    client.jobs.send_batch("job-1", from_events("p", 0, [REGISTERED]))
    hole = from_events("p", 1, [to_wire(Dropped(1.0, "Lost.", 99))])

    answers = [client.jobs.send_batch("job-1", hole).next for _ in range(2)]
    last = from_events("p", 100, [to_wire(TagSet(1.0, "a", ""))])

    assert answers == [100, 100]
    assert client.jobs.send_batch("job-1", last).next == 101
