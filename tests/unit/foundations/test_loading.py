from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from foundations import loading

SLOW = "import time\ntime.sleep(0.3)\nvalue = 7\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_waits_until_an_import_in_another_thread_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_to_import.py").write_text(SLOW)
    monkeypatch.syspath_prepend(str(tmp_path))
    loading.prepare()
    began = threading.Event()

    def load() -> None:
        began.set()
        loading.load("slow_to_import")

    thread = threading.Thread(target=load)
    thread.start()
    began.wait(5.0)
    while "slow_to_import" not in sys.modules:
        pass

    child = os.fork()
    if child == 0:
        os._exit(getattr(sys.modules["slow_to_import"], "value", 1))
    _, status = os.waitpid(child, 0)
    thread.join()
    monkeypatch.delitem(sys.modules, "slow_to_import")

    assert os.waitstatus_to_exitcode(status) == 7


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_module_may_fork_while_it_is_imported_and_so_may_its_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "forks_itself.py").write_text(
        "import os\n"
        "from foundations import loading\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    os._exit(7 if loading.load('json') else 1)\n"
        "status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    loading.prepare()

    module = loading.load("forks_itself")

    monkeypatch.delitem(sys.modules, "forks_itself")
    assert module.status == 7
