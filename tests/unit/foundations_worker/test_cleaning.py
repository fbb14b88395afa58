from __future__ import annotations

from pathlib import Path

from foundations_worker.cleaning import Strays, clean_up
from foundations_worker.executors.base import Handle, Launch
from foundations_worker.executors.fake import FakeExecutor, Scene


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_stray_is_left_alone_until_it_was_unknown_for_the_whole_grace() -> None:
    clock = Clock()
    strays = Strays(60, clock)

    assert strays.note({"a"}) == []
    clock.now = 59.0
    assert strays.note({"a", "b"}) == []
    clock.now = 61.0
    assert strays.note({"a", "b"}) == ["a"]


def test_stray_that_was_known_in_between_starts_anew() -> None:
    clock = Clock()
    strays = Strays(60, clock)
    strays.note({"a"})

    clock.now = 30.0
    strays.note(set())
    clock.now = 61.0

    assert strays.note({"a"}) == []


def test_running_stray_is_stopped_and_removed() -> None:
    executor = FakeExecutor({"a": Scene(end=None)})
    executor.start(Launch("a", [], Path("/")))

    clean_up(executor, "a", grace_s=0.1)

    assert executor.observe() == []


class Silent(FakeExecutor):
    def stop(self, handle: Handle, grace_s: float) -> bool:
        raise OSError("the engine does not answer")


def test_stray_stays_when_the_engine_does_not_answer() -> None:
    executor = Silent({"a": Scene(end=None)})
    executor.start(Launch("a", [], Path("/")))

    clean_up(executor, "a", grace_s=0.1)

    assert len(executor.observe()) == 1
