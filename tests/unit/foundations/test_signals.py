from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from foundations.signals import TerminationWatch


@pytest.fixture(autouse=True)
def default_handlers() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_signal_is_put_off_while_a_call_holds_what_its_report_would_wait_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deaths: list[int] = []
    reports: list[int] = []
    answers = [True, True, False]
    watch = TerminationWatch(reports.append, lambda: answers.pop(0))
    watch.install()
    kill = os.kill
    # The last one is the deadly one; it is only noted here.
    monkeypatch.setattr(
        os, "kill", lambda pid, number: kill(pid, number) if answers else deaths.append(number)
    )

    kill(os.getpid(), signal.SIGTERM)
    while not deaths:
        signal.sigtimedwait([], 0.001)

    assert answers == []
    assert reports == [signal.SIGTERM]
    assert deaths == [signal.SIGTERM]
