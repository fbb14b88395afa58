"""A job says truthfully how its process ended."""

from __future__ import annotations

import signal
import subprocess
import textwrap
import time

import pytest

from foundations_client.client import Client
from foundations_client.shipping import KILLED, drain
from foundations_wire.jobs import JobStatus, JobView
from support.scripts import Desk

START = "import foundations\nprint('job:', foundations.current_foundations_job().job_id)\n"


def summarize(job: JobView) -> tuple[str, str | None, int | None]:
    return job.status.value, job.reason, job.exit_code


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("import sys; sys.exit()", 0),
        ("import sys; sys.exit(0)", 0),
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit(257)", 1),
        ("import sys; sys.exit('no such file')", 1),
        ("exit(4)", 4),
        ("quit(5)", 5),
        ("raise SystemExit('no such file')", 1),
        ("import argparse; argparse.ArgumentParser().parse_args(['--what'])", 2),
        ("import sys\ntry:\n    sys.exit(3)\nexcept SystemExit:\n    pass", 0),
        ("import threading, sys\nt = threading.Thread(target=sys.exit, args=(3,))\nt.start()", 0),
    ],
)
def test_the_job_has_the_exit_code_of_its_process(
    desk: Desk, client: Client, ending: str, code: int
) -> None:
    ran = desk.run_source(START + ending + "\n")

    job = client.jobs.get(ran.job_id)
    failed = ("failed", f"exit code {code}", code)
    assert ran.code == code
    assert summarize(job) == (failed if code else ("completed", None, 0))


def test_the_exit_code_is_known_when_exit_was_imported_before_foundations(
    desk: Desk, client: Client
) -> None:
    ran = desk.run_source("from sys import exit\n" + START + "exit(6)\n")

    assert summarize(client.jobs.get(ran.job_id)) == ("failed", "exit code 6", 6)


def test_a_bare_system_exit_is_told_as_far_as_python_tells(desk: Desk, client: Client) -> None:
    ran = desk.run_source(START + "raise SystemExit(7)\n")

    job = client.jobs.get(ran.job_id)
    is_told = desk.run("-c", "import sys; print(hasattr(sys, 'monitoring'))").out == "True\n"
    assert ran.code == 7
    if is_told:
        assert summarize(job) == ("failed", "exit code 7", 7)
    else:
        assert job.status is JobStatus.COMPLETED
        assert "SystemExit" in (job.reason or "")
        assert job.exit_code is None


def test_the_job_fails_when_the_program_has_a_hook_of_its_own(desk: Desk, client: Client) -> None:
    source = """
        import sys
        sys.excepthook = lambda kind, error, trace: print("mine:", error, file=sys.stderr)
        raise RuntimeError("boom")
    """

    ran = desk.run_source(START + textwrap.dedent(source))

    job = client.jobs.get(ran.job_id)
    assert ran.err == "mine: boom\n"
    assert summarize(job) == ("failed", "RuntimeError: boom", 1)
    assert job.error is not None
    assert "boom" in job.error.traceback


def test_a_hook_from_before_is_called_when_the_script_raises(desk: Desk) -> None:
    source = "import sys\nsys.excepthook = lambda *a: print('mine', file=sys.stderr)\n"

    ran = desk.run_source(source + START + "raise RuntimeError('boom')\n")

    assert (ran.code, ran.err) == (1, "mine\n")


def test_what_exit_functions_write_is_archived(desk: Desk, client: Client) -> None:
    source = "import atexit\natexit.register(lambda: open('late.txt', 'w').write('x'))\n"

    ran = desk.run_source(START + source)

    files = client.archive.get_manifest(ran.job_id, "artifacts").files
    assert "late.txt" in [file.path for file in files]


def start_waiting(desk: Desk, source: str = "") -> tuple[subprocess.Popen[str], str]:
    desk.write(
        "main.py", START + source + "print('ready', flush=True)\nimport time\ntime.sleep(60)\n"
    )
    process = desk.start("-u", "main.py")
    assert process.stdout is not None
    job_id = process.stdout.readline().removeprefix("job: ").strip()
    while process.stdout.readline().strip() != "ready":
        pass
    return process, job_id


def wait_until_known(client: Client, job_id: str) -> None:
    for _ in range(200):
        if any(job.id == job_id for job in client.jobs.list().items):
            return
        time.sleep(0.05)
    raise AssertionError("the job never came")


def test_the_job_fails_when_its_process_gets_a_termination_signal(
    desk: Desk, client: Client
) -> None:
    process, job_id = start_waiting(desk)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)

    assert process.returncode == -signal.SIGTERM
    assert summarize(client.jobs.get(job_id)) == ("failed", "terminated by signal 15", 143)


def test_a_handler_of_the_program_works_when_it_gets_a_termination_signal(
    desk: Desk, client: Client
) -> None:
    handler = "import signal, sys\nsignal.signal(15, lambda *a: sys.exit(9))\n"
    process, job_id = start_waiting(desk, handler)

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)

    assert process.returncode == 9
    assert summarize(client.jobs.get(job_id)) == ("failed", "exit code 9", 9)


def test_the_job_fails_when_it_is_interrupted(desk: Desk, client: Client) -> None:
    process, job_id = start_waiting(desk)

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)

    job = client.jobs.get(job_id)
    assert process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in err
    assert summarize(job) == ("failed", "KeyboardInterrupt", 130)


@pytest.mark.parametrize("ending", ["kill", "_exit"])
def test_all_that_was_logged_is_kept_when_the_process_vanishes(
    desk: Desk, client: Client, ending: str
) -> None:
    die = "os.kill(os.getpid(), 9)" if ending == "kill" else "os._exit(0)"
    source = "import os\nfoundations.log_metric('loss', list(range(5000)))\nprint('last words')\n"
    ran = desk.run_source(START.replace(")\n", ", flush=True)\n", 1) + source + die + "\n")
    job_id = ran.out.split()[1]

    report = drain(desk.home / "journal", client)

    job = client.jobs.get(job_id)
    assert report.problems == []
    assert (job.status, job.reason) == (JobStatus.FAILED, KILLED)
    assert job.metrics[0].count == 5000
    assert b"last words" in client.logs.read(job_id).data
    assert not (desk.home / "journal" / job_id).exists()


def test_a_live_journal_is_left_alone_when_another_process_drains(
    desk: Desk, client: Client
) -> None:
    process, job_id = start_waiting(desk)
    wait_until_known(client, job_id)

    report = drain(desk.home / "journal", client)

    assert report.live == [job_id]
    assert client.jobs.get(job_id).status is JobStatus.RUNNING
    process.kill()
    process.communicate()


def test_the_log_and_metrics_come_while_the_job_runs(desk: Desk, client: Client) -> None:
    process, job_id = start_waiting(desk, "foundations.log_metric('loss', 0.25)\n")

    wait_until_known(client, job_id)
    for _ in range(200):
        job = client.jobs.get(job_id)
        if job.metrics and job.log_bytes:
            break
        time.sleep(0.05)

    assert job.metrics[0].last == 0.25
    assert b"ready" in client.logs.read(job_id).data
    process.kill()
    process.communicate()
