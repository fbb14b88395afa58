"""Logs as segments within a limit: exactly the bytes, or exactly how many are missing."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundations_server.archive.log_times import LogTimes
from foundations_server.archive.logs import JobLogs, Piece
from foundations_server.platform.clock import FakeClock
from foundations_wire.errors import OffsetGap

_SEGMENT = 256
_LIMIT = 8 * _SEGMENT


def open_logs(folder: Path) -> JobLogs:
    return JobLogs(folder, limit=_LIMIT, segment_bytes=_SEGMENT, clock=FakeClock())


def read_pieces(logs: JobLogs, limit: int = 100) -> list[Piece]:
    pieces: list[Piece] = []
    offset = 0
    while (piece := logs.read("j", offset, limit)).end > offset:
        pieces.append(piece)
        offset = piece.end
    return pieces


def make(start: int, count: int) -> bytes:
    """Return bytes that tell their place."""
    return bytes((start + index) * 7 % 251 for index in range(count))


@dataclass
class Printed:
    """What a log has been told: how long it is and which ranges were skipped."""

    size: int = 0
    skipped: set[int] = field(default_factory=set)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["append", "again", "skip", "restart", "gap"]),
        st.integers(0, 700),
        st.integers(0, 700),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(steps=_STEPS, limit=st.integers(1, 500))
def test_every_byte_is_read_or_counted_whatever_came_in(
    steps: list[tuple[str, int, int]], limit: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        logs, printed = open_logs(Path(name)), Printed()

        for step, first, second in steps:
            logs = _take(logs, Path(name), printed, step, first, second)

        pieces = read_pieces(logs, limit)
        sizes = {logs.size("j"), open_logs(Path(name)).size("j")}
    assert sizes == {printed.size}
    at = 0
    for piece in pieces:
        assert piece.start == at + piece.missing
        assert piece.data == make(piece.start, len(piece.data))
        assert not printed.skipped & set(range(piece.start, piece.end))
        at = piece.end
    assert at == printed.size
    kept = sum(len(piece.data) for piece in pieces)
    assert kept <= _LIMIT + _SEGMENT
    if printed.size <= _LIMIT // 4:
        assert kept == printed.size - len(printed.skipped)


def _take(
    logs: JobLogs, folder: Path, printed: Printed, step: str, first: int, second: int
) -> JobLogs:
    if step == "restart":
        return open_logs(folder)
    if step == "gap":
        with pytest.raises(OffsetGap) as caught:
            logs.append("j", printed.size + 1 + first, b"x")
        assert caught.value.details["expected"] == printed.size
        return logs
    back = min(first, printed.size) if step == "again" else 0
    skipped = first if step == "skip" else 0
    begin = printed.size - back
    size = logs.append("j", begin, make(begin + skipped, second), skipped)
    printed.skipped |= set(range(printed.size, begin + skipped))
    printed.size = max(printed.size, begin + skipped + second)
    assert size == printed.size
    return logs


def test_the_beginning_and_the_end_stay_of_a_log_over_its_limit(tmp_path: Path) -> None:
    logs = open_logs(tmp_path)

    for start in range(0, 20_000, 100):
        logs.append("j", start, make(start, 100))

    first, *rest = read_pieces(logs, 1 << 20)
    assert (first.start, len(first.data)) == (0, _SEGMENT)
    assert sum(piece.missing for piece in rest) == rest[0].missing == rest[0].start - _SEGMENT
    assert sum(len(piece.data) for piece in rest) >= _LIMIT - 2 * _SEGMENT
    assert rest[-1].end == 20_000
    assert sum(path.stat().st_size for path in (tmp_path / "j").iterdir()) < _LIMIT


def test_full_segments_are_compressed(tmp_path: Path) -> None:
    logs = JobLogs(tmp_path)

    logs.append("j", 0, b"the same line\n" * 700_000)

    assert sum(path.stat().st_size for path in (tmp_path / "j").iterdir()) < 2 << 20
    assert b"".join(logs.read_all("j")) == b"the same line\n" * 700_000


def test_a_line_stands_where_bytes_are_not_kept(tmp_path: Path) -> None:
    logs = open_logs(tmp_path)
    logs.append("j", 0, b"first\nhalf a li")
    logs.append("j", 15, b"end\n", skipped=1234)

    text = b"".join(logs.read_all("j")).decode()

    assert text == "first\nhalf a li\n[atlas] … 1234 bytes of output are not kept …\nend\n"


def test_bytes_skipped_at_the_end_count_before_others_follow(tmp_path: Path) -> None:
    logs = open_logs(tmp_path)
    logs.append("j", 0, b"one\n")
    logs.append("j", 4, b"", skipped=10)
    logs.append("j", 14, b"", skipped=6)

    assert logs.size("j") == 20
    assert logs.read("j", 7) == Piece(20, missing=13)
    logs.append("j", 20, b"two\n")
    assert logs.read("j", 4) == Piece(20, b"two\n", missing=16)


def test_many_small_pieces_between_skipped_ones_stay_few_files(tmp_path: Path) -> None:
    logs, size = open_logs(tmp_path), 0

    for _ in range(600):
        size = logs.append("j", size, b"x", skipped=1)

    assert len(list((tmp_path / "j").iterdir())) < 550
    assert sum(len(piece.data) + piece.missing for piece in read_pieces(logs)) == 1_200


def test_a_log_of_one_file_is_read_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "j.log").write_bytes(make(0, 3_000))
    logs = JobLogs(tmp_path, segment_bytes=_SEGMENT)

    assert logs.size("j") == 3_000
    assert logs.read("j", 2_990).data == make(2_990, 10)
    logs.append("j", 2_990, make(2_990, 500))

    assert b"".join(logs.read_all("j")) == make(0, 3_490)


def test_nothing_is_left_of_a_deleted_log(tmp_path: Path) -> None:
    logs = open_logs(tmp_path)
    logs.append("j", 0, make(0, 3_000))

    logs.delete("j")

    assert list(tmp_path.iterdir()) == []
    assert logs.size("j") == 0
    assert logs.append("j", 0, b"new") == 3


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        (b"one\ntwo\nthree\n", 2, b"two\nthree\n"),
        (b"one\ntwo\nthree", 2, b"two\nthree"),
        (b"one\n", 5, b"one\n"),
        (b"one\n", 0, b""),
        (b"", 3, b""),
        (b"\n\n\n", 2, b"\n\n"),
        (b"x" * 300 + b"\n" + b"y" * 600 + b"\nz\n", 2, b"y" * 600 + b"\nz\n"),
    ],
)
def test_the_last_lines_are_found_over_segments(
    tmp_path: Path, text: bytes, count: int, expected: bytes
) -> None:
    logs = open_logs(tmp_path)
    logs.append("j", 0, text)

    found = logs.find_lines("j", count)

    assert logs.read("j", found, 10_000).data[:200] == expected[:200]
    assert len(text) - found == len(expected)


def test_the_last_lines_do_not_reach_over_what_is_not_kept(tmp_path: Path) -> None:
    logs = open_logs(tmp_path)
    logs.append("j", 0, b"one\n")
    logs.append("j", 4, b"two\n", skipped=1_000_000_000)

    assert logs.find_lines("j", 10) == 1_000_000_004


def test_what_came_since_a_moment_is_found_to_the_second(tmp_path: Path) -> None:
    clock = FakeClock(1000.0)
    logs = JobLogs(tmp_path, clock=clock)
    for _ in range(10):
        logs.append("j", logs.size("j"), b"line\n")
        clock.advance(10)

    assert logs.find_time("j", 900) == 0
    assert logs.find_time("j", 1030) == 15
    assert logs.find_time("j", 1035) == 20
    assert logs.find_time("j", 1095) == 50
    assert logs.find_time("none", 900) == 0


def test_the_index_of_times_stays_small_and_ordered(tmp_path: Path) -> None:
    times = LogTimes(tmp_path / "times")

    for second in range(33_000):
        times.note(1000.0 + 2 * second, second)

    assert (tmp_path / "times").stat().st_size <= 1 << 20
    assert times.find(1000.0 + 2 * 32_999) == 32_999
    assert times.find(1000.0 + 2 * 20_000) in (19_999, 20_000)
    assert LogTimes(tmp_path / "times").find(0) == 0


def test_an_entry_torn_by_a_crash_is_written_over(tmp_path: Path) -> None:
    LogTimes(tmp_path / "times").note(1000.0, 0)
    with (tmp_path / "times").open("ab") as file:
        file.write(b"torn")

    times = LogTimes(tmp_path / "times")
    times.note(2000.0, 77)

    assert times.find(1999.5) == 77
