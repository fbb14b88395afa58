"""`atlas-server` from its first start to its stop, with everything that can be in the way."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.errors import ServerUnreachable
from foundations_wire.versions import VERSION
from support.commands import Commands

pytestmark = pytest.mark.usefixtures("stopped_at_the_end")


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    return Commands(tmp_path / "home", tmp_path)


@pytest.fixture
def stopped_at_the_end(commands: Commands) -> Iterator[None]:
    yield
    commands.atlas("stop")


def read_pid(commands: Commands, name: str) -> int:
    return int((commands.home / "run" / f"{name}.pid").read_text().split()[0])


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_start_leaves_a_server_and_a_worker_that_answer(commands: Commands) -> None:
    done = commands.start("--workers", "3")

    assert done.returncode == 0, done
    assert done.stdout.splitlines() == [
        f"Atlas {VERSION} is ready at {commands.address}",
        "  3 slots, executor process",
        f"  logs in {commands.home}/logs",
        "  stop it with `atlas-server stop`",
    ]
    with commands.client() as client:
        assert client.server.info().version == VERSION
        assert [worker.slots for worker in client.workers.list().items] == [3]
    assert is_alive(read_pid(commands, "server"))
    assert is_alive(read_pid(commands, "worker"))


def test_start_writes_the_default_configs(commands: Commands) -> None:
    commands.start()

    done = commands.run("list", "jobs")  # the address comes from the config

    assert (done.returncode, done.stderr) == (0, "No jobs.\n")
    assert "default" in commands.run("info", "--env").stdout


def test_start_keeps_configs_that_a_user_wrote(commands: Commands) -> None:
    config = commands.home / "config" / "submission" / "scheduler.config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("# mine\nscheduler_url: http://elsewhere:5555\n")

    done = commands.start("--workers", "0")

    assert config.read_text() == "# mine\nscheduler_url: http://elsewhere:5555\n"
    assert f"{config} names another server" in done.stderr


def test_a_config_that_start_wrote_follows_the_port(commands: Commands) -> None:
    commands.start("--workers", "0")
    commands.atlas("stop")
    other = Commands(commands.home, commands.folder)

    other.start("--workers", "0")

    config = commands.home / "config" / "submission" / "scheduler.config.yaml"
    assert f"scheduler_url: {other.address}" in config.read_text()


def test_a_second_start_is_refused_in_one_sentence(commands: Commands) -> None:
    commands.start("--workers", "0")

    done = Commands(commands.home, commands.folder).start()

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"Atlas already runs at {commands.address}" in done.stderr
    assert commands.atlas("status").returncode == 0


def test_a_running_server_of_another_version_is_told(commands: Commands) -> None:
    commands.start("--workers", "0")
    facts = commands.home / "run" / "start.json"
    facts.write_text(facts.read_text().replace(VERSION, "0.0.9"))

    done = commands.start()

    assert done.returncode == 1
    assert f"Atlas 0.0.9 runs at {commands.address}, and this command is {VERSION}" in done.stderr


def test_a_port_taken_by_another_program_is_told(commands: Commands) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        done = commands.atlas("start", "--port", str(port))

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"Port {port} is taken by another program" in done.stderr
    assert f"--port {port + 1}" in done.stderr


def test_a_port_taken_by_another_atlas_is_told(commands: Commands, tmp_path: Path) -> None:
    commands.start("--workers", "0")
    other = Commands(tmp_path / "other-home", tmp_path, port=commands.port)

    done = other.start()

    assert done.returncode == 1
    assert "is taken by an Atlas server" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])  # noqa: S104
def test_an_address_for_others_is_refused_with_2(commands: Commands, host: str) -> None:
    done = commands.start("--host", host)

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert not commands.home.exists()


def test_a_home_that_cannot_be_written_to_is_told(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    done = commands.start("--home", str(tmp_path / "file"))

    assert done.returncode == 1
    assert f"The home folder {tmp_path}/file cannot be written to" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_home_is_told(commands: Commands) -> None:
    done = commands.start("--home", "/proc/atlas")  # nobody, not even root, writes there

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "/proc/atlas cannot be written to" in done.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--executor", "slurm"], "There is no executor 'slurm'"),
        (["-g", "--gpus", "0"], "-g needs a GPU, and there is none"),
        (["-g", "--gpus", "2", "--workers", "3"], "-g makes as many slots as there are GPUs"),
        (["-p"], "-p (--authentication) comes with a later version"),
    ],
)
def test_what_cannot_be_is_refused(commands: Commands, options: list[str], sentence: str) -> None:
    done = commands.start(*options)

    assert done.returncode == 1
    assert sentence in done.stderr


def test_options_of_the_original_are_taken_with_one_warning(commands: Commands) -> None:
    done = commands.atlas(
        "start", "-d", str(commands.port), "-a", "5557", "-t", "-T", "5959", "-s", "host",
        "-u", "8080", "--workers", "0",
    )  # fmt: skip

    assert done.returncode == 0, done
    warnings = [line for line in done.stderr.splitlines() if line.startswith("Warning")]
    assert len(warnings) == 1
    for name in ("--archive-port", "--tensorboard-port", "--scheduler-host"):
        assert name in warnings[0]


def test_a_server_that_cannot_start_shows_the_end_of_its_log(commands: Commands) -> None:
    (commands.home / "data").mkdir(parents=True)
    (commands.home / "data" / "atlas.db").write_text("this is no database, " * 500)

    done = commands.start()

    assert done.returncode == 1
    assert f"The end of {commands.home}/logs/server.log" in done.stderr
    assert not (commands.home / "run" / "server.pid").exists()


def test_stop_ends_both_and_start_goes_on_from_there(commands: Commands) -> None:
    commands.start()
    pids = [read_pid(commands, name) for name in ("server", "worker")]

    done = commands.atlas("stop")

    assert (done.returncode, done.stdout) == (0, "Atlas has stopped.\n")
    assert not any(is_alive(pid) for pid in pids)
    with commands.client() as client, pytest.raises(ServerUnreachable):
        client.server.info()
    assert commands.start().returncode == 0


def test_stop_of_what_does_not_run_says_so(commands: Commands) -> None:
    done = commands.atlas("stop")

    assert done.returncode == 0
    assert "Atlas is not running" in done.stdout


def test_a_pid_file_of_a_dead_server_fools_nobody(commands: Commands) -> None:
    commands.start("--workers", "0")
    pid = read_pid(commands, "server")
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)

    status = commands.atlas("status")
    started = commands.start("--workers", "0")

    assert status.returncode == 3
    assert started.returncode == 0, started


def test_a_pid_file_that_names_another_process_fools_nobody(commands: Commands) -> None:
    run = commands.home / "run"
    run.mkdir(parents=True)
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        (run / "server.pid").write_text(f"{bystander.pid}\n12345\n")

        stopped = commands.atlas("stop")

        assert "not running" in stopped.stdout
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_worker_whose_server_died_is_replaced_at_the_next_start(commands: Commands) -> None:
    commands.start()
    os.kill(read_pid(commands, "server"), signal.SIGKILL)
    wait_until_gone(read_pid(commands, "server"))
    old = read_pid(commands, "worker")

    done = commands.start()

    assert done.returncode == 0, done
    assert not is_alive(old)


def test_a_worker_that_died_is_started_again_by_start(commands: Commands) -> None:
    commands.start("--workers", "2")
    server, worker = read_pid(commands, "server"), read_pid(commands, "worker")
    os.kill(worker, signal.SIGKILL)
    wait_until_gone(worker)

    done = commands.atlas("start")

    assert done.returncode == 0, done
    assert "its worker has ended and is started again" in done.stderr
    assert "  2 slots, executor process" in done.stdout
    assert read_pid(commands, "server") == server
    assert is_alive(read_pid(commands, "worker"))


def test_a_plain_start_is_like_the_last_one(commands: Commands) -> None:
    commands.start("--workers", "3", "--gpus", "2")
    commands.atlas("stop")

    done = commands.atlas("start")

    assert done.returncode == 0, done
    assert f"is ready at {commands.address}" in done.stdout
    assert "  3 slots, executor process" in done.stdout
    with commands.client() as client:
        assert [len(worker.gpus) for worker in client.workers.list().items] == [2]


def test_gpu_mode_makes_as_many_slots_as_gpus(commands: Commands) -> None:
    done = commands.start("-g", "--gpus", "3")

    assert done.returncode == 0, done
    assert "  3 slots, executor process" in done.stdout
    with commands.client() as client:
        (worker,) = client.workers.list().items
    assert [gpu.id for gpu in worker.gpus] == ["fake-0", "fake-1", "fake-2"]


def test_workers_are_added_and_removed_while_atlas_runs(commands: Commands) -> None:
    commands.start("--workers", "0")

    added = commands.atlas(
        "worker", "start", "more", "--slots", "2", "--worker-options", "--ram 3"
    )
    again = commands.atlas("worker", "start", "more")
    listed = json.loads(commands.atlas("worker", "list", "--json").stdout)
    shown = commands.atlas("worker", "list").stdout
    commands.atlas("stop")
    commands.start("--workers", "0")
    back = json.loads(commands.atlas("worker", "list", "--json").stdout)
    removed = commands.atlas("worker", "stop", "more")

    assert added.returncode == 0, added
    assert again.returncode == 1
    assert "Worker more already runs" in again.stderr
    assert [(w["name"], w["slots"], w["status"]) for w in listed] == [("more", 2, "connected")]
    assert shown.startswith("more: connected, process, 0 of 2 slots taken")
    assert back[0]["status"] == "connected"
    assert (removed.returncode, removed.stdout) == (0, "Worker more has stopped.\n")
    assert not is_alive(back[0]["pid"])


def test_a_worker_that_nobody_added_cannot_be_removed(commands: Commands) -> None:
    done = commands.atlas("worker", "stop", "more")

    assert done.returncode == 1
    assert "No worker more was added" in done.stderr


def test_status_tells_who_runs_where(commands: Commands) -> None:
    commands.start("--workers", "2")

    done = commands.atlas("status")
    facts = json.loads(commands.atlas("status", "--json").stdout)

    assert done.returncode == 0
    assert f"Server  {VERSION} at {commands.address}" in done.stdout
    assert "Jobs    0 running, 0 waiting" in done.stdout
    assert facts["address"] == commands.address
    assert facts["is_answering"]
    assert facts["slots"] == 2
    assert facts["server_pid"] == read_pid(commands, "server")


def test_status_of_what_does_not_run_is_3(commands: Commands) -> None:
    done = commands.atlas("status", "--json")

    assert done.returncode == 3
    assert json.loads(done.stdout)["is_running"] is False


def test_doctor_finds_a_running_atlas_well(commands: Commands) -> None:
    commands.start()

    done = commands.atlas("doctor", "--json")

    findings = {item["name"]: item for item in json.loads(done.stdout)}
    assert done.returncode == 0, done
    for name in ("python", "home", "port", "server", "version", "worker", "sqlite"):
        assert findings[name]["result"] == "ok", findings[name]


def test_doctor_fails_for_a_home_that_cannot_be_written_to(
    commands: Commands, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    done = commands.atlas("doctor", "--home", str(tmp_path / "file"))

    assert done.returncode == 1
    assert re.search(r"^fail +home ", done.stdout, re.MULTILINE)


def test_version_is_printed(commands: Commands) -> None:
    assert commands.atlas("version").stdout == f"{VERSION}\n"


def test_no_command_is_wrong_usage(commands: Commands) -> None:
    done = commands.atlas()

    assert done.returncode == 2
    assert "Missing command" in done.stderr


@pytest.mark.parametrize("name", ["start", "stop", "status", "version", "doctor"])
def test_every_command_has_help(commands: Commands, name: str) -> None:
    done = commands.atlas(name, "--help")

    assert done.returncode == 0
    assert f"Usage: atlas-server {name}" in done.stdout


def test_a_relative_python_path_means_the_callers_folder(commands: Commands) -> None:
    commands.variables["PYTHONPATH"] = os.path.relpath(
        commands.environment["PYTHONPATH"], commands.folder
    )

    assert commands.start().returncode == 0


def test_foreground_ends_both_programs_on_term(commands: Commands) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "foundations_server", "start", "--foreground",
         "--port", str(commands.port)],
        cwd=commands.folder, env=commands.environment, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout
    with process, process.stdout:
        for line in process.stdout:
            if "executor process" in line:
                break
        pids = [read_pid(commands, name) for name in ("server", "worker")]
        process.terminate()

        status = process.wait(30)

    assert status == 0
    assert not any(is_alive(pid) for pid in pids)


def test_logs_are_followed_until_ctrl_c_and_the_server_goes_on(commands: Commands) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "foundations_server", "start", "--logs", "--port",
         str(commands.port)],
        cwd=commands.folder, env=commands.environment, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert process.stderr
    with process, process.stdout, process.stderr:
        for line in process.stdout:
            if "stop it with" in line:
                break
        time.sleep(0.5)  # until it follows
        process.send_signal(signal.SIGINT)

        status = process.wait(30)
        talk = process.stderr.read()

    assert status == 0
    assert "Atlas goes on" in talk
    assert commands.atlas("status").returncode == 0
