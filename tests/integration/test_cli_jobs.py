"""Jobs through the command line: real server, real worker, real processes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.jobs import JobStatus
from support.commands import Commands, find_job_id, running_atlas

ECHO = "import sys\nprint('got', sys.argv[1:])\n"
ECHO_WITH_SDK = "import foundations\nfoundations.log_metric('n', 1)\n" + ECHO
SUBMIT_FROM_SDK = """\
import sys, foundations
deployment = foundations.submit(job_directory=sys.argv[1], command=sys.argv[2:])
deployment.wait_for_deployment_to_complete(wait_seconds=0.1)
"""
TICKS = """\
import time
print('first', flush=True)
for _ in range(600):
    time.sleep(0.1)
"""

PATIENT = """\
import pathlib, sys, time
print('first', flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.1)
print('last')
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that comes from no network."""
    path = tmp_path_factory.mktemp("wheels") / "pouch-1.0-py3-none-any.whl"
    about = "pouch-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pouch.py", "WORD = 'from the pouch'\n")
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: pouch\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    with running_atlas(tmp_path_factory.mktemp("atlas")) as commands:
        yield commands


@pytest.fixture
def one_slot(tmp_path: Path) -> Iterator[Commands]:
    """An Atlas of which a test may fill the only slot."""
    with running_atlas(tmp_path / "atlas", slots=1) as commands:
        yield commands


def wait_for_log(atlas: Commands, job_id: str, text: str) -> None:
    deadline = time.monotonic() + 60
    while text not in atlas.run("get", "logs", "scheduler", job_id).stdout:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.scenario(26)
@pytest.mark.parametrize("script", [ECHO, ECHO_WITH_SDK], ids=["plain", "sdk"])
@pytest.mark.parametrize("place", ["absolute", "relative", "inside"])
def test_arguments_reach_a_job_submitted_on_the_command_line(
    atlas: Commands, script: str, place: str
) -> None:
    folder = atlas.make_folder(f"cli-{place}", {"main.py": script})
    named = {"absolute": str(folder), "relative": folder.name, "inside": "."}[place]

    done = atlas.run(
        "submit", "scheduler", named, "main.py", "0", "some text", "--flag", "x",
        folder=folder if place == "inside" else None,
    )  # fmt: skip

    job_id = find_job_id(done)
    assert done.returncode == 0
    assert "got ['0', 'some text', '--flag', 'x']" in done.stdout
    assert done.stdout.endswith(f"Job '{job_id}' has completed.\n")
    job = atlas.get(job_id)
    assert job.project == folder.name
    assert job.status is JobStatus.COMPLETED


@pytest.mark.scenario(26)
@pytest.mark.parametrize("place", ["absolute", "relative", "inside"])
def test_arguments_reach_a_job_submitted_from_python(atlas: Commands, place: str) -> None:
    folder = atlas.make_folder(f"sdk-{place}", {"main.py": ECHO_WITH_SDK})
    script = atlas.folder / f"submit-{place}.py"
    script.write_text(SUBMIT_FROM_SDK)
    named = {"absolute": str(folder), "relative": folder.name, "inside": "."}[place]

    subprocess.run(
        [sys.executable, str(script), named, "main.py", "0", "some text"],
        cwd=folder if place == "inside" else atlas.folder, check=True, timeout=90,
        env={**atlas.environment, "FOUNDATIONS_COMMAND_LINE": "True"},
    )  # fmt: skip

    jobs = atlas.read("list", "jobs", "--project", folder.name)["items"]
    assert [job["status"] for job in jobs] == ["completed"]
    log = atlas.run("get", "logs", "scheduler", jobs[0]["id"]).stdout
    assert "got ['0', 'some text']" in log


@pytest.mark.scenario(27)
def test_a_script_that_raises_fails_its_job_and_not_the_command(atlas: Commands) -> None:
    folder = atlas.make_folder("raises", {"main.py": "import sys\nprint(sys.argv[1])\n"})

    done = atlas.run("submit", "scheduler", str(folder), "main.py")

    job_id = find_job_id(done)
    assert done.returncode == 0
    assert "IndexError" in done.stdout
    assert f"Job '{job_id}' has failed. Reason: exit code 1." in done.stdout
    assert atlas.get(job_id).status is JobStatus.FAILED


@pytest.mark.parametrize(("code", "status"), [(0, 0), (7, 7)])
def test_waiting_ends_with_the_jobs_exit_status(atlas: Commands, code: int, status: int) -> None:
    folder = atlas.make_folder("exits", {"main.py": "import sys; sys.exit(int(sys.argv[1]))"})

    done = atlas.run("submit", "--wait", "scheduler", str(folder), "main.py", str(code))

    assert done.returncode == status


@pytest.mark.scenario(28)
def test_requirements_are_importable_and_their_installation_is_in_the_log(
    atlas: Commands, wheel: Path
) -> None:
    files = {
        "main.py": "import sys, pouch\nprint(pouch.WORD, sys.argv[1:])\n",
        "requirements.txt": f"pouch @ {wheel.as_uri()}\n",
    }
    folder = atlas.make_folder("requires", files)

    done = atlas.run("submit", "--wait", "scheduler", str(folder), "main.py", "a")

    assert done.returncode == 0, done
    assert "installing requirements.txt" in done.stdout
    assert "from the pouch ['a']" in done.stdout


@pytest.mark.scenario(30)
def test_the_project_is_the_option_before_the_config_before_the_folder(atlas: Commands) -> None:
    bare = atlas.make_folder("by-folder", {"main.py": ""})
    configured = atlas.make_folder(
        "configured", {"main.py": "", "job.config.yaml": "project_name: by-config\n"}
    )

    ids = [
        atlas.submit("scheduler", str(bare), "main.py"),
        atlas.submit("scheduler", str(configured), "main.py"),
        atlas.submit("--project-name", "by-option", "scheduler", str(configured), "main.py"),
    ]

    projects = [atlas.get(job_id).project for job_id in ids]
    assert projects == ["by-folder", "by-config", "by-option"]


@pytest.mark.scenario(31)
def test_parameters_of_the_config_reach_the_job_and_show_flattened(atlas: Commands) -> None:
    folder = atlas.make_folder(
        "params",
        {
            "main.py": "import foundations\nprint(foundations.load_parameters())\n",
            "job.config.yaml": "params:\n  layers:\n    - neurons: 5\n    - neurons: 6\n",
        },
    )

    done = atlas.run("submit", "--wait", "scheduler", str(folder), "main.py")

    assert "{'layers': [{'neurons': 5}, {'neurons': 6}]}" in done.stdout
    assert atlas.wait(find_job_id(done)).params == {"layers_0_neurons": 5, "layers_1_neurons": 6}
    assert sorted(path.name for path in folder.iterdir()) == ["job.config.yaml", "main.py"]


@pytest.mark.scenario(33)
def test_ten_jobs_submitted_quickly_all_complete(atlas: Commands) -> None:
    folder = atlas.make_folder("fast", {"main.py": "print('fast')"})

    ids = [atlas.submit("scheduler", str(folder), "main.py", str(n)) for n in range(10)]

    assert {atlas.wait(job_id).status for job_id in ids} == {JobStatus.COMPLETED}


@pytest.mark.scenario(34)
def test_lines_stream_while_the_job_runs_and_ctrl_c_leaves_it_running(atlas: Commands) -> None:
    atlas.make_folder("ticks", {"main.py": TICKS})
    command = atlas.popen("submit", "scheduler", "ticks", "main.py")
    assert command.stdout
    with command, command.stdout as output:
        lines = []
        for line in output:
            lines.append(line)
            if line == "first\n":
                break
        job_id = re.findall(r"ID '(.+?)'", "".join(lines))[0]

        command.send_signal(signal.SIGINT)
        rest = output.read()
        status = command.wait(30)

    assert status == 0
    assert f"Stopped streaming. Job '{job_id}' goes on" in rest
    assert "Traceback" not in rest
    assert atlas.get(job_id).status is JobStatus.RUNNING
    atlas.run("stop", "scheduler", job_id)


@pytest.mark.scenario(34)
def test_a_line_that_names_an_error_does_not_end_the_stream(atlas: Commands) -> None:
    script = "print('RuntimeError: handled')\nprint('more')\n"
    folder = atlas.make_folder("handled", {"main.py": script})

    done = atlas.run("submit", "scheduler", str(folder), "main.py")

    assert done.returncode == 0
    assert "RuntimeError: handled\nmore\n" in done.stdout


def test_the_job_keeps_the_folder_as_it_was_at_submit(one_slot: Commands) -> None:
    folder = one_slot.make_folder("search", {"main.py": "print(open('c.txt').read())"})
    ids = []
    for number in range(3):
        (folder / "c.txt").write_text(f"config {number}")
        ids.append(one_slot.submit("scheduler", str(folder), "main.py"))
    (folder / "c.txt").unlink()

    for job_id in ids:
        one_slot.wait(job_id)

    logs = [one_slot.run("get", "logs", "scheduler", job_id).stdout for job_id in ids]
    for number, log in enumerate(logs):
        assert f"config {number}\n" in log


@pytest.mark.scenario(36)
@pytest.mark.scenario(37)
@pytest.mark.scenario(38)
@pytest.mark.scenario(39)
def test_a_full_worker_makes_jobs_wait_until_the_queue_is_cleared(one_slot: Commands) -> None:
    atlas = one_slot
    folder = atlas.make_folder("ticks", {"main.py": TICKS})
    running = atlas.submit("scheduler", str(folder), "main.py")
    wait_for_log(atlas, running, "first")
    waiting = [atlas.submit("scheduler", str(folder), "main.py") for _ in range(2)]

    logs = atlas.run("get", "logs", "scheduler", waiting[0])
    queue = atlas.read("list", "queue")
    undeletable = atlas.run("delete", "job", "scheduler", running)
    cleared = atlas.run("clear-queue", "scheduler")
    stopped = atlas.run("stop", "job", "scheduler", running)
    again = atlas.run("stop", "scheduler", running)
    deleted = atlas.run("delete", "job", "scheduler", running)
    gone = atlas.run("get", "logs", "scheduler", running)

    queued = f"Error: Job `{waiting[0]}` is queued and has not produced any logs\n"
    assert (logs.returncode, logs.stdout) == (1, queued)
    assert "1 slot" in queue["waiting"][0]["reason"]
    assert "has status `running` and cannot be deleted" in undeletable.stdout
    assert (cleared.returncode, cleared.stdout) == (0, "Removed 2 job(s) from queue\n")
    assert (stopped.returncode, stopped.stdout) == (0, f"Stopped running job {running}\n")
    assert again.returncode == 1
    assert (deleted.returncode, deleted.stdout) == (0, f"Job {running} successfully deleted\n")
    assert f"Job `{running}` does not exist" in gone.stdout
    assert {atlas.get(job_id).status for job_id in waiting} == {JobStatus.STOPPED}


@pytest.mark.scenario(40)
def test_the_archive_holds_what_the_folder_held_at_the_end(atlas: Commands) -> None:
    script = (
        "import pathlib\npathlib.Path('out').mkdir()\npathlib.Path('out/m.txt').write_text('m')"
    )
    folder = atlas.make_folder("archives", {"main.py": script, "data/d.txt": "d"})
    job_id = atlas.submit("scheduler", str(folder), "main.py")
    atlas.wait(job_id)

    done = atlas.run("get", "job", "scheduler", job_id)

    assert done.returncode == 0
    assert f"Successfully retrieved Job {job_id} from archive store" in done.stdout
    target = atlas.folder / job_id
    files = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
    assert files >= {"main.py", "data/d.txt", "out/m.txt"}
    assert (target / "out/m.txt").read_text() == "m"


@pytest.mark.scenario(41)
def test_a_fresh_project_runs_on_the_worker(atlas: Commands) -> None:
    first = atlas.run("init", "sample")
    second = atlas.run("init", "sample")

    done = atlas.run("submit", "--wait", "scheduler", "sample", "main.py")

    assert first.stdout == "Success: New Foundations project `sample` created!\n"
    assert second.returncode == 1
    assert done.returncode == 0, done
    job = atlas.wait(find_job_id(done))
    assert set(job.params) == {"depth", "epochs", "batch_size", "learning_rate"}
    assert {metric.name for metric in job.metrics} == {"accuracy", "loss"}
    with atlas.client() as client:
        artifacts = client.jobs.artifacts(job.id).items
    assert [(item.key, item.path) for item in artifacts] == [("Project_README", "README.txt")]


@pytest.mark.scenario(44)
def test_the_configs_that_start_wrote_are_listed(atlas: Commands) -> None:
    done = atlas.run("info", "--env")

    assert f"scheduler  {atlas.home}/config/submission/scheduler.config.yaml" in done.stdout
    assert f"default   {atlas.home}/config/execution/default.config.yaml" in done.stdout


def test_a_command_that_does_not_exist_fails_the_job_with_its_name_in_the_log(
    atlas: Commands,
) -> None:
    folder = atlas.make_folder("nothing", {"other.py": ""})

    done = atlas.run("submit", "--wait", "scheduler", str(folder), "missing.py")

    assert done.returncode != 0
    assert "Warning: 'missing.py' is no file in the job directory" in done.stderr
    assert "missing.py" in done.stdout


def test_a_stopped_atlas_is_told_with_the_way_to_start_it(tmp_path: Path) -> None:
    commands = Commands(tmp_path / "home", tmp_path)
    folder = commands.make_folder("birds", {"main.py": ""})
    commands.variables["FOUNDATIONS_SERVER"] = commands.address

    done = commands.run("submit", "scheduler", str(folder), "main.py")

    assert done.returncode == 1
    assert "atlas-server start" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_jobs_go_on_while_atlas_is_stopped_and_started(one_slot: Commands) -> None:
    go = one_slot.folder / "go"
    folder = one_slot.make_folder("patient", {"main.py": PATIENT})
    job_id = one_slot.submit("scheduler", str(folder), "main.py", str(go))
    wait_for_log(one_slot, job_id, "first")

    stopped = one_slot.atlas("stop")
    go.touch()
    started = one_slot.start("--workers", "1")

    assert "1 job goes on running" in stopped.stderr
    assert started.returncode == 0, started
    assert one_slot.wait(job_id).status is JobStatus.COMPLETED
    assert "last" in one_slot.run("get", "logs", "scheduler", job_id).stdout


def test_what_was_logged_while_the_server_was_away_comes_in_with_sync(atlas: Commands) -> None:
    folder = atlas.make_folder(
        "offline", {"main.py": "import foundations\nfoundations.log_metric('n', 1)\n"}
    )
    away = {**atlas.environment, "FOUNDATIONS_SERVER": "http://127.0.0.1:1"}
    journal = atlas.folder / "journal-elsewhere"
    subprocess.run(
        [sys.executable, "main.py"], cwd=folder, check=True, timeout=90,
        env={**away, "FOUNDATIONS_JOURNAL": str(journal)},
    )  # fmt: skip

    done = atlas.run("sync", str(journal))
    again = atlas.run("sync", str(journal))

    assert done.returncode == 0, done
    assert done.stdout.startswith("Brought in job ")
    assert again.stdout == "Nothing to bring in.\n"
    jobs = atlas.read("list", "jobs", "--project", "offline")["items"]
    assert [job["status"] for job in jobs] == ["completed"]
    assert [metric["name"] for metric in jobs[0]["metrics"]] == ["n"]
