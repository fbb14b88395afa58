"""Signals that end a program: reported, and then as deadly as before."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Callable, Optional

# SIGHUP is what a closed terminal sends; Windows has none.
_NAMES = ("SIGTERM", "SIGHUP")
_AGAIN_S = 0.01


class TerminationWatch:
    """Calls `report` with the number of a deadly signal, then lets it do what it does.

    A signal that the program handles or ignores (`nohup`) is left alone, and a handler that
    the program sets later replaces ours.
    """

    def __init__(
        self, report: Callable[[int], None], must_wait: Callable[[], bool] = lambda: False
    ) -> None:
        """Take what to call; it runs between two steps of the main thread.

        While `must_wait` is true the signal is put off: `report` would wait for a thread that
        waits for what the main thread was about to let go of.
        """
        self._report = report
        self._must_wait = must_wait

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
        if self._must_wait():
            again = threading.Timer(_AGAIN_S, os.kill, (os.getpid(), number))
            again.daemon = True
            again.start()
            return
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
