from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from foundations_cli.jobs import _check_path
from foundations_client.client import Client
from foundations_wire.errors import InvalidRequest, UnknownJob
from foundations_wire.jobs import JobStatus


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.scenario(36)
@pytest.mark.parametrize(
    "words",
    [
        ("get", "logs", "scheduler"),
        ("get", "job", "scheduler"),
        ("stop", "scheduler"),
        ("stop", "job", "scheduler"),
        ("delete", "job", "scheduler"),
        ("show", "job"),
    ],
)
@pytest.mark.parametrize("job_id", ["nothere", "birds#7", "../etc", "x y"])
def test_an_unknown_job_is_an_error(
    cli: Any, client: Client, words: tuple[str, ...], job_id: str
) -> None:
    outcome = cli(*words, job_id)

    sentence = f"Error: Job `{job_id}` does not exist for environment `scheduler`\n"
    assert (outcome.status, outcome.out) == (1, sentence)


@pytest.mark.scenario(36)
def test_the_log_of_a_queued_job_is_an_error(cli: Any, jobs: Any) -> None:
    job_id = jobs.queue()

    outcome = cli("get", "logs", "scheduler", job_id)

    sentence = f"Error: Job `{job_id}` is queued and has not produced any logs\n"
    assert (outcome.status, outcome.out) == (1, sentence)


@pytest.mark.scenario(36)
def test_the_log_of_a_running_job_is_what_it_has_written(
    cli: Any, jobs: Any, client: Client
) -> None:
    job_id = jobs.start()
    client.logs.append(job_id, 0, b"RuntimeError: handled\npart")

    outcome = cli("get", "logs", "scheduler", job_id)

    assert (outcome.status, outcome.out) == (0, "RuntimeError: handled\npart")


def test_a_long_log_comes_whole(cli: Any, jobs: Any) -> None:
    log = b"".join(b"line %d\n" % number for number in range(60_000))
    job_id = jobs.end(log=log[: 1 << 20])

    outcome = cli("get", "logs", "scheduler", job_id)

    assert outcome.out.encode() == log[: 1 << 20]


def test_following_ends_with_the_job(cli: Any, jobs: Any) -> None:
    job_id = jobs.end(log=b"one\ntwo\n")

    outcome = cli("get", "logs", "scheduler", job_id, "--follow")

    assert (outcome.status, outcome.out) == (0, "one\ntwo\n")


def test_log_and_files_are_told_to_programs_as_json(cli: Any, jobs: Any, here: Path) -> None:
    job_id = jobs.end(log=b"one\n\xff")
    jobs.archive(job_id, {"main.py": b"print(1)"})

    log = json.loads(cli("get", "logs", "scheduler", job_id, "--json").out)
    files = json.loads(cli("get", "job", "scheduler", job_id, "--json").out)

    assert log == {"job_id": job_id, "log": "one\n\ufffd"}
    assert files == {"job_id": job_id, "folder": str(here / job_id), "files": ["main.py"]}


def test_a_job_is_found_by_name_number_and_beginning(cli: Any, jobs: Any, client: Client) -> None:
    job_id = jobs.end(log=b"hello\n")
    name = client.jobs.get(job_id).name

    outputs = {cli("get", "logs", "scheduler", text).out for text in (name, "birds#1", job_id[:8])}

    assert outputs == {"hello\n"}


def test_a_beginning_of_two_jobs_is_refused(cli: Any, jobs: Any) -> None:
    jobs.queue(job_id="search-1")
    jobs.queue(job_id="search-2")

    outcome = cli("stop", "scheduler", "search")

    assert outcome.status == 1
    assert "may be one of several jobs: search-2, search-1" in outcome.out


@pytest.mark.scenario(40)
def test_the_archive_comes_into_a_folder(cli: Any, jobs: Any, here: Path) -> None:
    job_id = jobs.end()
    jobs.archive(job_id, {"main.py": b"print(1)", "out/model.bin": b"\0\1"})

    outcome = cli("get", "job", "scheduler", job_id)

    assert outcome.status == 0
    assert outcome.out == f"Successfully retrieved Job {job_id} from archive store\n"
    assert (here / job_id / "main.py").read_bytes() == b"print(1)"
    assert (here / job_id / "out" / "model.bin").read_bytes() == b"\0\1"
    assert (here / job_id / "main.py").stat().st_mode & stat.S_IXUSR


def test_save_dir_and_source_dir_are_honoured(cli: Any, jobs: Any, here: Path) -> None:
    job_id = jobs.end()
    jobs.archive(job_id, {"main.py": b"1", "out/a.txt": b"2", "outer/b.txt": b"3"})

    outcome = cli("get", "job", "scheduler", job_id, "--save_dir", "got", "--source_dir", "./out/")

    assert outcome.status == 0
    assert [path.name for path in (here / "got").rglob("*")] == ["a.txt"]


def test_a_folder_that_the_job_has_not_is_an_error(cli: Any, jobs: Any, here: Path) -> None:
    job_id = jobs.end()
    jobs.archive(job_id, {"main.py": b"1"})

    outcome = cli("get", "job", "scheduler", job_id, "--source_dir", "nope")

    assert outcome.status == 1
    assert outcome.out.startswith(f"Error: Could not download Job {job_id}")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("is_ended", [True, False])
def test_a_job_without_an_archive_is_an_error(
    cli: Any, jobs: Any, here: Path, *, is_ended: bool
) -> None:
    job_id = jobs.end("failed") if is_ended else jobs.start()

    outcome = cli("get", "job", "scheduler", job_id)

    assert outcome.status == 1
    assert outcome.out.startswith(f"Error: Could not download Job {job_id}: it ")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../x", "a//b", "", "a\0", "./a"])
def test_paths_that_leave_the_folder_are_refused(path: str) -> None:
    with pytest.raises(InvalidRequest):
        _check_path(path)


def test_a_name_that_linux_takes_is_no_reason_to_withhold_the_files() -> None:
    assert _check_path("a\\b") == "a\\b"


def test_a_queued_job_is_stopped_at_once(cli: Any, jobs: Any, client: Client) -> None:
    job_id = jobs.queue()

    outcome = cli("stop", "scheduler", job_id)

    assert (outcome.status, outcome.out) == (0, f"Stopped queued job {job_id}\n")
    assert client.jobs.get(job_id).status is JobStatus.STOPPED


@pytest.mark.scenario(37)
def test_stopping_an_ended_job_is_an_error(cli: Any, jobs: Any) -> None:
    job_id = jobs.end()

    outcome = cli("stop", "job", "scheduler", job_id)

    assert outcome.status == 1
    sentence = f"Error: Job `{job_id}` has status `completed` and cannot be stopped\n"
    assert outcome.out == sentence


@pytest.mark.scenario(38)
def test_clearing_the_queue_leaves_running_jobs(cli: Any, jobs: Any, client: Client) -> None:
    running = jobs.start()
    jobs.queue()
    jobs.queue("owls")

    outcome = cli("clear-queue", "scheduler")

    assert (outcome.status, outcome.out) == (0, "Removed 2 job(s) from queue\n")
    assert client.jobs.get(running).status is JobStatus.RUNNING


@pytest.mark.scenario(39)
def test_an_ended_job_is_deleted(cli: Any, jobs: Any, client: Client) -> None:
    job_id = jobs.end()

    outcome = cli("delete", "job", "scheduler", job_id)

    assert (outcome.status, outcome.out) == (0, f"Job {job_id} successfully deleted\n")
    with pytest.raises(UnknownJob):
        client.jobs.get(job_id)


@pytest.mark.scenario(39)
@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_job_that_has_not_ended_is_not_deleted(cli: Any, jobs: Any, status: str) -> None:
    job_id = jobs.queue() if status == "queued" else jobs.start()

    outcome = cli("delete", "job", "scheduler", job_id)

    sentence = f"Error: Job `{job_id}` has status `{status}` and cannot be deleted\n"
    assert (outcome.status, outcome.out) == (1, sentence)


def test_the_server_can_be_named_behind_the_arguments(cli: Any, jobs: Any) -> None:
    outcome = cli("clear-queue", "scheduler", "--server", "http://127.0.0.1:1")

    assert outcome.status == 0


def test_a_job_is_found_by_name_however_many_are_newer(cli: Any, client: Any, jobs: Any) -> None:
    first = jobs.queue(job_id="very-first-of-all")
    name = client.jobs.get(first).name
    for _ in range(3):
        jobs.queue()

    found = [json.loads(cli("show", "job", text, "--json").out)["id"] for text in (name, "very")]

    assert found == [first, first]


def test_what_is_typed_for_a_job_is_never_a_filter(cli: Any, client: Any, jobs: Any) -> None:
    jobs.queue()

    for text in ('x" or id ~ "', "%", "a\\", "' or 1=1 --", "x" * 300):
        outcome = cli("show", "job", text)
        assert (outcome.status, "does not exist" in outcome.out) == (1, True)
