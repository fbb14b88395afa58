"""How the process ends, known before it has ended.

An exception that reaches the top is seen by `sys.excepthook`, or, if the program replaced
that, in `sys.last_value`. `SystemExit` reaches no hook. From Python 3.12 on
`sys.monitoring` tells when it leaves the main module, which costs nothing while no
exception passes. Before that `sys.exit`, `exit` and `quit` are watched.

**What remains**: on Python 3.9 to 3.11 a bare `raise SystemExit(n)` with a number is
noticed, but `n` cannot be seen; the job is completed, and its reason says so. With a text
(`raise SystemExit("no such file")`) it fails with exit code 1, as it should.
"""

from __future__ import annotations

import contextlib
import functools
import opcode
import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any, Callable, NoReturn, Optional

_EXIT_VARIABLE = "FOUNDATIONS_EXIT_SECONDS"
_EXIT_SECONDS = 10.0
_REASON_CHARACTERS = 200
_UNSEEN = object()
# The ids that sys.monitoring leaves to programs like this one.
_TOOL_IDS = (4, 3)


def exit_seconds() -> float:
    """Return how long the end of a process may wait for the server."""
    try:
        return max(float(os.environ.get(_EXIT_VARIABLE, _EXIT_SECONDS)), 0.0)
    except ValueError:
        return _EXIT_SECONDS


class Deadline:
    """A time that all of a process's last steps share."""

    def __init__(self, seconds: float) -> None:
        """Begin to count."""
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that remain, 0 when it is over."""
        return max(self._end - time.monotonic(), 0.0)


@dataclass(frozen=True)
class Outcome:
    """How a job ended: `status` is final, `error` the exception that ended it."""

    status: str
    reason: Optional[str] = None
    exit_code: Optional[int] = None
    error: Optional[BaseException] = None


def from_exit_value(value: Any) -> Outcome:
    """Return what `sys.exit(value)` means: None is 0, a text is 1."""
    number = 0 if value is None else value
    code = number & 0xFF if isinstance(number, int) else 1
    if code == 0:
        return Outcome("completed", None, 0)
    return Outcome("failed", f"exit code {code}", code)


def say(error: BaseException) -> str:
    """Return an exception's text, whatever its own code does when it is asked for it."""
    try:
        return str(error)
    except Exception as trouble:  # noqa: BLE001 - the program's code, which may do anything
        return f"its text cannot be had ({type(trouble).__name__})"


def from_exception(error: BaseException) -> Outcome:
    """Return what an exception means that reached the top of the program."""
    if isinstance(error, SystemExit):
        return from_exit_value(error.code)
    text = say(error).strip()
    reason = f"{type(error).__name__}: {text.splitlines()[0]}" if text else type(error).__name__
    is_interrupt = isinstance(error, KeyboardInterrupt)
    code = 128 + signal.SIGINT if is_interrupt else 1
    return Outcome("failed", reason[:_REASON_CHARACTERS], code, error)


def keep_interrupted() -> None:
    """Let Python end the process by SIGINT when Ctrl-C ended the program; to be called last.

    It remembers an interrupt until code is run from a text, as imports of dataclasses do, and
    we import at the end. An interrupt in such code is remembered again.
    """
    if isinstance(getattr(sys, "last_value", None), KeyboardInterrupt):
        with contextlib.suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102 - the only way, see above


class ExitWatch:
    """Watches for the end of this process; made in its main thread while it starts."""

    def __init__(self) -> None:
        """Remember the main module's frame; nothing is changed yet."""
        self.error: Optional[BaseException] = None
        self._main = _find_main_frame()
        self._exit_value: Any = _UNSEEN
        self._unwound: Optional[tuple[CodeType, Any]] = None
        self._is_monitoring = False

    def install(self) -> None:
        """Begin to watch."""
        self._is_monitoring = self._monitor()
        if not self._is_monitoring:
            self._watch_exit_functions()

    def find_outcome(self, *, has_last_words: bool) -> Outcome:
        """Return how the process ends; to be asked when Python runs its exit functions.

        `has_last_words`: whether the interpreter itself printed a text on stderr.
        """
        error = self.error or getattr(sys, "last_value", None)
        if error is not None:
            return from_exception(error)
        if self._is_monitoring:
            value = self._find_unwound()
        elif self._main is not None and _has_returned(self._main):
            value = _UNSEEN  # a SystemExit was caught, if there was one
        else:
            value = self._exit_value
        if value is not _UNSEEN:
            return from_exit_value(value)
        if self._is_monitoring or self._main is None or _has_returned(self._main):
            return Outcome("completed", None, 0)
        if has_last_words:
            return Outcome("failed", "exit code 1", 1)
        version = ".".join(map(str, sys.version_info[:2]))
        return Outcome("completed", f"SystemExit was raised; Python {version} hides its code")

    def _monitor(self) -> bool:
        monitoring: Any = getattr(sys, "monitoring", None)  # from Python 3.12 on
        if monitoring is None:
            return False
        for tool in _TOOL_IDS:
            if monitoring.get_tool(tool) is None:
                monitoring.use_tool_id(tool, "foundations")
                monitoring.register_callback(tool, monitoring.events.PY_UNWIND, self._on_unwind)
                monitoring.set_events(tool, monitoring.events.PY_UNWIND)
                return True
        return False

    def _on_unwind(self, code: CodeType, _offset: int, error: BaseException) -> None:
        if isinstance(error, SystemExit) and code.co_name == "<module>":
            self._unwound = (code, error.code)

    def _find_unwound(self) -> Any:
        if self._unwound is None:
            return _UNSEEN
        code, value = self._unwound
        if self._main is not None:
            is_main = code is self._main.f_code
        else:  # `python -m package.module`, where the package came first
            is_main = code.co_filename == getattr(sys.modules["__main__"], "__file__", None)
        return value if is_main else _UNSEEN

    def _watch_exit_functions(self) -> None:
        original = sys.exit

        @functools.wraps(original)
        def watched_exit(status: Any = None, /) -> NoReturn:
            self._note_exit(status)
            original(status)

        sys.exit = watched_exit
        names = vars(sys.modules["__main__"])
        for name, value in list(names.items()):
            if value is original:  # `from sys import exit` came before us
                names[name] = watched_exit
        self._watch_quitter()

    def _watch_quitter(self) -> None:
        """Watch the `exit` and `quit` of the built-in names; they share one class."""
        quitter: Any = getattr(sys.modules.get("_sitebuiltins"), "Quitter", None)
        if quitter is None:
            return
        call: Callable[..., Any] = quitter.__call__

        @functools.wraps(call)
        def watched_call(this: Any, code: Any = None) -> Any:
            self._note_exit(code)
            return call(this, code)

        quitter.__call__ = watched_call

    def _note_exit(self, value: Any) -> None:
        if threading.current_thread() is threading.main_thread():  # others end only themselves
            self._exit_value = value


def _find_main_frame() -> Optional[FrameType]:
    names = vars(sys.modules["__main__"])
    frame: Optional[FrameType] = sys._getframe()  # noqa: SLF001 - inspect costs 10 ms to import
    while frame is not None:
        if frame.f_globals is names and frame.f_code.co_name == "<module>":
            return frame
        frame = frame.f_back
    return None


def _has_returned(frame: FrameType) -> bool:
    """Whether a module's frame came to its end, and was not left by an exception."""
    code = frame.f_code.co_code
    return 0 <= frame.f_lasti < len(code) and code[frame.f_lasti] == opcode.opmap["RETURN_VALUE"]
