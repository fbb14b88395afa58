"""What an attempt printed and the server lacks: exact whatever is given up or repeated."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundations_worker.watching import spool as module
from foundations_worker.watching.rate import BURST_BYTES, Allowance
from foundations_worker.watching.spool import Spool

_UNIT = 1 << 20


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Receiver:
    """Takes pieces as the server does: what it has already is passed over."""

    def __init__(self) -> None:
        self.size = 0
        self.kept: dict[int, bytes] = {}
        self.missing = 0

    def receive(self, offset: int, skipped: int, data: bytes) -> None:
        assert offset <= self.size
        begin = offset + skipped
        if begin > self.size:
            self.missing += begin - self.size
            self.size = begin
        if fresh := data[self.size - begin :]:
            self.kept[self.size] = fresh
            self.size += len(fresh)

    def drain(self, spool: Spool) -> None:
        while piece := spool.take():
            self.receive(piece.offset, piece.skipped, piece.data)
            spool.confirm()


def grow(path: Path, count: int) -> None:
    """Add bytes that tell their place, cheaply."""
    with path.open("ab") as file:
        start = file.seek(0, os.SEEK_END)
        pattern = bytes(range(251)) * (count // 251 + 2)
        file.write(pattern[start % 251 : start % 251 + count])


def check(receiver: Receiver, size: int) -> None:
    """Every byte is there as it was printed, or counted."""
    assert receiver.size == size
    assert sum(map(len, receiver.kept.values())) + receiver.missing == size
    for start, data in receiver.kept.items():
        pattern = bytes(range(251)) * (len(data) // 251 + 2)
        assert data == pattern[start % 251 : start % 251 + len(data)]


def shrink(patch: pytest.MonkeyPatch) -> None:
    """Make all sizes a small part of what they are."""
    for name in ("HEAD_BYTES", "LAST_BYTES", "_SLACK_BYTES", "_MOST_BYTES", "_KEPT_BYTES"):
        patch.setattr(module, name, getattr(module, name) // 256)
    patch.setattr(module, "_STEP_BYTES", 8192)
    patch.setattr(module, "PIECE_BYTES", 5000)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["print", "flood", "take", "lose", "restart", "wait", "look", "give up"]),
        st.integers(0, 900_000),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps=_STEPS)
def test_all_arrives_or_is_counted_whatever_happens(steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as name:
        shrink(patch)
        path, clock, receiver = Path(name) / "output.log", Clock(), Receiver()
        path.touch()
        spool = Spool(path, clock)

        for step, number in steps:
            if step in ("print", "flood"):
                grow(path, number)
                clock.seconds += 0 if step == "flood" else number / (1 << 20)
            elif step == "wait":
                clock.seconds += number / 900_000
            elif step == "look":
                spool.look()
            elif step == "give up":
                spool.give_up()
            elif step == "restart":
                spool = Spool(path, clock)
            elif piece := spool.take():
                receiver.receive(piece.offset, piece.skipped, piece.data)
                if step == "take":  # else the answer is lost
                    spool.confirm()
        receiver.drain(spool)

        check(receiver, path.stat().st_size)


def test_a_job_within_the_rate_loses_nothing(tmp_path: Path) -> None:
    path, clock, receiver = tmp_path / "output.log", Clock(), Receiver()
    spool = Spool(path, clock)

    for _ in range(25):
        grow(path, 4 * _UNIT)
        clock.seconds += 1
        receiver.drain(spool)

    check(receiver, 100 * _UNIT)
    assert receiver.missing == 0


def test_a_flood_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    path, clock, receiver = tmp_path / "output.log", Clock(), Receiver()
    spool = Spool(path, clock)
    for _ in range(20):
        grow(path, 20 * _UNIT)
        clock.seconds += 0.05
        spool.look()

    receiver.drain(spool)

    check(receiver, 400 * _UNIT)
    assert 300 * _UNIT < receiver.missing < 400 * _UNIT - BURST_BYTES
    starts = sorted(receiver.kept)
    assert all(start in receiver.kept for start in range(0, 32 * _UNIT, module.PIECE_BYTES))
    assert starts[-1] + len(receiver.kept[starts[-1]]) == 400 * _UNIT
    assert path.stat().st_blocks * 512 < 8 * _UNIT


def test_an_absent_server_fills_no_disk(tmp_path: Path) -> None:
    path, clock, receiver = tmp_path / "output.log", Clock(), Receiver()
    spool = Spool(path, clock)
    spool.take()

    for _ in range(100):
        grow(path, 4 * _UNIT)
        clock.seconds += 1
        spool.look()

    assert path.stat().st_blocks * 512 <= 200 * _UNIT
    receiver.drain(Spool(path, clock))
    check(receiver, 400 * _UNIT)
    assert receiver.missing < 300 * _UNIT


def test_the_newest_mebibyte_stays_when_time_is_up(tmp_path: Path) -> None:
    path, receiver = tmp_path / "output.log", Receiver()
    grow(path, 50 * _UNIT)
    spool = Spool(path, Clock())

    spool.give_up()
    receiver.drain(spool)

    check(receiver, 50 * _UNIT)
    assert receiver.missing == 49 * _UNIT


def test_a_server_that_lost_bytes_gets_what_is_still_there(tmp_path: Path) -> None:
    path, receiver = tmp_path / "output.log", Receiver()
    grow(path, 6 * _UNIT)
    spool = Spool(path, Clock())
    receiver.drain(spool)

    again = Receiver()
    spool.rewind(0)
    again.drain(spool)

    check(again, 6 * _UNIT)
    assert 4 * _UNIT <= again.missing < 5 * _UNIT


def test_what_a_burst_owes_is_paid_with_time() -> None:
    allowance = Allowance(0.0)

    allowance.observe(BURST_BYTES + 10 * _UNIT, 0.0)
    owed = allowance.debt
    allowance.observe(BURST_BYTES + 10 * _UNIT, 2.0)

    assert (owed, allowance.debt) == (10 * _UNIT, 2 * _UNIT)
