"""`python main.py` with `import foundations`, against a real server."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_wire.jobs import JobStatus
from support.scripts import Desk
from support.server import Server

SAY_ID = "print('job:', foundations.current_foundations_job().job_id)\n"


@pytest.fixture
def desk(tmp_path: Path, server: Server) -> Desk:
    """Overrides the shared one: these scripts look at the folder's name as their project."""
    return Desk(tmp_path / "amber-project", tmp_path / "home", server.url)


@pytest.mark.scenario(1)
def test_a_script_becomes_a_completed_job_of_its_folder_when_it_imports_foundations(
    desk: Desk, client: Client
) -> None:
    ran = desk.run_source("import foundations\n" + SAY_ID, FOUNDATIONS_USER="ada")

    job = client.jobs.get(ran.job_id)
    assert ran.code == 0
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", job.id)
    assert (job.project, job.status, job.user) == ("amber-project", JobStatus.COMPLETED, "ada")
    assert job.created_at <= (job.started_at or "") <= (job.ended_at or "")
    assert job.exit_code == 0
    assert ran.out == f"job: {ran.job_id}\n"
    assert ran.err == ""


@pytest.mark.scenario(2)
def test_the_environment_names_job_and_project_when_it_is_set(desk: Desk, client: Client) -> None:
    desk.run_source(
        "import foundations\n",
        FOUNDATIONS_JOB_ID="my-job-1",
        FOUNDATIONS_PROJECT_NAME="birds",
        PROJECT_NAME="fish",
    )

    assert client.jobs.get("my-job-1").project == "birds"


def test_the_old_variable_names_the_project_when_it_alone_is_set(
    desk: Desk, client: Client
) -> None:
    ran = desk.run_source("import foundations\n" + SAY_ID, PROJECT_NAME="fish")

    assert client.jobs.get(ran.job_id).project == "fish"


@pytest.mark.scenario(3)
def test_the_job_fails_with_its_traceback_when_the_script_raises(
    desk: Desk, client: Client
) -> None:
    ran = desk.run_source(
        "import foundations\n" + SAY_ID + "def work():\n    raise KeyError('lost')\nwork()\n"
    )

    job = client.jobs.get(ran.job_id)
    assert ran.code == 1
    assert "KeyError: 'lost'" in ran.err
    assert (job.status, job.reason, job.exit_code) == (JobStatus.FAILED, "KeyError: 'lost'", 1)
    assert job.error is not None
    assert (job.error.type, job.error.message) == ("KeyError", "'lost'")
    assert "in work" in job.error.traceback


@pytest.mark.scenario(4)
def test_the_project_is_the_working_directory_when_the_script_lies_elsewhere(
    desk: Desk, client: Client
) -> None:
    desk.write("job.config.yaml", "project_name: other\n")
    desk.write("sub/main.py", "import foundations\n" + SAY_ID)

    ran = desk.run("sub/main.py")

    assert client.jobs.get(ran.job_id).project == "amber-project"


@pytest.mark.scenario(5)
def test_the_script_runs_on_with_one_warning_when_no_server_answers(
    tmp_path: Path,
) -> None:
    away = Desk(tmp_path / "project", tmp_path / "home", "http://127.0.0.1:9")

    ran = away.run_source("import foundations\nfoundations.log_metric('loss', 1)\n" + SAY_ID)

    assert ran.code == 0
    assert (ran.out + ran.err).count("WARNING") == 1
    assert "127.0.0.1:9" in ran.out
    assert "foundations sync" in ran.out
    assert list((away.home / "journal" / ran.job_id).glob("*/000001.journal"))


@pytest.mark.scenario(5)
def test_a_journalled_job_comes_in_entirely_when_it_is_drained(
    tmp_path: Path, server: Server, client: Client
) -> None:
    away = Desk(tmp_path / "project", tmp_path / "home", "http://127.0.0.1:9")
    ran = away.run_source(
        "import foundations\n"
        "foundations.log_metric('loss', [0.5, float('nan')])\n"
        "open('a.txt', 'w').write('abc')\n"
        "foundations.save_artifact('a.txt')\n" + SAY_ID + "raise SystemExit('no luck')\n"
    )

    synced = away.command("sync", FOUNDATIONS_SERVER=server.url)

    job = client.jobs.get(ran.job_id)
    assert synced.code == 0, synced.err
    assert (job.status, job.exit_code) == (JobStatus.FAILED, 1)
    assert job.metrics[0].count == 2
    assert job.artifact_count == 1
    assert not list((away.home / "journal").glob("*/*"))


@pytest.mark.scenario(6)
def test_nothing_is_tracked_and_one_warning_given_when_the_command_line_is_named(
    desk: Desk, client: Client
) -> None:
    source = """
        import foundations
        foundations.log_param("a", 1)
        foundations.log_metric("b", 2)
        foundations.set_tag("c")
        foundations.log_params({"d": 1})
    """

    ran = desk.run_source(source, FOUNDATIONS_COMMAND_LINE="True", PROJECT_NAME="nothing")

    assert ran.code == 0
    assert (ran.out + ran.err).count("Script not run with Foundations.") == 1
    assert "nothing" not in [item.name for item in client.projects.list().items]


@pytest.mark.scenario(7)
def test_the_archive_holds_the_folder_as_it_was_at_the_end(desk: Desk, client: Client) -> None:
    desk.write("data/in.txt", "given")
    desk.write(".venv/lib.py", "noise")
    desk.write(".foundationsignore", "*.tmp\n")
    desk.write("a.tmp", "noise")

    ran = desk.run_source("import foundations\nopen('made.txt', 'w').write('result')\n" + SAY_ID)

    ended = {
        file.path: file for file in client.archive.get_manifest(ran.job_id, "artifacts").files
    }
    began = {file.path for file in client.archive.get_manifest(ran.job_id, "code").files}
    packed = io.BytesIO()
    client.archive.get_archive(ran.job_id, packed)
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        made = archive.extractfile(f"{ran.job_id}/made.txt")
        assert made is not None
        assert made.read() == b"result"
    assert set(ended) == {".foundationsignore", "main.py", "data/in.txt", "made.txt"}
    assert {"main.py", "data/in.txt", ".foundations/environment.txt"} <= began


def test_odd_files_do_no_harm_when_the_folder_is_archived(desk: Desk, client: Client) -> None:
    desk.folder.mkdir(parents=True)
    (desk.folder / "broken").symlink_to("nowhere")
    (desk.folder / "loop").symlink_to(".")
    subprocess.run(["mkfifo", str(desk.folder / "pipe")], check=True)

    ran = desk.run_source("import foundations\n" + SAY_ID)

    files = client.archive.get_manifest(ran.job_id, "artifacts").files
    assert (ran.code, ran.err) == (0, "")
    assert [file.path for file in files] == ["main.py"]


def test_nothing_is_archived_with_one_warning_when_the_folder_is_large(
    desk: Desk, client: Client
) -> None:
    desk.folder.mkdir(parents=True)
    with (desk.folder / "weights.bin").open("wb") as file:
        file.truncate(600_000_000)

    ran = desk.run_source("import foundations\n" + SAY_ID)

    assert ran.out.count("WARNING") == 1
    assert "weights.bin (600 MB)" in ran.out
    assert client.jobs.get(ran.job_id).status is JobStatus.COMPLETED


@pytest.mark.scenario(8)
def test_the_sample_project_runs_when_it_was_just_made(
    desk: Desk, server: Server, client: Client
) -> None:
    desk.folder.mkdir(parents=True)
    made = desk.command("init", "sample")
    sample = Desk(desk.folder / "sample", desk.home, server.url)

    ran = sample.run("main.py")

    newest = client.jobs.list(project="sample").items[0]
    assert made.code == 0, made.err
    assert ran.code == 0, ran.err
    assert newest.status is JobStatus.COMPLETED
    assert newest.metrics
    assert newest.params
    assert newest.artifact_count
    assert client.archive.get_manifest(newest.id, "artifacts").files


def test_what_the_script_prints_is_its_log(desk: Desk, client: Client) -> None:
    source = """
        import logging, sys
        import foundations
        print("job:", foundations.current_foundations_job().job_id)
        print("to err", file=sys.stderr)
        sys.stdout.buffer.write("grüße\\n".encode())
        logging.basicConfig()
        logging.warning("by logging")
    """

    ran = desk.run_source(source)

    log = client.logs.read(ran.job_id).data.decode()
    assert sorted(log.splitlines()) == sorted((ran.out + ran.err).splitlines())
    assert "grüße" in log
    assert "WARNING:root:by logging" in ran.err


def test_the_programs_logging_is_as_before_when_foundations_is_imported(desk: Desk) -> None:
    source = """
        import logging
        before = (logging.root.handlers[:], logging.root.level)
        other = logging.getLogger("other")
        import foundations
        assert (logging.root.handlers, logging.root.level) == before
        assert not other.disabled
    """

    ran = desk.run_source(source)

    assert ran.code == 0, ran.err


def test_a_module_is_a_job_when_it_is_run_with_m(desk: Desk, client: Client) -> None:
    desk.write("pkg/__init__.py", "import foundations\n")
    desk.write("pkg/train.py", SAY_ID.replace("foundations.c", "__import__('foundations').c"))

    ran = desk.run("-m", "pkg.train")

    assert client.jobs.get(ran.job_id).status is JobStatus.COMPLETED


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c", "import foundations"),
        ("-m", "pytest", "-p", "no:cacheprovider", "-q", "main.py"),
        ("-m", "unittest", "main"),
        ("-i", "main.py"),
    ],
)
def test_no_job_is_made_when_a_prompt_or_a_test_runner_imports(
    desk: Desk, client: Client, arguments: tuple[str, ...]
) -> None:
    desk.write("main.py", "import foundations\ndef test_it(): pass\n")

    desk.run(*arguments, PROJECT_NAME="no-such-project")

    assert "no-such-project" not in [item.name for item in client.projects.list().items]


def test_a_block_is_a_job_when_it_is_started_from_a_prompt(desk: Desk, client: Client) -> None:
    code = (
        "import foundations\n"
        "with foundations.start_job(project_name='notes', params={'lr': {'a': 1}}) as job:\n"
        "    print('job:', job.job_id)\n"
        "    foundations.log_metric('loss', 1)\n"
        "    job.log_metric('loss', 2)\n"
        "    job.set_tag('good')\n"
        "foundations.log_metric('loss', 3)\n"
    )

    desk.folder.mkdir(parents=True)
    ran = desk.run("-c", code)

    job = client.jobs.get(ran.job_id)
    assert (job.project, job.status, job.params) == ("notes", JobStatus.COMPLETED, {"lr_a": 1})
    assert job.metrics[0].count == 2
    assert list(job.tags) == ["good"]
    assert "Script not run with Foundations." in ran.out


def test_a_block_fails_and_raises_when_an_exception_leaves_it(desk: Desk, client: Client) -> None:
    code = (
        "import foundations\n"
        "try:\n"
        "    with foundations.start_job() as job:\n"
        "        print('job:', job.job_id)\n"
        "        raise ValueError('bad luck')\n"
        "except ValueError as error:\n"
        "    print('caught', error)\n"
    )

    desk.folder.mkdir(parents=True)
    ran = desk.run("-c", code)

    job = client.jobs.get(ran.job_id)
    assert "caught bad luck" in ran.out
    assert (job.status, job.reason) == (JobStatus.FAILED, "ValueError: bad luck")


def test_the_job_moves_when_its_project_is_set(desk: Desk, client: Client) -> None:
    source = "import foundations\nfoundations.set_project_name('moved-here')\n"

    ran = desk.run_source(source + SAY_ID)

    assert client.jobs.get(ran.job_id).project == "moved-here"
    assert [job.id for job in client.jobs.list(project="moved-here").items] == [ran.job_id]
