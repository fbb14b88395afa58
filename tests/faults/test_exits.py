"""However a program ends, its exit code, its handlers and its job's status are right (R10)."""

from __future__ import annotations

import signal
import socket
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from foundations_client.client import Client
from support.points import read_series
from support.proxy import Fault, Proxy, running_proxy
from support.rounds import pick
from support.scripts import Desk
from support.server import Server

START = """
import foundations
foundations.log_metric("loss", list(range(100)))
"""


@dataclass(frozen=True)
class Ending:
    """A program's last lines, its exit code and what the job must say."""

    source: str
    code: int
    status: str
    reason: str | None


ENDINGS = {
    "the end": Ending("", 0, "completed", None),
    "exit 0": Ending("import sys; sys.exit()", 0, "completed", None),
    "exit 3": Ending("import sys; sys.exit(3)", 3, "failed", "exit code 3"),
    "exit with a text": Ending("import sys; sys.exit('no')", 1, "failed", "exit code 1"),
    "an exception": Ending("1 / 0", 1, "failed", "ZeroDivisionError: division by zero"),
    "Ctrl-C": Ending(
        "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(9)",
        -signal.SIGINT, "failed", "KeyboardInterrupt",
    ),
    "TERM": Ending(
        "import os, signal, time; os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)",
        -signal.SIGTERM, "failed", "terminated by signal 15",
    ),
    "TERM in the middle of calls": Ending(
        "import os, signal, threading\n"
        "threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()\n"
        "while True: foundations.log_metric('more', 1)",
        -signal.SIGTERM, "failed", "terminated by signal 15",
    ),
    "TERM with a handler": Ending(
        "import os, signal, sys, time\n"
        "def end(*_): foundations.log_metric('bye', 1); sys.exit(4)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)",
        4, "failed", "exit code 4",
    ),
    "TERM that is ignored": Ending(
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "os.kill(os.getpid(), signal.SIGTERM)",
        0, "completed", None,
    ),
    "HUP with a handler": Ending(
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGHUP, lambda *_: sys.exit(5))\n"
        "os.kill(os.getpid(), signal.SIGHUP); time.sleep(9)",
        5, "failed", "exit code 5",
    ),
    "daemon threads that log": Ending(
        "import threading, time\n"
        "def work():\n"
        "    while True: foundations.log_metric('daemon', 1), time.sleep(0.001)\n"
        "for _ in range(4): threading.Thread(target=work, daemon=True).start()\n"
        "time.sleep(0.2)",
        0, "completed", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENDINGS)
def test_code_and_status_are_right_when_a_program_ends(
    desk: Desk, client: Client, kind: str
) -> None:
    ending = ENDINGS[kind]
    job_id = "ends-" + kind.replace(" ", "-")

    ran = desk.run_source(START + ending.source + "\n", FOUNDATIONS_JOB_ID=job_id)
    if "daemon" in kind:  # they log until the interpreter stops them, after the last shipping
        desk.command("sync")

    job = client.jobs.get(job_id)
    assert ran.code == ending.code, ran
    assert (job.status.value, job.reason) == (ending.status, ending.reason)
    assert read_series(client, job_id, "loss")[1] == list(range(100))
    assert not list((desk.home / "journal").glob("*"))
    if "handler" in kind and "TERM" in kind:
        assert read_series(client, job_id, "bye")[1] == [1]


def test_a_hangup_kills_as_ever_and_the_job_is_failed(desk: Desk, client: Client) -> None:
    source = "import os, signal, time; os.kill(os.getpid(), signal.SIGHUP); time.sleep(9)\n"

    ran = desk.run_source(START + source, FOUNDATIONS_JOB_ID="hangup")
    desk.command("sync")

    job = client.jobs.get("hangup")
    assert ran.code == -signal.SIGHUP
    assert job.status.value == "failed"
    assert read_series(client, "hangup", "loss")[1] == list(range(100))


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with running_proxy(server.port) as lent:
        yield lent


@pytest.mark.parametrize("ending", ["an exception", "TERM"])
def test_a_program_ends_within_its_deadline_and_says_where_its_job_lies(
    desk: Desk, client: Client, proxy: Proxy, ending: str
) -> None:
    proxy.fault = Fault(is_silent=True)
    job_id = "late-" + ending.replace(" ", "-")
    source = START + ENDINGS[ending].source + "\n"
    begin = time.monotonic()

    ran = replace(desk, server=proxy.url).run_source(
        source, FOUNDATIONS_JOB_ID=job_id, FOUNDATIONS_EXIT_SECONDS="1"
    )
    took = time.monotonic() - begin
    synced = desk.command("sync")

    job = client.jobs.get(job_id)
    assert ran.code == ENDINGS[ending].code, ran
    assert took < 1 + 5  # the start of Python and of the SDK, on a machine with other work
    assert "foundations sync" in ran.out
    assert str(desk.home / "journal" / job_id) in ran.out
    assert synced.code == 0
    assert (job.status.value, job.reason) == (ENDINGS[ending].status, ENDINGS[ending].reason)
    assert read_series(client, job_id, "loss")[1] == list(range(100))


def test_a_program_ends_within_its_deadline_when_nothing_answers(desk: Desk) -> None:
    deadline = pick(1, 10)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        begin = time.monotonic()
        ran = replace(desk, server=address).run_source(
            START, FOUNDATIONS_EXIT_SECONDS=str(deadline)
        )
        took = time.monotonic() - begin

    assert ran.code == 0
    assert deadline < took < deadline + 5
    assert "foundations sync" in ran.out


# A kernel reads cells from its front end; a restart is a KILL of whatever it does.
def test_a_kernel_that_is_restarted_loses_nothing(desk: Desk, client: Client) -> None:
    source = textwrap.dedent("""
        import foundations
        block = foundations.start_job()
        block.__enter__()
        print("job:", foundations.current_foundations_job().job_id, flush=True)
        foundations.log_metric("loss", list(range(100)))
        print("ready", flush=True)
        import time
        time.sleep(60)
    """)
    kernel = desk.start_listening("-")
    assert kernel.stdin is not None
    assert kernel.stdout is not None
    kernel.stdin.write(source)
    kernel.stdin.close()
    kernel.stdin = None
    job_id = kernel.stdout.readline().removeprefix("job: ").strip()
    assert kernel.stdout.readline() == "ready\n"

    kernel.kill()
    kernel.communicate()
    synced = desk.command("sync")

    job = client.jobs.get(job_id)
    assert synced.code == 0, synced
    assert job.status.value == "failed"
    assert read_series(client, job_id, "loss")[1] == list(range(100))
