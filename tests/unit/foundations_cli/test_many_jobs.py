"""Commands about many jobs, and jobs that repeat others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foundations_client.client import Client
from foundations_wire.jobs import JobStatus


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "owls"
    made.mkdir()
    (made / "main.py").write_text("print('hello')")
    return made


def list_statuses(client: Client, job_ids: list[str]) -> list[str]:
    return [client.jobs.get(job_id).status.value for job_id in job_ids]


def test_several_named_jobs_are_stopped(cli: Any, client: Client, jobs: Any) -> None:
    job_ids = [jobs.queue(), jobs.queue()]

    outcome = cli("stop", "scheduler", *job_ids)

    assert (outcome.status, outcome.out) == (0, "Stopping 2 jobs\n")
    assert list_statuses(client, job_ids) == ["stopped", "stopped"]


def test_jobs_of_a_project_are_stopped_and_others_are_not(
    cli: Any, client: Client, jobs: Any
) -> None:
    bird, song = jobs.queue("birds"), jobs.queue("songs")

    outcome = cli("stop", "scheduler", "--project", "birds")

    assert outcome.out == "Stopping 1 job\n"
    assert list_statuses(client, [bird, song]) == ["stopped", "queued"]


def test_stopping_nothing_says_what_may_be_named(cli: Any, jobs: Any) -> None:
    outcome = cli("stop", "scheduler")

    assert outcome.status == 1
    assert "--project or --filter" in outcome.out


def test_ended_jobs_of_a_filter_are_deleted(cli: Any, client: Client, jobs: Any) -> None:
    jobs.end("failed", exit_code=1)
    kept = jobs.end()

    outcome = cli("delete", "job", "scheduler", "--filter", "status = failed")

    assert (outcome.status, outcome.out) == (0, "Deleted 1 job\n")
    assert [job.id for job in client.jobs.list().items] == [kept]


def test_named_job_that_has_not_ended_is_told_and_the_others_are_deleted(
    cli: Any, client: Client, jobs: Any
) -> None:
    ended, waiting = jobs.end(), jobs.queue()

    outcome = cli("delete", "job", "scheduler", ended, waiting)

    assert outcome.status == 1
    assert waiting in outcome.err
    assert [job.id for job in client.jobs.list().items] == [waiting]


def test_rerun_queues_the_same_job_with_another_parameter(
    cli: Any, client: Client, jobs: Any
) -> None:
    first = jobs.end()

    outcome = cli(
        "rerun", "scheduler", first, "--param", "lr=0.5", "--param", "name=big", "--json"
    )

    new = client.jobs.get(json.loads(outcome.out)["id"])
    assert (new.status, new.command) == (JobStatus.QUEUED, ["main.py"])
    assert new.params == {"lr": 0.5, "name": "big"}


def test_parameter_without_a_value_is_refused(cli: Any, jobs: Any) -> None:
    outcome = cli("rerun", "scheduler", jobs.end(), "--param", "lr")

    assert outcome.status == 1
    assert "NAME=VALUE" in outcome.out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sets.json", '[{"lr": 0.1, "net": "a"}, {"lr": 0.2, "net": "b"}]'),
        ("sets.jsonl", '{"lr": 0.1, "net": "a"}\n\n{"lr": 0.2, "net": "b"}\n'),
        ("sets.csv", "lr,net\n0.1,a\n0.2,b\n"),
    ],
)
def test_array_makes_a_job_of_each_set_of_a_file(
    cli: Any, client: Client, folder: Path, tmp_path: Path, name: str, text: str
) -> None:
    sets = tmp_path / name
    sets.write_text(text)

    outcome = cli("submit", "--array", str(sets), "scheduler", str(folder), "main.py")

    made = client.jobs.list(project="owls", sort="created,number").items
    assert outcome.status == 0
    assert "2 jobs submitted" in outcome.out
    assert [job.params for job in made] == [{"lr": 0.1, "net": "a"}, {"lr": 0.2, "net": "b"}]
    assert len({job.array for job in made}) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "holds no parameter set"),
        ("[1]", "set 1"),
        ('{"lr": 1}\n{lr', "line 2"),
    ],
)
def test_array_of_a_bad_file_is_refused_in_a_sentence(
    cli: Any, client: Client, folder: Path, tmp_path: Path, text: str, sentence: str
) -> None:
    sets = tmp_path / "sets.json"
    sets.write_text(text)

    outcome = cli("submit", "--array", str(sets), "scheduler", str(folder), "main.py")

    assert outcome.status == 1
    assert sentence in outcome.out
    assert client.jobs.list().items == []
