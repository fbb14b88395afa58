"""What of a job's output reaches a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundations_cli.terminal import TerminalFilter


def show(*pieces: bytes) -> str:
    shown = TerminalFilter()
    return "".join([*(shown.take(piece) for piece in pieces), shown.take(b"", is_last=True)])


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (b"\x1b[1;31mred\x1b[0m plain\n", "\x1b[1;31mred\x1b[0m plain\n"),
        (b"10%\r20%\r\n\ttab", "10%\r20%\r\n\ttab"),
        (b"\x1b[2J\x1b[1;1Hhome\x1b[3A\x1b[?25l", "home"),
        (b"\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1b]52;c;cm0gLXJm\x07paste", "paste"),
        (b"\x1b]0;title\x07text\x1bPq#0\x1b\\", "text"),
        (b"\x1b]0;no end\nnext", "0;no end\nnext"),
        (b"bell\x07 back\x08 null\x00 c1\xc2\x9b31m", "bell back null c131m"),
        (b"\x1bc\x1b(0\x1b7reset\x1b", "reset"),
        ("grün ✓\n".encode(), "grün ✓\n"),
        (b"\xff\xfe raw", "\ufffd\ufffd raw"),
    ],
)
def test_only_colours_tabs_and_line_ends_are_left(printed: bytes, shown: str) -> None:
    assert show(printed) == shown
    assert show(*(printed[index : index + 1] for index in range(len(printed)))) == shown


@given(st.lists(st.sampled_from(
    [b"\x1b", b"[", b"]", b"0", b";", b"m", b"\x07", b"\\", b"\n", b"A", b"P", b"\xc2\x9b", b" "]
)))  # fmt: skip
def test_no_escape_but_a_colour_gets_through_however_it_is_cut(pieces: list[bytes]) -> None:
    shown = show(*pieces)

    parts = shown.split("\x1b")
    assert all(part.startswith("[") and "m" in part for part in parts[1:])
    assert not any(ord(letter) < 32 and letter not in "\x1b\n\r\t" for letter in shown)
    assert "\x9b" not in shown


def test_a_sequence_without_an_end_does_not_hold_the_log_back() -> None:
    shown = TerminalFilter()

    text = shown.take(b"\x1b]" + b"x" * 10_000)

    assert len(text) > 5_000
