from __future__ import annotations

import io
from pathlib import Path

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


def test_bytes_written_below_the_text_reach_both_in_order() -> None:
    stream, terminal, copied = make()

    stream.write("a")
    stream.buffer.write(b"b")
    stream.write("c")
    stream.flush()

    assert terminal.getvalue() == b"abc"
    assert bytes(copied) == b"abc"


def test_the_copy_has_the_bytes_before_anything_is_flushed() -> None:
    stream, _, copied = make()

    stream.write("half a line")

    assert bytes(copied) == b"half a line"


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
    stream = console._wrap(inner, console._copy)

    print("still here", file=stream)

    assert inner.getvalue() == "still here\n"
