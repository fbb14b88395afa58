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
from typing import Any, Callable, TextIO, Union

Bytes = Union[bytes, bytearray, memoryview]
Copy = Callable[[Bytes], None]


class Console:
    """Copies both streams into a file; bytes are in it when `print` returns.

    The copy is appended with single system calls, so that it survives the death of the
    process and forked children may print too.
    """

    def __init__(self, path: Path) -> None:
        """Open the file for appending.

        Raises:
            OSError: it cannot be opened.
        """
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY
        self._descriptor = os.open(path, flags, 0o600)
        self._kept: list[Any] = []  # a wrapper that is collected would close its stream
        self.has_last_words = False

    def install(self) -> None:
        """Put copying streams in the place of `sys.stdout` and `sys.stderr`."""
        if sys.stdout is not None:
            sys.stdout = self._wrap(sys.stdout, self._copy)
        if sys.stderr is not None:
            sys.stderr = self._wrap(sys.stderr, self._copy_error)

    def _wrap(self, stream: TextIO, copy: Copy) -> TextIO:
        wrapper = wrap(stream, copy)
        self._kept.append(wrapper)
        return wrapper

    def _copy(self, data: Bytes) -> None:
        with contextlib.suppress(OSError):  # a full disk must not stop the program's output
            os.write(self._descriptor, data)

    def _copy_error(self, data: Bytes) -> None:
        self._copy(data)
        # Only the interpreter itself writes without a Python function around it: the text
        # of `raise SystemExit("text")`, after the program's last line.
        if _is_called_by_interpreter():
            self.has_last_words = True


def _is_called_by_interpreter() -> bool:
    frame = sys._getframe(2).f_back  # noqa: SLF001 - above: _copy_error, the stream's write
    return frame is None


def wrap(stream: TextIO, copy: Copy) -> TextIO:
    """Return a stream like the given one that also hands its bytes to `copy`."""
    if not isinstance(stream, io.TextIOWrapper):
        return _CopyingText(stream, copy)  # type: ignore[return-value] # it delegates the rest
    stream.flush()
    wrapper = io.TextIOWrapper(
        _CopyingBytes(stream, copy),
        encoding=stream.encoding,
        errors=stream.errors,
        newline=None if os.name == "nt" else "\n",
        line_buffering=stream.line_buffering,
        write_through=True,
    )
    wrapper.mode = getattr(stream, "mode", "w")  # type: ignore[misc] # as Python's own have it
    return wrapper


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
