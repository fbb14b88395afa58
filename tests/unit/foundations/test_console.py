from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from foundations.console import Console, wrap


class Terminal(io.BytesIO):
    name = "<terminal>"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 7


def make() -> tuple[io.TextIOWrapper, Terminal, bytearray]:
    terminal, copied = Terminal(), bytearray()
    inner = io.TextIOWrapper(terminal, encoding="latin-1", errors="replace", line_buffering=True)
    wrapper = wrap(inner, copied.extend)
    assert isinstance(wrapper, io.TextIOWrapper)
    return wrapper, terminal, copied


def test_what_is_printed_reaches_both() -> None:
    stream, terminal, copied = make()

    print("grün", 1, file=stream)

    assert terminal.getvalue() == "grün 1\n".encode("latin-1")
    assert bytes(copied) == terminal.getvalue()


def test_bytes_written_below_the_text_reach_both() -> None:
    stream, terminal, copied = make()

    stream.write("a\n")
    stream.buffer.write(b"b")
    stream.write("c\n")

    assert terminal.getvalue() == b"a\nbc\n"
    assert bytes(copied) == b"a\nbc\n"


def test_a_line_leaves_in_one_piece() -> None:
    pieces: list[bytes] = []
    stream = wrap(io.TextIOWrapper(io.BytesIO(), "utf-8"), lambda data: pieces.append(bytes(data)))

    print("a", 1, None, file=stream)
    print("half", end="", file=stream)
    before = list(pieces)
    print(" a line", file=stream)

    assert before == [b"a 1 None\n"]
    assert pieces == [b"a 1 None\n", b"half a line\n"]


def test_a_stream_that_keeps_lines_back_still_does_until_it_is_flushed() -> None:
    raw = io.BytesIO()
    buffered = io.BufferedWriter(raw)
    copied = bytearray()
    stream = wrap(io.TextIOWrapper(buffered, "utf-8"), copied.extend)
    assert isinstance(stream, io.TextIOWrapper)

    print("a line", file=stream)
    before = raw.getvalue()
    stream.flush()
    flushed = raw.getvalue()
    stream.buffer.write(b"more")
    stream.buffer.flush()

    assert bytes(copied) == b"a line\nmore"
    assert (before, flushed, raw.getvalue()) == (b"", b"a line\n", b"a line\nmore")
    assert not stream.line_buffering


def test_lines_are_flushed_when_the_program_asks_for_it() -> None:
    raw = io.BytesIO()
    buffered = io.BufferedWriter(raw)
    stream = wrap(io.TextIOWrapper(buffered, "utf-8"), bytearray().extend)
    assert isinstance(stream, io.TextIOWrapper)

    stream.reconfigure(line_buffering=True)
    print("a line", file=stream)

    assert raw.getvalue() == b"a line\n"
    assert stream.line_buffering


def test_it_seems_to_be_the_stream_it_copies() -> None:
    stream, _, _ = make()

    assert stream.isatty()
    assert stream.fileno() == 7
    assert stream.encoding == "latin-1"
    assert stream.errors == "replace"
    assert stream.name == "<terminal>"
    assert stream.line_buffering
    assert stream.writable()
    assert not stream.closed
    stream.reconfigure(encoding="utf-8")
    assert stream.encoding == "utf-8"


def test_a_stream_of_another_make_keeps_its_own_ways() -> None:
    class Notebook(io.StringIO):
        colour = "blue"

    copied = bytearray()
    inner = Notebook()
    stream = wrap(inner, copied.extend)

    stream.writelines(["a", "b\n"])
    print("ü", file=stream)

    assert inner.getvalue() == "ab\nü\n"
    assert copied.decode() == "ab\nü\n"
    assert stream.colour == "blue"  # type: ignore[attr-defined] # delegated


def test_a_copy_that_cannot_be_written_does_not_stop_the_output() -> None:
    console = Console(Path("/dev/full"))
    inner = io.StringIO()
    stream = wrap(inner, console.copy)

    print("still here", file=stream)

    assert inner.getvalue() == "still here\n"


def test_what_found_no_room_on_the_disk_is_told_once_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(tmp_path / "output.log")
    os.close(console._descriptor)
    console._descriptor = os.open("/dev/full", os.O_WRONLY)

    console.copy(b"12345")
    console.copy(b"678")
    console.finish()

    os.close(console._descriptor)
    out = capsys.readouterr().out
    assert out.count("WARNING") == 1
    assert "8 bytes of what was printed are not in the job's log" in out
