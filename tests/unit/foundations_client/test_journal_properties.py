"""Journals cut, damaged and interleaved at random."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundations_client.journal import FileJournal, MemoryJournal, files
from foundations_client.journal.records import Cursor, Taken, encode_header, encode_key, measure
from foundations_wire.events import ParamLogged, TagSet
from support.journals import pack, read_events

Step = tuple[str, Any]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tag"), st.text(st.characters(exclude_categories=["Cs"]), max_size=40)),
        st.tuples(st.just("float"), st.floats(allow_nan=True, allow_infinity=True)),
        st.tuples(st.just("int"), st.integers(-(2**63), 2**63 - 1)),
        st.tuples(st.just("many"), st.integers(1, 300)),
        st.tuples(st.just("big"), st.integers(1, 200_000)),
    ),
    max_size=40,
)
NAMES = ["loss", "größe", "a/b", "x" * 1000]


@contextmanager
def folder() -> Iterator[Path]:
    """Lend a new folder; hypothesis runs a test many times in one of pytest's."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def play(journal: FileJournal | MemoryJournal, steps: list[Step]) -> list[Any]:
    """Append what the steps say; return what identifies each event."""
    count, expected = itertools.count().__next__, list[Any]()
    for index, (what, value) in enumerate(steps):
        name = NAMES[index % len(NAMES)]
        if what == "tag":
            journal.append(TagSet(1.0, "k", value))
            expected.append(value)
        elif what == "big":
            journal.append(ParamLogged(1.0, "k", "y" * value))
            expected.append("y" * value)
        else:
            values = [float(n) for n in range(value)] if what == "many" else [value]
            journal.put([(name, count, pack(number, index)) for number in values])
            expected += [(name, index, _bits(number)) for number in values]
    return expected


def show(event: dict[str, Any]) -> Any:
    if event["event"] != "metric":
        return event["value"]
    return event["name"], event["step"], _bits(event["value"])


def _bits(value: Any) -> Any:
    """Return what tells floats apart, NaNs by being one and zeros by their sign."""
    number = float(value) if isinstance(value, str) else value
    if isinstance(number, int):
        return number
    return "NaN" if number != number else struct.pack("<d", number)  # noqa: PLR0124


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, is_mapped=st.booleans())
def test_whatever_is_appended_comes_back_live_and_after_death(
    steps: list[Step], *, is_mapped: bool
) -> None:
    with folder() as root, pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "is_mappable", lambda _: is_mapped)
        journal = FileJournal.create(root, "job-1", "p")

        expected = play(journal, steps)
        live = [show(event) for event in read_events(journal)]
        count = journal.count
        journal.close()
        taken = FileJournal.take_over(root / "job-1" / "p")
        assert taken is not None
        dead = [show(event) for event in read_events(taken)]

        assert live == dead == expected
        assert count == taken.count == len(expected)
        assert taken.damage is None
        taken.close()


@settings(max_examples=40, deadline=None)
@given(
    steps=STEPS, first=st.integers(0, 400), limit=st.integers(1, 400), size=st.integers(1, 9999)
)
def test_any_part_can_be_read_in_any_order(
    steps: list[Step], first: int, limit: int, size: int
) -> None:
    journal = MemoryJournal()
    expected = play(journal, steps)

    parts = [journal.read(at, limit=limit, max_bytes=size) for at in (first, 0, first)]

    assert parts[0] == parts[2]
    assert parts[0].count <= limit
    assert (parts[0].count > 0) == (first < len(expected))


@pytest.mark.parametrize("fill", [b"", b"\0" * 100])
def test_whatever_is_torn_off_the_whole_records_before_it_are_read(
    tmp_path: Path, fill: bytes
) -> None:
    journal = FileJournal.create(tmp_path, "job-1", "p")
    steps: list[Step] = [("tag", "a"), ("float", 0.5), ("many", 3), ("tag", "b"), ("int", 1)]
    expected = play(journal, steps)
    journal.close()
    whole = (journal.folder / "000001.journal").read_bytes()
    found: list[int] = []

    for size in range(24, len(whole) + 1):
        torn = tmp_path / f"torn-{size}"
        shutil.copytree(journal.folder, torn)
        (torn / "000001.journal").write_bytes(whole[:size] + fill)
        taken = FileJournal.take_over(torn)
        assert taken is not None
        events = [show(event) for event in read_events(taken)]
        assert events == expected[: len(events)]
        assert taken.damage is None
        taken.append(TagSet(1.0, "k", "after"))
        assert show(read_events(taken, len(events))[0]) == "after"
        taken.close()
        found.append(len(events))

    assert found == sorted(found)
    assert (found[0], found[-1]) == (0, len(expected))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400), names=st.integers(0, 3))
def test_any_bytes_are_measured_and_read_without_a_fault(data: bytes, names: int) -> None:
    keys = b"".join(encode_key(number, f"n{number}") for number in range(names))
    segment = encode_header(7) + keys + data

    extent = measure(segment)
    cursor, taken = Cursor(7), Taken(1 << 20)
    sound = segment[: extent.end]
    while cursor.advance(sound[cursor.offset :], 1000, taken):
        pass

    assert cursor.number - 7 == taken.count == extent.count


@settings(max_examples=60, deadline=None)
@given(steps=STEPS.filter(bool), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_nothing_false_is_read_when_a_bit_flips(steps: list[Step], where: float, bit: int) -> None:
    with folder() as root:
        journal = FileJournal.create(root, "job-1", "p")
        expected = play(journal, steps)
        journal.close()
        path = min(journal.folder.glob("*.journal"))
        data = bytearray(path.read_bytes())
        data[24 + int(where * (len(data) - 24))] ^= 1 << bit
        path.write_bytes(data)

        taken = FileJournal.take_over(journal.folder)
        assert taken is not None
        events = read_events(taken)

        kept = [show(event) for event in events if event["event"] != "dropped"]
        ours = iter(expected)
        assert all(any(one == other for other in ours) for one in kept)
        taken.close()


@pytest.mark.parametrize("is_mapped", [True, False])
def test_threads_and_signal_handlers_may_append_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_mapped: bool
) -> None:
    monkeypatch.setattr(files, "is_mappable", lambda _: is_mapped)
    monkeypatch.setattr(files, "_SIZES", (4096, 8192))
    journal = FileJournal.create(tmp_path, "job-1", "p")
    handled = itertools.count()

    def handle(_number: int, _frame: FrameType | None) -> None:
        journal.append(TagSet(1.0, "signal", str(next(handled))))
        signal.setitimer(signal.ITIMER_REAL, 0.0005)

    def log(name: str) -> None:
        count = itertools.count().__next__
        for step in range(3000):
            journal.put([(name, count, pack(step, step))])

    threads = [threading.Thread(target=log, args=(f"thread-{n}",)) for n in range(4)]
    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.0005)
    try:
        for thread in threads:
            thread.start()
        log("main")
        for thread in threads:
            thread.join()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    signals = next(handled)
    events = read_events(journal)
    assert journal.count == len(events) == 15_000 + signals
    for name in ("main", *(thread_name(n) for n in range(4))):
        assert [e["value"] for e in events if e.get("name") == name] == list(range(3000))
    told = [int(event["value"]) for event in events if event["event"] == "tag"]
    assert sorted(told) == list(range(signals))  # a handler may come amid another
    journal.close()


def thread_name(number: int) -> str:
    return f"thread-{number}"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_what_was_appended_survives_when_the_process_is_killed(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        journal = FileJournal.create(tmp_path, "job-1", "p")
        count = itertools.count().__next__
        for step in range(20_000):
            journal.put([("loss", count, pack(step, step))])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    taken = FileJournal.take_over(tmp_path / "job-1" / "p")

    assert taken is not None
    assert [event["value"] for event in read_events(taken)] == list(range(20_000))
    taken.close()


def test_a_thread_knows_that_it_is_amid_a_call_of_its_own() -> None:
    journal = MemoryJournal()
    seen = []

    with journal._lock:
        seen.append(journal.is_amid_a_call)
        other = threading.Thread(target=lambda: seen.append(journal.is_amid_a_call))
        other.start()
        other.join()
    seen.append(journal.is_amid_a_call)

    assert seen == [True, False, False]
