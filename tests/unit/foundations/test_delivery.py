from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator

import pytest

from foundations import delivery as delivery_module
from foundations.delivery import Delivery
from foundations_client.refusals import JobGone
from foundations_wire.errors import (
    AtlasError,
    InvalidRequest,
    ServerUnreachable,
    StorageFull,
    UnknownJob,
    VersionMismatch,
)


class Route:
    """Ships by a script: an error to raise, or whether all has arrived."""

    def __init__(self, *steps: AtlasError | bool | ValueError) -> None:
        self._steps: Iterator[AtlasError | bool | ValueError] = iter(steps)
        self.told: list[str] = []
        self.delivery = Delivery(self._ship, self.told.append)

    def _ship(self) -> bool:
        step = next(self._steps)
        if isinstance(step, Exception):
            raise step
        return step


def refused() -> ServerUnreachable:
    error = ServerUnreachable("Nothing answers.")
    error.__cause__ = ConnectionRefusedError()
    return error


def test_it_goes_on_at_once_while_something_is_left_and_rests_when_nothing_is() -> None:
    route = Route(False, True)

    assert route.delivery.step() == 0.0
    assert route.delivery.step() == 0.2
    assert route.delivery.is_complete


def test_pauses_grow_to_a_ceiling_and_trouble_is_told_once() -> None:
    route = Route(*[refused() for _ in range(20)])

    pauses = [route.delivery.step() or 0 for _ in range(20)]

    assert 0.5 <= pauses[0] <= 1.0
    assert all(15 <= pause <= 30 for pause in pauses[-5:])
    assert route.told == ["Nothing answers."]


def test_pauses_begin_anew_when_the_server_came_back() -> None:
    route = Route(*[refused() for _ in range(10)], False, refused())

    pauses = [route.delivery.step() for _ in range(12)]

    assert (pauses[-1] or 0) <= 1.0


@pytest.mark.parametrize(
    "error", [InvalidRequest("No."), VersionMismatch("Too old."), JobGone("Deleted.")]
)
def test_it_ends_when_asking_again_cannot_help(error: AtlasError) -> None:
    route = Route(error)

    assert route.delivery.step() is None
    assert route.told == [error.message]


def test_an_error_of_our_own_leaves_the_journal_undelivered() -> None:
    route = Route(True, ValueError("odd"))

    route.delivery.step()
    pause = route.delivery.step()

    assert pause is None
    assert not route.delivery.is_complete


def test_it_tries_again_when_the_servers_disk_is_full() -> None:
    assert Route(StorageFull("Full.")).delivery.step() is not None


def test_nothing_is_told_at_first_when_the_parents_job_is_not_known_yet() -> None:
    route = Route(*[UnknownJob("?") for _ in range(60)])

    quiet = [route.delivery.step() for _ in range(59)]
    told_early = list(route.told)
    route.delivery.step()

    assert all(pause is not None and pause <= 1 for pause in quiet)
    assert told_early == []
    assert route.told == ["?"]


def test_it_ends_and_says_so_when_something_unforeseen_happens() -> None:
    route = Route(ValueError("oops"))

    assert route.delivery.step() is None
    assert "oops" in route.told[0]


def test_closing_answers_whether_all_has_arrived() -> None:
    complete = Route(False, False, *[True] * 50)
    away = Route(*[refused() for _ in range(50)])
    complete.delivery.start()
    away.delivery.start()

    assert complete.delivery.close(5.0) is True
    assert away.delivery.close(5.0) is False


def test_flushing_answers_as_soon_as_it_is_done() -> None:
    steps = itertools.count()
    arrived = [False]

    def ship() -> bool:
        arrived[0] = next(steps) >= 3
        return arrived[0]

    route = Delivery(ship)
    route.start()

    assert route.flush(lambda: arrived[0], 5.0) is True
    assert route.close(5.0)


def test_flushing_gives_up_when_time_is_up_or_shipping_has_ended() -> None:
    away = Route(*[refused() for _ in range(50)])
    ended = Route(InvalidRequest("No."))
    away.delivery.start()
    ended.delivery.start()

    assert away.delivery.flush(lambda: False, 0.01) is False
    assert ended.delivery.flush(lambda: False, 60.0) is False
    away.delivery.close(5.0)


def test_the_disk_is_synced_while_the_server_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery_module, "_SYNC_S", 0.001)
    hangs, synced = threading.Event(), threading.Event()
    delivery = Delivery(lambda: hangs.wait(10.0), sync=synced.set)
    delivery.start()

    assert synced.wait(5.0)
    hangs.set()
    assert delivery.close(5.0)
