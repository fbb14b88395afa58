"""What a job printed, made safe for a person's terminal.

A job's output is not the user's own: it may hold sequences that move the cursor over what
Atlas said, put text into the clipboard or hide where a link leads. Colours are kept.
"""

from __future__ import annotations

import codecs
import re
import sys
from typing import Optional

_RESET = "\x1b[0m"
_LONGEST = 4096  # characters of a sequence that are waited for
_SEQUENCE = re.compile(
    r"(\x1b\[[0-9;:]*m)"  # a colour
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # another control, such as a move of the cursor
    r"|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)"  # a string: title, link, clipboard, …
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
)
_UNFINISHED = re.compile(r"(?:\x1b\[[0-?]*[ -/]*|\x1b[\]PX^_][^\x07\x1b\n]*\x1b?|\x1b[ -/]*)\Z")


class TerminalFilter:
    """Turns bytes as they come into text without any controls but colours, tabs, line ends.

    A carriage return stays, so that a progress bar draws over itself.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = ""
        self.has_colour = False

    def take(self, data: bytes, *, is_last: bool = False) -> str:
        """Return what of the bytes may be shown; a sequence that is cut off waits."""
        text = self._unfinished + self._decoder.decode(data, is_last)
        cut = None if is_last else _UNFINISHED.search(text, max(len(text) - _LONGEST, 0))
        self._unfinished = text[cut.start() :] if cut else ""
        return _SEQUENCE.sub(self._choose, text[: cut.start()] if cut else text)

    def _choose(self, match: re.Match[str]) -> str:
        colour: Optional[str] = match.group(1)
        self.has_colour = self.has_colour or colour is not None
        return colour or ""


class LogPrinter:
    """Prints a log to stdout: safely on a terminal, byte for byte into a pipe."""

    def __init__(self) -> None:
        self._filter = TerminalFilter() if sys.stdout.isatty() else None
        self._is_broken = False

    def print(self, data: bytes) -> None:
        """Print bytes of the log at once."""
        if not data:
            return
        self._is_broken = not data.endswith(b"\n")
        self._put(data)

    def print_line(self, line: bytes) -> None:
        """Print a line of our own, which begins where a line does."""
        self.print(b"\n" + line if self._is_broken else line)

    def close(self) -> None:
        """Print what was waited for, and end the colours."""
        if self._filter is not None:
            self._put(b"", is_last=True)
            if self._filter.has_colour:
                sys.stdout.write(_RESET)
                sys.stdout.flush()

    def _put(self, data: bytes, *, is_last: bool = False) -> None:
        if self._filter is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        text = self._filter.take(data, is_last=is_last)
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()


def show_line(line: str) -> str:
    """Return a line of a job's output as it may be printed."""
    return TerminalFilter().take(line.encode(), is_last=True) if sys.stdout.isatty() else line
