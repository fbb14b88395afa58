"""Signals that end a program: reported, and then as deadly as before."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Callable, Optional

# SIGHUP is what a closed terminal sends; Windows has none.
_NAMES = ("SIGTERM", "SIGHUP")


class TerminationWatch:
    """Calls `report` with the number of a deadly signal, then lets it do what it does.

    A signal that the program handles or ignores (`nohup`) is left alone, and a handler that
    the program sets later replaces ours.
    """

    def __init__(self, report: Callable[[int], None]) -> None:
        """Take what to call; it runs between two steps of the main thread."""
        self._report = report

    def install(self) -> None:
        """Begin to watch; only a main thread can, elsewhere nothing happens."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _list_signals():
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._on_signal)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._restore)

    def _on_signal(self, number: int, _frame: Optional[FrameType]) -> None:
        self._report(number)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _restore(self) -> None:
        """Let forked children die as their program wants."""
        for number in _list_signals():
            if signal.getsignal(number) == self._on_signal:
                signal.signal(number, signal.SIG_DFL)


def _list_signals() -> list[signal.Signals]:
    return [signal.Signals[name] for name in _NAMES if hasattr(signal, name)]
