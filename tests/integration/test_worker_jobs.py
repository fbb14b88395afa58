"""Jobs through the real server and the real worker."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.jobs import JobStatus
from support.worker_fixtures import running_lab
from support.workers import Lab, is_alive

HELLO = {"main.py": "import sys; print('hello', sys.argv[1:])"}
WAITS = {"main.py": "import time\nprint('ready')\ntime.sleep(100)"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


@pytest.mark.scenario(26)
def test_job_completes_with_its_arguments_and_output(lab: Lab) -> None:
    job_id = lab.submit(HELLO, "main.py", "0", "some text", "x")

    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason, job.exit_code) == (JobStatus.COMPLETED, None, 0)
    assert job.started_at is not None
    assert job.ended_at is not None
    assert "hello ['0', 'some text', 'x']\n" in lab.log_of(job_id)


@pytest.mark.scenario(27)
def test_job_whose_script_raises_fails_with_its_exit_code(lab: Lab) -> None:
    job_id = lab.submit({"main.py": "import sys; sys.argv[1]"})

    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason, job.exit_code) == (JobStatus.FAILED, "exit code 1", 1)
    assert "IndexError" in lab.log_of(job_id)


@pytest.mark.scenario(33)
def test_ten_jobs_submitted_quickly_all_complete(lab: Lab) -> None:
    began = time.monotonic()
    job_ids = [lab.submit(HELLO, "main.py", str(number)) for number in range(10)]

    ended = [lab.wait_until_final(job_id) for job_id in job_ids]

    assert {job.status for job in ended} == {JobStatus.COMPLETED}
    assert time.monotonic() - began < 20
    for number, job_id in enumerate(job_ids):
        assert f"hello ['{number}']" in lab.log_of(job_id)


def test_job_killed_by_a_signal_says_which(lab: Lab) -> None:
    job_id = lab.submit({"main.py": "import os; os.kill(os.getpid(), 9)"})

    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (JobStatus.FAILED, "killed by signal 9")


def test_command_that_does_not_exist_is_named(lab: Lab) -> None:
    job_id = lab.submit(HELLO, "x", entrypoint="no-such-program")

    job = lab.wait_until_final(job_id)

    assert (job.status, job.exit_code) == (JobStatus.FAILED, 127)
    assert job.reason == "command not found: no-such-program"
    assert "[atlas] command not found: no-such-program" in lab.log_of(job_id)


def test_entrypoint_replaces_the_interpreter(lab: Lab) -> None:
    job_id = lab.submit({"hi.txt": "from a file\n"}, "hi.txt", entrypoint="cat")

    job = lab.wait_until_final(job_id)

    assert job.status is JobStatus.COMPLETED
    assert "from a file" in lab.log_of(job_id)


def test_job_knows_who_it_is_and_sees_only_the_sdk_of_the_worker(lab: Lab) -> None:
    program = (
        "import json, os, sys, foundations_wire, foundations_client\n"
        "names = ['foundations_server', 'foundations_worker']\n"
        "found = [n for n in names if any(os.path.exists(p + '/' + n) for p in sys.path[1:2])]\n"
        "print(json.dumps([dict(os.environ), found, os.getcwd()]))\n"
    )
    job_id = lab.submit(
        {"main.py": program}, environment={"SEED": "7", "FOUNDATIONS_JOB_ID": "other"}
    )

    lab.wait_until_final(job_id)

    variables, found, folder = json.loads(lab.log_of(job_id).splitlines()[-1])
    assert variables["FOUNDATIONS_JOB_ID"] == job_id
    assert variables["FOUNDATIONS_PROJECT_NAME"] == "lab"
    assert variables["FOUNDATIONS_USER"] == "ada"
    assert variables["FOUNDATIONS_SERVER"] == lab.server.url
    assert variables["FOUNDATIONS_JOB_OWNER"].startswith("attempt:")
    assert variables["SEED"] == "7"
    assert "FOUNDATIONS_COMMAND_LINE" not in variables
    assert found == []
    assert folder.endswith("/job")


def test_output_arrives_while_the_job_runs(lab: Lab) -> None:
    job_id = lab.submit(WAITS)

    lab.wait_for_line(job_id, "ready\n")

    assert lab.client.jobs.get(job_id).status is JobStatus.RUNNING
    lab.client.jobs.stop(job_id)
    lab.wait_until_final(job_id)


def test_job_folder_is_archived_at_its_start_and_at_its_end(lab: Lab) -> None:
    job_id = lab.submit({"main.py": "open('new.txt', 'w').write('made')", "sub/data": "d"})

    lab.wait_until_final(job_id)

    client = lab.client
    code = [file.path for file in client.archive.get_manifest(job_id, "code").files]
    artifacts = [file.path for file in client.archive.get_manifest(job_id, "artifacts").files]
    assert code == ["main.py", "sub/data"]
    assert artifacts == ["main.py", "new.txt", "sub/data"]


def test_attempt_leaves_nothing_on_disk(lab: Lab) -> None:
    job_id = lab.submit(HELLO)

    lab.wait_until_final(job_id)

    lab.wait_for(lambda: not list(lab.worker.attempts.iterdir()))


def test_what_the_process_executor_cannot_give_is_said_in_the_log(lab: Lab) -> None:
    job_id = lab.submit(HELLO, image="lab/audio:3", working_dir="/job")

    lab.wait_until_final(job_id)

    said = "[atlas] not used by the process executor: image, working_dir"
    assert said in lab.log_of(job_id)


@pytest.mark.scenario(37)
def test_stopped_job_is_stopped_even_if_it_exits_with_zero(lab: Lab) -> None:
    program = (
        "import signal, sys, time\n"
        "def end(*_):\n    print('TERM', time.time()); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end)\nprint('ready')\ntime.sleep(100)\n"
    )
    job_id = lab.submit({"main.py": program})
    lab.wait_for_line(job_id, "ready")
    asked_at = time.time()

    lab.client.jobs.stop(job_id)

    job = lab.wait_until_final(job_id)
    seen_at = float(lab.log_of(job_id).split("TERM ")[1].split()[0])
    assert (job.status, job.reason) == (JobStatus.STOPPED, "stopped by a user")
    assert seen_at - asked_at < 0.5


def test_stop_ends_the_children_of_a_job_that_ignores_it(lab: Lab) -> None:
    program = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', "
        '\'import subprocess, sys, time; g = subprocess.Popen(["sleep", "100"]); '
        "print(g.pid, flush=True); time.sleep(100)'])\n"
        "print('pids', os.getpid(), child.pid)\ntime.sleep(100)\n"
    )
    job_id = lab.submit({"main.py": program})
    lab.wait_for(lambda: len(_numbers(lab.log_of(job_id))) == 3)
    pids = _numbers(lab.log_of(job_id))
    began = time.monotonic()

    lab.client.jobs.stop(job_id)

    job = lab.wait_until_final(job_id)
    assert job.status is JobStatus.STOPPED
    assert 4.5 < time.monotonic() - began < 10
    assert not [pid for pid in pids if is_alive(pid)]


def _numbers(log: str) -> list[int]:
    lines = [line for line in log.splitlines() if not line.startswith("[atlas]")]
    return [int(word) for word in " ".join(lines).split() if word.isdigit()]


def test_children_left_behind_by_a_completed_job_are_ended(lab: Lab) -> None:
    program = "import subprocess\nprint(subprocess.Popen(['sleep', '100']).pid)"
    job_id = lab.submit({"main.py": program})

    job = lab.wait_until_final(job_id)

    assert job.status is JobStatus.COMPLETED
    assert not is_alive(_numbers(lab.log_of(job_id))[0])


def test_job_that_floods_its_log_loses_no_byte(lab: Lab) -> None:
    job_id = lab.submit({"main.py": "import sys\nfor i in range(300_000): print(i)"})

    job = lab.wait_until_final(job_id)

    client, data = lab.client, b""
    while chunk := client.logs.read(job_id, offset=len(data)).data:
        data += chunk
    assert job.log_bytes == len(data)
    assert data.split(b"\n")[1:-1] == [b"%d" % number for number in range(300_000)]


def test_second_worker_on_the_same_folder_is_refused(lab: Lab) -> None:
    command = [
        sys.executable, "-m", "foundations_worker", "--server", lab.server.url,
        "--home", str(lab.worker.home),
    ]  # fmt: skip
    source = str(Path(__file__).resolve().parents[2] / "src")

    second = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PYTHONPATH": source},
    )

    assert second.returncode == 1
    assert second.stderr.startswith("Another worker already uses ")
    assert "--home" in second.stderr


def test_worker_that_is_told_to_end_says_goodbye_at_once(tmp_path: Path) -> None:
    with running_lab(tmp_path) as lab:
        lab.wait_for(lambda: [w.status for w in lab.client.workers.list().items] == ["connected"])
        began = time.monotonic()

        status = lab.worker.end(signal.SIGTERM)

        assert status == 0
        assert time.monotonic() - began < 2
        assert [worker.status for worker in lab.client.workers.list().items] == ["gone"]
