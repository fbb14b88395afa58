from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from foundations_wire.errors import (
    AtlasError,
    InvalidRequest,
    LeaseLost,
    ServerUnreachable,
    StorageFull,
)
from foundations_worker.delivery import Backoff, Delivery


def failing(*errors: AtlasError) -> Callable[[], str]:
    left = list(errors)

    def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return call


@pytest.fixture
def delivery() -> Delivery:
    return Delivery(threading.Event())


def test_call_is_repeated_until_the_server_answers(delivery: Delivery) -> None:
    call = failing(ServerUnreachable("away"), StorageFull("full"))

    assert delivery.deliver("it", call) == "done"


def test_refusal_is_not_repeated(delivery: Delivery) -> None:
    with pytest.raises(InvalidRequest):
        delivery.deliver("it", failing(InvalidRequest("no")))


def test_error_inside_the_server_is_repeated_but_not_for_ever(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Backoff, "next_delay", lambda _: 0.0)

    assert delivery.deliver("it", failing(AtlasError("oops"))) == "done"
    with pytest.raises(AtlasError, match="oops"):
        delivery.deliver("it", failing(*[AtlasError("oops")] * 9))


def test_nothing_is_delivered_for_a_lost_attempt() -> None:
    lost = threading.Event()
    lost.set()

    with pytest.raises(LeaseLost):
        Delivery(lost).deliver("it", failing())


def test_delays_grow_to_a_ceiling() -> None:
    backoff = Backoff()

    delays = [backoff.next_delay() for _ in range(20)]

    assert 0.05 <= delays[0] <= 0.1
    assert all(2.5 <= delay <= 5 for delay in delays[6:])


def test_stopped_attempt_does_not_wait_for_room_on_the_server() -> None:
    unwanted = threading.Event()
    unwanted.set()

    with pytest.raises(StorageFull):
        Delivery(threading.Event(), unwanted).deliver("it", failing(StorageFull("full")))
