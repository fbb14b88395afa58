from __future__ import annotations

import os
import threading
from pathlib import Path

from foundations_client.journal.records import HEADER_BYTES, encode_key
from foundations_client.journal.segments import WrittenSegment


def make(folder: Path) -> WrittenSegment:
    return WrittenSegment(folder / "1.journal", 0, 4096, threading.RLock())


def take_number(segment: WrittenSegment, folder: Path) -> int:
    """Do as a daemon does: close all numbers, and open a file that gets one of them."""
    foreign = os.open(folder / "foreign", os.O_CREAT | os.O_RDWR)
    os.dup2(foreign, segment._descriptor)
    os.close(foreign)
    return segment._descriptor


def test_a_file_that_got_the_number_is_not_written(tmp_path: Path) -> None:
    segment = make(tmp_path)
    taken = take_number(segment, tmp_path)

    segment.write(encode_key(0, "loss"))

    assert (tmp_path / "foreign").read_bytes() == b""
    assert segment.load(HEADER_BYTES, 4096) == encode_key(0, "loss")
    os.close(taken)


def test_a_file_that_got_the_number_is_not_closed(tmp_path: Path) -> None:
    segment = make(tmp_path)
    taken = take_number(segment, tmp_path)

    segment.seal()

    assert os.fstat(taken).st_size == 0
    os.close(taken)


def test_a_number_that_was_closed_is_opened_again(tmp_path: Path) -> None:
    segment = make(tmp_path)
    os.close(segment._descriptor)

    segment.write(encode_key(0, "loss"))

    assert segment.load(HEADER_BYTES, 4096) == encode_key(0, "loss")
    segment.drop()
