from __future__ import annotations

import json
from typing import Any

import pytest

from foundations_cli import listing
from foundations_client.client import Client
from foundations_wire.events import (
    Event,
    EventBatch,
    MetricLogged,
    ParamLogged,
    Raised,
    TagSet,
    to_wire,
)


def report(client: Client, job_id: str) -> None:
    events: list[Event] = [
        ParamLogged(1.0, "lr", 0.1),
        MetricLogged(1.0, "loss", 0, 0.5),
        MetricLogged(2.0, "loss", 1, 0.25),
        MetricLogged(2.0, "note", 0, "fine", "text"),
        TagSet(3.0, "good", ""),
        Raised(4.0, "ValueError", "no such bird", "Traceback: the whole of it"),
    ]
    batch = EventBatch("p1", 0, [to_wire(event) for event in events])
    client.jobs.send_events(job_id, batch)


def test_jobs_are_listed_newest_first(cli: Any, jobs: Any) -> None:
    jobs.end()
    jobs.queue("owls", job_id="my-own-id")

    outcome = cli("list", "jobs")

    lines = outcome.out.splitlines()
    assert lines[0].split() == ["NAME", "PROJECT", "STATUS", "CREATED", "DURATION", "ID"]
    assert "my-own-id" in lines[1]
    assert "queued" in lines[1]
    assert "completed" in lines[2]


def test_jobs_are_chosen_by_project_status_and_number(cli: Any, jobs: Any) -> None:
    jobs.end()
    jobs.queue()
    jobs.queue()
    jobs.queue("owls")

    outcome = cli(
        "list", "jobs", "--project", "birds", "--status", "queued", "--limit", "1", "--json"
    )

    page = json.loads(outcome.out)
    assert page["total"] == 2
    assert len(page["items"]) == 1


def test_a_cut_listing_says_so_beside_the_result(cli: Any, jobs: Any) -> None:
    jobs.queue()
    jobs.queue()

    outcome = cli("list", "jobs", "--limit", "1")

    assert "1 of 2 jobs" in outcome.err
    assert len(outcome.out.splitlines()) == 2


def test_an_unknown_project_is_an_error(cli: Any, client: Client) -> None:
    outcome = cli("list", "jobs", "--project", "nowhere")

    assert outcome.status == 1
    assert "Project `nowhere` does not exist!" in outcome.out


def test_nothing_to_list_is_said_beside_an_empty_result(cli: Any, client: Client) -> None:
    outcomes = [cli("list", what) for what in ("jobs", "projects", "queue")]

    assert [outcome.out for outcome in outcomes] == ["", "", ""]
    assert [outcome.err for outcome in outcomes] == [
        "No jobs.\n", "No projects.\n", "Nothing runs and nothing waits.\n",
    ]  # fmt: skip


def test_projects_are_listed_with_their_counts(cli: Any, jobs: Any) -> None:
    jobs.end("failed", exit_code=1)
    jobs.queue()

    outcome = cli("list", "projects")

    row = outcome.out.splitlines()[1].split()
    assert row[:7] == ["birds", "2", "1", "0", "0", "1", "0"]


def test_the_queue_says_why_a_job_waits(cli: Any, jobs: Any) -> None:
    jobs.start()
    jobs.queue()

    outcome = cli("list", "queue")

    lines = outcome.out.splitlines()
    assert "vm" in lines[1]
    assert lines[-1].startswith("1")
    assert "about to start" in lines[-1]


def test_every_listing_has_json(cli: Any, jobs: Any) -> None:
    job_id = jobs.queue()

    answers = [
        json.loads(cli(*words, "--json").out)
        for words in (
            ("list", "jobs"), ("list", "projects"), ("list", "queue"), ("show", "job", job_id),
            ("info",),
        )
    ]  # fmt: skip

    assert answers[0]["items"][0]["id"] == job_id
    assert answers[1]["items"][0]["name"] == "birds"
    assert answers[2]["waiting"][0]["id"] == job_id
    assert answers[3]["id"] == job_id
    assert answers[4] == {"submission": [], "execution": []}


def test_a_job_is_shown_with_all_it_reported(cli: Any, jobs: Any, client: Client) -> None:
    job_id = jobs.end("failed", log=b"x" * 2000, exit_code=3)
    report(client, job_id)

    outcome = cli("show", "job", job_id)

    rows = [" ".join(line.split()) for line in outcome.out.splitlines()]
    assert f"Id {job_id}" in rows
    assert "Status failed" in rows
    assert "Exit code 3" in rows
    assert "Error ValueError: no such bird" in rows
    assert "Log 2 kB" in rows
    assert "lr 0.1" in rows
    assert "loss 0.25 0.25 0.5 2" in rows
    assert "note fine – – 1" in rows
    assert "good –" in rows
    assert rows[-1] == "Traceback: the whole of it"


def test_an_unknown_job_does_not_pollute_json(cli: Any, client: Client) -> None:
    outcome = cli("show", "job", "nothere", "--json")

    assert (outcome.status, outcome.out) == (1, "")
    assert "Job `nothere` does not exist" in outcome.err


def test_jobs_are_chosen_and_sorted_by_the_language(cli: Any, client: Client, jobs: Any) -> None:
    ids = [jobs.queue(job_id=f"job-{index}") for index in range(3)]
    for index, job_id in enumerate(ids):
        batch = EventBatch("p1", 0, [to_wire(MetricLogged(1.0, "loss", 0, index / 2))])
        client.jobs.send_events(job_id, batch)

    outcome = cli("list", "jobs", "--filter", "metrics.loss < 1", "--sort", "metrics.loss")

    lines = outcome.out.splitlines()
    assert ["job-0" in lines[1], "job-1" in lines[2], len(lines)] == [True, True, 3]


def test_a_wrong_filter_is_underlined(cli: Any, client: Client) -> None:
    outcome = cli("list", "jobs", "--filter", "user = ada and stauts = failed")

    assert outcome.status == 1
    assert outcome.out.splitlines() == [
        "Error: `stauts`: there is no such field. Did you mean `status`?",
        "  user = ada and stauts = failed",
        "                 ^^^^^^",
    ]


def test_a_wrong_sort_is_underlined(cli: Any, client: Client) -> None:
    outcome = cli("list", "jobs", "--filter", "user = ada", "--sort", "-creatd")

    assert outcome.status == 1
    assert outcome.out.splitlines()[1:] == ["  -creatd", "   ^^^^^^"]


def test_more_jobs_are_listed_than_a_page_holds(
    cli: Any, client: Client, monkeypatch: pytest.MonkeyPatch, jobs: Any
) -> None:
    for _ in range(7):
        jobs.queue()
    monkeypatch.setattr(listing, "_PAGE", 3)

    page = json.loads(cli("list", "jobs", "--limit", "1000", "--json").out)
    cut = json.loads(cli("list", "jobs", "--limit", "5", "--json").out)

    assert (len(page["items"]), page["total"]) == (7, 7)
    assert len(cut["items"]) == 5


def test_metrics_of_the_machine_are_left_out_of_the_table(
    cli: Any, client: Client, jobs: Any
) -> None:
    job_id = jobs.queue()
    logged = [MetricLogged(1.0, "loss", 0, 1.0), MetricLogged(1.0, "system/cpu", 0, 5.0)]
    batch = EventBatch("p1", 0, [to_wire(event) for event in logged])
    client.jobs.send_events(job_id, batch)

    assert "system/cpu" not in cli("show", "job", job_id).out
    assert "system/cpu" in cli("show", "job", job_id, "--json").out
