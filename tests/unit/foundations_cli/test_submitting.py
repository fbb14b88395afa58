from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from foundations_cli.submitting import exit_status
from foundations_client.client import Client
from foundations_wire.jobs import JobStatus


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "owls"
    made.mkdir()
    (made / "main.py").write_text("print('hello')")
    return made


@pytest.fixture(autouse=True)
def no_streaming(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs here: nothing would ever come."""
    monkeypatch.setenv("DISABLE_LOG_STREAMING", "True")


def test_submitting_prints_the_id_and_the_project(cli: Any, client: Client, folder: Path) -> None:
    outcome = cli("submit", "scheduler", str(folder), "main.py", "0", "some text", "--wait")

    found = re.search(r"Job submitted with ID '(.+?)' in project 'owls'\.", outcome.out)
    assert outcome.status == 0
    assert found
    assert client.jobs.get(found[1]).command == ["main.py", "0", "some text", "--wait"]
    assert "--wait stands behind the job directory" in outcome.err


def test_options_stand_before_the_job_directory(cli: Any, client: Client, folder: Path) -> None:
    outcome = cli(
        "submit", "--project-name", "songs", "scheduler", "--num-gpus", "2", "--ram", "1.5",
        "--priority", "high", "--entrypoint", "bash", str(folder), "run.sh",
    )  # fmt: skip

    job = client.jobs.list().items[0]
    assert outcome.status == 0
    assert (job.project, job.num_gpus, job.priority) == ("songs", 2, 10)


def test_terms_of_a_job_arrive(cli: Any, client: Client, jobs: Any, folder: Path) -> None:
    first = jobs.queue()

    outcome = cli(
        "submit", "--cpus", "1.5", "--time-limit", "1h30m", "--grace", "9s", "--retries", "2",
        "--infra-retries", "1", "--after", f"{first}:end", "--hold", "--image", "lab/audio:3",
        "--pull", "never", "scheduler", str(folder), "main.py",
    )  # fmt: skip

    job = client.jobs.list(project="owls").items[0]
    spec = client.jobs.spec(job.id)
    assert outcome.status == 0
    assert (job.cpus, job.time_limit, job.is_held) == (1.5, 5400.0, True)
    assert [(one.job, one.until.value) for one in job.after] == [(first, "end")]
    assert (spec.grace, spec.max_retries, spec.max_infra_retries) == (9.0, 2, 1)
    assert (spec.image, spec.pull.value) == ("lab/audio:3", "never")


def test_a_dry_run_says_what_would_become_of_the_job_and_stores_nothing(
    cli: Any, client: Client, folder: Path
) -> None:
    outcome = cli("submit", "--dry-run", "scheduler", str(folder), "main.py")

    assert outcome.status == 0
    assert "no worker is connected" in outcome.out
    assert client.jobs.list().items == []


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--time-limit", "soon", "The time limit takes a length of time"),
        ("--pull", "sometimes", "use always, missing, never"),
        ("--after", "nobody-knows", "after which to start, does not exist"),
        ("--cpus", "-1", "cpus"),
        ("--retries", "-1", "retries"),
    ],
)
def test_terms_that_cannot_be_are_refused_in_a_sentence(
    cli: Any, client: Client, folder: Path, option: str, value: str, sentence: str
) -> None:
    outcome = cli("submit", option, value, "scheduler", str(folder), "main.py")

    assert outcome.status == 1
    assert sentence in outcome.out
    assert client.jobs.list().items == []


def test_json_has_the_result_alone_on_stdout(cli: Any, client: Client, folder: Path) -> None:
    outcome = cli("submit", "--json", "scheduler", str(folder), "main.py")

    assert json.loads(outcome.out)["project"] == "owls"
    assert "Job submitted with ID" in outcome.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--num-gpus", "-1"], "Invalid GPU quantity -1"),
        (["--ram", "0"], "Invalid RAM quantity 0"),
        (["--priority", "urgent"], "Invalid priority 'urgent'"),
        (["--project-name", "a/b"], "'a/b' cannot be a project name"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    cli: Any, client: Client, folder: Path, options: list[str], sentence: str
) -> None:
    outcome = cli("submit", *options, "scheduler", str(folder), "main.py")

    assert outcome.status == 1
    assert f"Error running command: {sentence}" in outcome.out
    assert client.jobs.list().total == 0


def test_bad_yaml_is_told_with_file_and_line(cli: Any, client: Client, folder: Path) -> None:
    (folder / "job.config.yaml").write_text("project_name: x\nnum_gpus: [\n")

    outcome = cli("submit", "scheduler", str(folder), "main.py")

    assert outcome.status == 1
    assert "job.config.yaml, line 3 is not YAML" in outcome.out


def test_a_command_that_does_not_exist_warns_and_goes_on(
    cli: Any, client: Client, folder: Path
) -> None:
    outcome = cli("submit", "scheduler", str(folder), "missing.py")

    assert outcome.status == 0
    assert "Warning: 'missing.py' is no file in the job directory" in outcome.err


def test_a_missing_job_directory_is_an_error(cli: Any, client: Client, tmp_path: Path) -> None:
    outcome = cli("submit", "scheduler", str(tmp_path / "gone"), "main.py")

    assert outcome.status == 1
    assert "does not exist" in outcome.out


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [("completed", 0, 0), ("failed", 7, 7), ("failed", None, 1), ("stopped", -15, 1),
     ("failed", 300, 1)],
)  # fmt: skip
def test_the_exit_status_of_a_wait_is_the_jobs(
    jobs: Any, client: Client, status: str, code: int | None, expected: int
) -> None:
    job = client.jobs.get(jobs.end())
    fields = {name: getattr(job, name) for name in job.__dataclass_fields__}
    ended = type(job)(**{**fields, "status": JobStatus(status), "exit_code": code})

    assert exit_status(ended) == expected
