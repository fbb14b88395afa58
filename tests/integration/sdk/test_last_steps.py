"""The last seconds of a job's process: bounded, interruptible, and truthful."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_wire.jobs import JobStatus, JobView
from support.scripts import Desk

START = "import foundations\nprint('job:', foundations.current_foundations_job().job_id)\n"
LOGS = "foundations.log_metric('loss', list(range(100)))\n"


@contextlib.contextmanager
def hanging_server() -> Iterator[str]:
    """Lend the address of something that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(listener.accept()[0])

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for connection in taken:
            connection.close()


def measure(desk: Desk, source: str, **environment: str) -> tuple[float, int, str, str]:
    began = time.monotonic()
    ran = desk.run_source(source, **environment)
    return time.monotonic() - began, ran.code, ran.out, ran.err


def summarize(job: JobView) -> tuple[str, str | None, int | None]:
    return job.status.value, job.reason, job.exit_code


def test_a_server_that_hangs_costs_the_exit_its_limit_and_one_line(tmp_path: Path) -> None:
    with hanging_server() as address:
        desk = Desk(tmp_path / "project", tmp_path / "home", address)

        took, code, out, err = measure(desk, START + LOGS, FOUNDATIONS_EXIT_SECONDS="2")

    assert (code, err) == (0, "")
    assert took < 6
    assert out.count("WARNING") <= 1
    assert out.count("foundations sync") == 1
    assert str(desk.home / "journal") in out


def test_a_server_that_hangs_is_told_once_while_the_program_goes_on(tmp_path: Path) -> None:
    with hanging_server() as address:
        desk = Desk(tmp_path / "project", tmp_path / "home", address)
        source = START + "import time\nfor _ in range(20):\n    " + LOGS + "    time.sleep(0.1)\n"

        _, code, out, err = measure(desk, source, FOUNDATIONS_EXIT_SECONDS="1")

    assert (code, err) == (0, "")
    assert out.count("WARNING") <= 1


@pytest.mark.parametrize(
    "address",
    ["http://no-such-host.invalid:5555", "http://127.0.0.1:9", "unix:///nowhere/server.sock"],
)
def test_the_exit_does_not_wait_when_there_is_no_such_server(tmp_path: Path, address: str) -> None:
    desk = Desk(tmp_path / "project", tmp_path / "home", address)

    took, code, out, err = measure(desk, START + LOGS + "import time\ntime.sleep(0.5)\n")

    assert (code, err) == (0, "")
    assert took < 6
    assert out.count("WARNING") == 1
    assert "foundations sync" in out


def test_the_exit_does_not_wait_when_the_peer_speaks_no_tls(
    tmp_path: Path, server: object
) -> None:
    address = str(getattr(server, "url", "")).replace("http://", "https://")
    desk = Desk(tmp_path / "project", tmp_path / "home", address)

    took, code, out, _ = measure(desk, START + LOGS + "import time\ntime.sleep(0.5)\n")

    assert code == 0
    assert took < 6
    assert "foundations sync" in out


def start(desk: Desk, source: str, **environment: str) -> tuple[subprocess.Popen[str], str]:
    """Start a script that prints `ready` and return it with its job's id."""
    desk.write("main.py", source)
    process = desk.start("-u", "main.py", **environment)
    assert process.stdout is not None
    job_id = process.stdout.readline().removeprefix("job: ").strip()
    while process.stdout.readline().strip() != "ready":
        assert process.poll() is None
    return process, job_id


def test_ctrl_c_ends_the_wait_without_a_traceback(tmp_path: Path) -> None:
    with hanging_server() as address:
        desk = Desk(tmp_path / "project", tmp_path / "home", address)
        process, job_id = start(desk, START + LOGS + "print('ready')\n")
        time.sleep(1)

        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        took = time.monotonic() - began

    assert (process.returncode, err) == (0, "")
    assert took < 3
    assert "Interrupted" in out
    assert f"{desk.home / 'journal' / job_id}" in out


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_deadly_signal_fails_the_job_and_still_kills(
    desk: Desk, client: Client, name: str
) -> None:
    number = signal.Signals[name]
    process, job_id = start(desk, START + "print('ready')\nimport time\ntime.sleep(60)\n")

    process.send_signal(number)
    process.communicate(timeout=30)

    reason = f"terminated by signal {number.value}"
    assert process.returncode == -number
    assert summarize(client.jobs.get(job_id)) == ("failed", reason, 128 + number)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_programs_own_handler_runs(desk: Desk, client: Client, name: str, place: str) -> None:
    handler = f"import signal\nsignal.signal(signal.{name}, lambda *_: print('mine'))\n"
    before, after = (handler, "") if place == "before" else ("", handler)
    wait = "print('ready')\nimport time\nsignal.sigtimedwait([], 0.01)\ntime.sleep(1.5)\n"
    process, job_id = start(desk, before + START + after + wait)

    process.send_signal(signal.Signals[name])
    out, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "mine" in out
    assert summarize(client.jobs.get(job_id)) == ("completed", None, 0)


def test_nohup_keeps_the_program_alive(desk: Desk, client: Client) -> None:
    ignore = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    process, job_id = start(desk, ignore + START + "print('ready')\nimport time\ntime.sleep(1)\n")

    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=30)

    assert process.returncode == 0
    assert client.jobs.get(job_id).status is JobStatus.COMPLETED


def test_a_second_signal_kills_at_once_while_the_first_is_reported(tmp_path: Path) -> None:
    with hanging_server() as address:
        desk = Desk(tmp_path / "project", tmp_path / "home", address)
        process, _ = start(desk, START + LOGS + "print('ready')\nimport time\ntime.sleep(60)\n")
        process.send_signal(signal.SIGTERM)
        time.sleep(1)

        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert process.returncode == -signal.SIGTERM
    assert time.monotonic() - began < 3


def test_daemon_threads_that_go_on_logging_do_no_harm(desk: Desk, client: Client) -> None:
    source = """
        import threading, time
        def work():
            while True:
                foundations.log_metric("busy", 1)
                time.sleep(0.001)
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        time.sleep(0.3)
    """

    ran = desk.run_source(START + textwrap.dedent(source))

    job = client.jobs.get(ran.job_id)
    assert (ran.code, ran.err) == (0, "")
    assert summarize(job) == ("completed", None, 0)
    assert job.metrics[0].count > 50


def test_threads_that_the_interpreter_waits_for_are_part_of_the_job(
    desk: Desk, client: Client
) -> None:
    source = """
        import threading, time
        def work():
            time.sleep(0.5)
            foundations.log_metric("late", 1)
        threading.Thread(target=work).start()
    """

    ran = desk.run_source(START + textwrap.dedent(source))

    assert [metric.name for metric in client.jobs.get(ran.job_id).metrics] == ["late"]


def test_an_exit_function_that_logs_is_heard(desk: Desk, client: Client) -> None:
    source = "import atexit\natexit.register(foundations.log_metric, 'last', 1)\n"

    ran = desk.run_source(START + source)

    assert [metric.name for metric in client.jobs.get(ran.job_id).metrics] == ["last"]


def test_a_folder_that_takes_long_to_read_is_left_out_with_a_warning(
    desk: Desk, client: Client
) -> None:
    for number in range(2000):
        desk.write(f"data/{number}.txt", str(number))

    ran = desk.run_source(
        START + "import time\ntime.sleep(3)\nimport pathlib\n"
        "[p.write_text('x') for p in pathlib.Path('data').iterdir()]\n",
        FOUNDATIONS_EXIT_SECONDS="0.05",
    )

    assert ran.code == 0
    assert "is not archived as it is at the end" in ran.out


def test_a_closed_terminal_does_not_keep_the_end_from_being_told(
    desk: Desk, client: Client
) -> None:
    process, job_id = start(
        desk, START + "print('ready')\nimport time\ntime.sleep(1)\nprint('nobody reads this')\n"
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stderr.close()

    process.wait(30)

    assert client.jobs.get(job_id).status.is_final
    assert os.path.lexists(desk.folder)
