"""Keeps a copy of what the program prints, without its noticing.

What goes through `sys.stdout` and `sys.stderr` of this process is copied; what a C library
or a child process writes to the same terminal is not.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import Any, Callable, Optional, TextIO, Union

from foundations import reporting

Bytes = Union[bytes, bytearray, memoryview]
Copy = Callable[[Bytes], None]


class Console:
    """Copies both streams into a file; a line is in it when `print` returns.

    Each piece is appended with one system call, so that it survives the death of the
    process, and forked children may print too.
    """

    def __init__(self, path: Path) -> None:
        """Open the file for appending.

        Raises:
            OSError: it cannot be opened.
        """
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY
        self._descriptor = os.open(path, flags, 0o600)
        self._kept: list[TextIO] = []  # a wrapper that is collected would close its stream
        self._lost_bytes = 0
        self.has_last_words = False

    def install(self) -> None:
        """Put copying streams in the place of `sys.stdout` and `sys.stderr`."""
        if sys.stdout is not None:
            sys.stdout = wrap(sys.stdout, self.copy)
            self._kept.append(sys.stdout)
        if sys.stderr is not None:
            sys.stderr = wrap(sys.stderr, self._copy_error)
            self._kept.append(sys.stderr)

    def copy(self, data: Bytes) -> None:
        """Append bytes to the file."""
        try:
            written = os.write(self._descriptor, data)
        except OSError:  # a full disk must not stop the program's output
            written = 0
        self._lost_bytes += len(data) - written

    def finish(self) -> None:
        """Copy what belongs to unfinished lines, and say what found no room, if any.

        Earlier it cannot be said: the sentence would be printed in the middle of another.
        """
        for stream in self._kept:
            with contextlib.suppress(OSError, ValueError):  # closed, or its reader has gone
                stream.flush()
        if self._lost_bytes:
            reporting.warn(
                f"{self._lost_bytes} bytes of what was printed are not in the job's log: they "
                f"found no room on the disk."
            )

    def _copy_error(self, data: Bytes) -> None:
        self.copy(data)
        # Only the interpreter itself writes without a Python function around it: the text
        # of `raise SystemExit("text")`, after the program's last line.
        stream_write = sys._getframe(1)  # noqa: SLF001 - inspect takes long to import
        if stream_write.f_back is None:
            self.has_last_words = True


def wrap(stream: TextIO, copy: Copy) -> TextIO:
    """Return a stream like the given one whose bytes also go to `copy`, line by line."""
    if isinstance(stream, io.TextIOWrapper):
        stream.flush()
        return _CopyingTextWrapper(stream, copy)
    return _CopyingText(stream, copy)  # type: ignore[return-value] # it delegates the rest


class _CopyingTextWrapper(io.TextIOWrapper):
    """Always hands on whole lines, and flushes when the stream below it would have.

    A line is put together before it leaves, so that threads which print at the same time
    mix their lines as little as they did before.
    """

    def __init__(self, stream: io.TextIOWrapper, copy: Copy) -> None:
        self._lines = _CopyingLines(stream, copy)
        self._public_buffer = _CopyingBytes(stream, copy)
        super().__init__(
            self._lines,
            encoding=stream.encoding,
            errors=stream.errors,
            newline=None if os.name == "nt" else "\n",
            line_buffering=True,
            write_through=stream.write_through,
        )
        vars(self)["mode"] = getattr(stream, "mode", "w")  # as Python's own have it

    @property
    def buffer(self) -> Any:
        return self._public_buffer

    @property
    def line_buffering(self) -> bool:
        return self._lines.does_flush

    def reconfigure(self, *, line_buffering: Optional[bool] = None, **options: Any) -> None:
        if line_buffering is not None:
            self._lines.does_flush = line_buffering
        super().reconfigure(**options)

    def flush(self) -> None:
        super().flush()
        self._public_buffer.flush()


class _CopyingBytes(io.BufferedIOBase):
    """The binary layer below a text stream: everything passes through here."""

    def __init__(self, stream: io.TextIOWrapper, copy: Copy) -> None:
        self._stream = stream  # collected, it would close what lies below it
        self._inner: Any = stream.buffer
        self._copy = copy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, data: Any) -> int:
        self._copy(data)
        written: int = self._inner.write(data)
        return written

    def flush(self) -> None:
        self._inner.flush()

    def close(self) -> None:
        self._inner.close()

    @property
    def closed(self) -> bool:
        return bool(self._inner.closed)

    def readable(self) -> bool:
        return bool(self._inner.readable())

    def writable(self) -> bool:
        return bool(self._inner.writable())

    def seekable(self) -> bool:
        return bool(self._inner.seekable())

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._inner.seek(offset, whence))

    def tell(self) -> int:
        return int(self._inner.tell())

    def fileno(self) -> int:
        return int(self._inner.fileno())

    def isatty(self) -> bool:
        return bool(self._inner.isatty())


class _CopyingLines(_CopyingBytes):
    """What the text layer writes to; it flushes at each line, the stream below perhaps not."""

    def __init__(self, stream: io.TextIOWrapper, copy: Copy) -> None:
        super().__init__(stream, copy)
        self.does_flush = stream.line_buffering

    def flush(self) -> None:
        if self.does_flush:
            super().flush()


class _CopyingText:
    """A text stream of another make (a notebook's, a tool's), with its writes copied."""

    def __init__(self, inner: Any, copy: Copy) -> None:
        self._inner = inner
        self._copy = copy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def write(self, text: str) -> Any:
        self._copy(text.encode("utf-8", "replace"))
        return self._inner.write(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)
