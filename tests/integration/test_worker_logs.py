"""Logs over attempts and restarts, through the real server and the real worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.following import follow_lines
from foundations_wire.jobs import JobStatus
from support.worker_fixtures import running_lab
from support.workers import Lab

TWICE = """
import pathlib, sys
marker = pathlib.Path(sys.argv[1])
print("attempt", "two" if marker.exists() else "one", flush=True)
if not marker.exists():
    marker.touch()
    sys.exit(3)
print("done")
"""
UNTIL = """
import pathlib, sys, time
print("first", flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.05)
print("last")
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), slots=1) as made:
        yield made


def own(lines: list[str]) -> list[str]:
    return [line for line in lines if not line.startswith("[atlas]")]


def test_the_log_of_a_second_attempt_follows_the_first(lab: Lab, tmp_path: Path) -> None:
    job_id = lab.submit({"main.py": TWICE}, "main.py", str(tmp_path / "marker"), max_retries=1)

    followed = list(follow_lines(lab.server.connect(), job_id))

    job = lab.wait_until_final(job_id)
    log = lab.log_of(job_id)
    assert job.status is JobStatus.COMPLETED
    assert own(followed) == own(log.splitlines()) == ["attempt one", "attempt two", "done"]
    assert job.log_bytes == len(log.encode())


def test_following_begins_in_the_queue_and_survives_both_restarts(
    lab: Lab, tmp_path: Path
) -> None:
    blocker = lab.submit({"main.py": UNTIL}, "main.py", str(tmp_path / "go"))
    job_id = lab.submit({"main.py": UNTIL}, "main.py", str(tmp_path / "end"))
    followed: list[str] = []
    client = lab.server.connect()
    follower = threading.Thread(target=lambda: followed.extend(follow_lines(client, job_id)))
    follower.start()

    (tmp_path / "go").touch()
    lab.wait_until_final(blocker)
    lab.wait_for_line(job_id, "first")
    lab.worker.end(signal.SIGKILL)
    lab.server.kill()
    lab.server.start()
    lab.worker.start()
    (tmp_path / "end").touch()
    lab.wait_until_final(job_id)
    follower.join(30)

    assert own(followed) == ["first", "last"]


def test_the_command_prints_raw_bytes_into_a_pipe(lab: Lab) -> None:
    script = r"import sys; sys.stdout.buffer.write(b'\x1b]52;c;eA==\x07\xff\x00 10%\r20%\r\n')"
    job_id = lab.submit({"main.py": script})
    lab.wait_until_final(job_id)
    command = [
        sys.executable, "-c", "from foundations_cli.main import run; run()",
        "get", "logs", "scheduler", job_id, "--server", lab.server.url, "--tail", "1",
    ]  # fmt: skip

    done = subprocess.run(command, capture_output=True, timeout=60, check=True, env={**os.environ})

    assert done.stdout == b"\x1b]52;c;eA==\x07\xff\x00 10%\r20%\r\n"
