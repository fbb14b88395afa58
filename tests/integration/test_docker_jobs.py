"""Jobs in containers, through the real server and the real worker."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_wire.jobs import JobStatus, Pull
from support.docker import BASE_IMAGE, Engine
from support.docker_lab import DockerLab, empty_registry, make_wheel, running_docker_lab

HELLO = {"main.py": "import sys; print('hello', sys.argv[1:])"}
WAITS = {"main.py": "import time\nprint('ready', flush=True)\ntime.sleep(100)"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docker-lab")


@pytest.fixture(scope="module")
def lab(folder: Path, docker_engine: Engine) -> Iterator[DockerLab]:
    make_wheel(folder / "wheels", "tiny", "1.0", "print('tiny is here')\n")
    for name in ("data", "elsewhere"):
        (folder / name).mkdir()
        (folder / name / "file.txt").write_text(f"in {name}")
    (folder / "data" / "way-out").symlink_to(folder / "elsewhere")
    options = ("--volumes", f"{folder / 'data'}:ro", "--grace", "1", "--stray-grace", "1")
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder / "wheels")}
    with running_docker_lab(folder, docker_engine, *options, variables=variables) as made:
        yield made


def test_job_completes_in_its_image_with_arguments_and_output(lab: DockerLab) -> None:
    job_id = lab.submit(HELLO, "main.py", "0", "some text", image=BASE_IMAGE)

    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason, job.exit_code) == (JobStatus.COMPLETED, None, 0)
    assert "hello ['0', 'some text']\n" in lab.log_of(job_id)


def test_nothing_of_an_ended_job_is_left(lab: DockerLab) -> None:
    job_id = lab.submit(HELLO, "main.py")

    lab.wait_until_final(job_id)

    lab.wait_for(lambda: not lab.containers())
    assert not list(lab.worker.attempts.iterdir())


def test_exit_code_of_the_script_is_told(lab: DockerLab) -> None:
    job = lab.wait_until_final(lab.submit({"main.py": "raise SystemExit(7)"}))

    assert (job.status, job.reason, job.exit_code) == (JobStatus.FAILED, "exit code 7", 7)


def test_files_that_a_job_writes_are_archived_and_belong_to_its_user(lab: DockerLab) -> None:
    program = """
import os
open('result.txt', 'w').write('42')
os.symlink('/etc/hostname', 'leads-out')
os.symlink('/job/job_source/result.txt', 'inside')
print('owner', os.stat('result.txt').st_uid, os.getuid())
"""
    job_id = lab.submit({"main.py": program})

    lab.wait_until_final(job_id)

    manifest = lab.client.archive.get_manifest(job_id, "artifacts")
    paths = {file.path for file in manifest.files}
    assert {"main.py", "result.txt", "inside"} <= paths
    assert "leads-out" not in paths
    log = lab.log_of(job_id)
    uid = log.split("owner ")[1].split()
    assert uid[0] == uid[1] != "0"
    assert "the link leads-out led out of the job's folder and was removed" in log


def test_metrics_are_seen_while_a_job_without_network_runs(lab: DockerLab) -> None:
    program = """
import time, foundations, urllib.request
foundations.log_metric('loss', 0.5)
while True:
    time.sleep(0.1)
"""
    job_id = lab.submit({"main.py": program})

    lab.wait_for(lambda: [m.name for m in lab.client.jobs.get(job_id).metrics] == ["loss"])

    assert lab.client.jobs.get(job_id).status is JobStatus.RUNNING
    lab.client.jobs.stop(job_id)
    lab.wait_until_final(job_id)


CONFINED = """
import ctypes, json, os, socket, subprocess

def refused(action):
    try:
        action()
    except OSError:
        return True
    return False

libc = ctypes.CDLL(None, use_errno=True)
status = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)
print('FOUND ' + json.dumps({
    'uid': os.getuid(),
    'capabilities': int(status['CapEff'], 16),
    'no_new_privileges': int(status['NoNewPrivs']),
    'seccomp': int(status['Seccomp']),
    'root': refused(lambda: open('/new', 'w')),
    'sdk': refused(lambda: open('/atlas/sdk/foundations/new', 'w')),
    'guard': refused(lambda: open('/atlas/guard.py', 'a')),
    'raw': refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)),
    'memory': refused(lambda: open('/dev/mem', 'rb')),
    'mount': libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) != 0,
    'unshare': libc.unshare(0x10000000) != 0,
    'kernel': refused(lambda: open('/proc/sys/kernel/hostname', 'w')),
    'sockets': [p for p in ('/var/run/docker.sock', '/run/docker.sock') if os.path.exists(p)],
    'log': refused(lambda: os.unlink('/atlas/output.log')),
    'secret': os.environ.get('OF_THE_WORKER'),
}))
"""


def test_job_is_confined(lab: DockerLab) -> None:
    job_id = lab.submit({"main.py": CONFINED})

    job = lab.wait_until_final(job_id)

    assert job.status is JobStatus.COMPLETED, lab.log_of(job_id)
    found = json.loads(lab.log_of(job_id).split("FOUND ")[1].splitlines()[0])
    assert found.pop("uid") != 0
    assert found == {
        "capabilities": 0, "no_new_privileges": 1, "seccomp": 2, "root": True, "sdk": True,
        "guard": True, "raw": True, "memory": True, "mount": True, "unshare": True,
        "kernel": True, "sockets": [], "log": True, "secret": None,
    }  # fmt: skip


def test_variables_of_a_job_cannot_be_read_from_its_container(lab: DockerLab) -> None:
    job_id = lab.submit(WAITS, environment={"PASSWORD": "swordfish"})
    lab.wait_for_line(job_id, "ready")

    told = lab.engine.docker("inspect", *lab.containers())

    assert "swordfish" not in told
    assert job_id in told
    lab.client.jobs.stop(job_id)
    lab.wait_until_final(job_id)


def test_job_that_takes_too_much_memory_says_so(lab: DockerLab) -> None:
    program = "x = bytearray(10**9)\nx[::4096] = b'1' * len(x[::4096])"

    job = lab.wait_until_final(lab.submit({"main.py": program}, ram_gb=0.1))

    assert (job.status, job.reason) == (JobStatus.FAILED, "out of memory")


def test_job_whose_child_runs_out_of_memory_may_complete_with_a_warning(lab: DockerLab) -> None:
    program = """
import subprocess, sys
eat = "x = bytearray(10**9); x[::4096] = b'1' * len(x[::4096])"
open('/proc/self/oom_score_adj', 'w').write('0')
print('child', subprocess.run([sys.executable, '-c', eat]).returncode)
"""
    job_id = lab.submit({"main.py": program}, ram_gb=0.1)

    job = lab.wait_until_final(job_id)

    assert job.status is JobStatus.COMPLETED, lab.log_of(job_id)
    assert "child -9" in lab.log_of(job_id)
    assert "was killed because memory ran out" in lab.log_of(job_id)


def test_stopped_job_has_its_grace_and_no_process_left(lab: DockerLab) -> None:
    program = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: print('told to end', flush=True))
subprocess.Popen(['sleep', '100'], start_new_session=True)
print('ready', flush=True)
while True:
    time.sleep(0.1)
"""
    job_id = lab.submit({"main.py": program})
    lab.wait_for_line(job_id, "ready")

    began = time.monotonic()
    lab.client.jobs.stop(job_id)
    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (JobStatus.STOPPED, "stopped by a user")
    assert 0.9 < time.monotonic() - began < 6
    assert "told to end" in lab.log_of(job_id)
    lab.wait_for(lambda: not lab.containers())


@pytest.mark.scenario(29)
def test_image_that_does_not_exist_fails_the_job_with_the_engines_404(lab: DockerLab) -> None:
    with empty_registry() as registry:
        job_id = lab.submit(HELLO, image=f"{registry}/no/such:1")

        job = lab.wait_until_final(job_id)

    assert job.status is JobStatus.FAILED
    assert job.reason == f"image not found: {registry}/no/such:1"
    assert "404 Client Error" in lab.log_of(job_id)


def test_image_that_is_not_to_be_pulled_and_not_there_is_named(lab: DockerLab) -> None:
    job = lab.wait_until_final(lab.submit(HELLO, image="no-such-image", pull=Pull.NEVER))

    assert job.status is JobStatus.FAILED
    assert job.reason == "image not found: no-such-image (404; it is not to be pulled)"


def test_image_of_others_may_not_be_pulled(lab: DockerLab) -> None:
    with empty_registry() as registry:
        job = lab.wait_until_final(lab.submit(HELLO, image=f"{registry}/private/a:1"))

    assert (job.reason or "").startswith(f"image {registry}/private/a:1 may not be pulled: ")


def test_image_without_python_says_what_is_needed(lab: DockerLab, tmp_path: Path) -> None:
    archive = tmp_path / "empty.tar"
    archive.write_bytes(b"\0" * 10240)
    lab.engine.docker("import", str(archive), "atlas-test-empty:1")

    job = lab.wait_until_final(lab.submit(HELLO, image="atlas-test-empty:1"))

    assert job.status is JobStatus.FAILED
    assert "jobs need an image with Python 3.9 or newer" in (job.reason or "")


def test_requirements_are_installed_once_for_an_image(lab: DockerLab) -> None:
    files = {"main.py": "import tiny", "requirements.txt": "tiny==1.0\n"}

    first = lab.submit(files)
    jobs = [lab.wait_until_final(first)]
    second = lab.submit(files)
    jobs.append(lab.wait_until_final(second))

    assert [job.status for job in jobs] == [JobStatus.COMPLETED] * 2, lab.log_of(first)
    assert "tiny is here" in lab.log_of(first)
    assert "requirements.txt is installed after" in lab.log_of(first)
    assert "tiny is here" in lab.log_of(second)
    assert "requirements.txt is installed already" in lab.log_of(second)


def test_requirements_that_cannot_be_installed_fail_the_job_with_their_log(lab: DockerLab) -> None:
    job_id = lab.submit({**HELLO, "requirements.txt": "no-such-package\n"})

    job = lab.wait_until_final(job_id)

    assert (job.status, job.reason) == (JobStatus.FAILED, "requirements could not be installed")
    assert "no-such-package" in lab.log_of(job_id)
    assert "hello" not in lab.log_of(job_id)


def test_volume_inside_the_list_is_mounted(lab: DockerLab, folder: Path) -> None:
    program = """
print(open('/mine/file.txt').read())
try:
    open('/mine/new', 'w')
except OSError as error:
    print('refused', error.strerror)
"""
    volumes = {str(folder / "data"): {"bind": "/mine", "mode": "ro"}}
    job_id = lab.submit({"main.py": program}, volumes=volumes)

    lab.wait_until_final(job_id)

    assert "in data\nrefused Read-only file system\n" in lab.log_of(job_id)


@pytest.mark.parametrize("way", ["elsewhere", "data/../elsewhere", "data/way-out", ""])
def test_volume_outside_the_list_is_refused(lab: DockerLab, folder: Path, way: str) -> None:
    source = f"{folder}/{way}" if way else "/"

    job = lab.wait_until_final(lab.submit(HELLO, volumes={source: "/mine:ro"}))

    assert job.status is JobStatus.FAILED
    assert job.reason == f"volume {source} is not allowed here; allowed: {folder / 'data'}"


def test_volume_lent_for_reading_is_not_mounted_for_writing(lab: DockerLab, folder: Path) -> None:
    source = str(folder / "data")

    job = lab.wait_until_final(lab.submit(HELLO, volumes={source: "/mine:rw"}))

    assert job.reason == f"volume {source} may only be mounted read-only (mode ro)"


def test_entrypoint_and_working_directory_are_the_jobs_own(lab: DockerLab) -> None:
    job_id = lab.submit(
        {"sub/run.sh": "echo in $(pwd) with $1"}, "run.sh", "x",
        entrypoint="sh -e", working_dir="sub",
    )  # fmt: skip

    lab.wait_until_final(job_id)

    assert "in /job/job_source/sub with x\n" in lab.log_of(job_id)


def test_working_directory_that_is_missing_is_named(lab: DockerLab) -> None:
    job = lab.wait_until_final(lab.submit(HELLO, working_dir="/no/such"))

    assert job.reason == "working directory /no/such: No such file or directory"


def test_container_started_again_by_hand_runs_no_code_twice(lab: DockerLab) -> None:
    program = "import os, time\nprint('ran', flush=True)\ntime.sleep(100)"
    job_id = lab.submit({"main.py": program})
    lab.wait_for_line(job_id, "ran")
    (name,) = lab.containers()
    lab.worker.end(signal.SIGKILL)

    lab.engine.docker("kill", name)
    lab.engine.docker("start", name)
    lab.wait_for(lambda: "false" in lab.engine.docker("inspect", "-f", "{{.State.Running}}", name))
    lab.start_worker()
    lab.wait_until_final(job_id)

    assert lab.log_of(job_id).count("ran\n") == 1


def test_job_goes_on_when_its_worker_is_killed(lab: DockerLab) -> None:
    program = "import time\nprint('ready', flush=True)\ntime.sleep(3)\nprint('done')"
    job_id = lab.submit({"main.py": program})
    lab.wait_for_line(job_id, "ready")

    lab.worker.end(signal.SIGKILL)
    lab.start_worker()
    job = lab.wait_until_final(job_id)

    assert job.status is JobStatus.COMPLETED
    assert lab.log_of(job_id).count("done\n") == 1


def test_containers_that_nobody_knows_are_removed_and_others_are_not(lab: DockerLab) -> None:
    def run(name: str, *labels: str) -> None:
        options = [word for label in labels for word in ("--label", label)]
        lab.engine.docker(
            "run", "-d", "--network", "none", "--name", name, *options, BASE_IMAGE, "sleep", "100"
        )

    mine = f"atlas.install={lab.install}"
    run(f"atlas-{lab.install[:8]}-unknown", mine, "atlas.attempt=unknown")
    run("of-another-install", "atlas.install=other", "atlas.attempt=unknown")
    run("of-nobody")

    try:
        lab.wait_for(lambda: not lab.containers())

        left = lab.engine.docker("ps", "--format", "{{.Names}}").split()
        assert {"of-another-install", "of-nobody"} <= set(left)
    finally:
        lab.engine.docker("rm", "-f", "of-another-install", "of-nobody")
