"""`foundations queue` and `foundations workers`."""

from __future__ import annotations

import json
from typing import Any


def read_queue(cli: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cli("queue", "--json").out)
    return found


def test_queue_alone_lists_what_runs_and_what_waits(cli: Any, jobs: Any) -> None:
    running, waiting = jobs.start(), jobs.queue()

    found = read_queue(cli)

    assert [job["id"] for job in found["running"]] == [running]
    assert [job["id"] for job in found["waiting"]] == [waiting]


def test_a_held_job_says_so_until_it_is_released(cli: Any, jobs: Any) -> None:
    job_id = jobs.queue()

    held = cli("queue", "hold", job_id)
    why = cli("queue", "why", job_id)
    released = cli("queue", "release", job_id)

    assert (held.status, released.status) == (0, 0)
    assert "held" in why.out
    assert "held" not in cli("queue", "why", job_id).out


def test_jobs_that_can_be_held_are_held_beside_one_that_cannot(cli: Any, jobs: Any) -> None:
    ended, waiting = jobs.end(), jobs.queue()

    outcome = cli("queue", "hold", ended, waiting)

    assert outcome.status == 1
    assert ended in outcome.out
    assert read_queue(cli)["waiting"][0]["is_held"]


def test_a_moved_job_is_at_its_place(cli: Any, jobs: Any) -> None:
    first, second = jobs.queue(), jobs.queue()

    cli("queue", "move", second, "1")

    assert [job["id"] for job in read_queue(cli)["waiting"]] == [second, first]


def test_a_higher_priority_goes_first(cli: Any, jobs: Any) -> None:
    first, second = jobs.queue(), jobs.queue()

    outcome = cli("queue", "priority", second, "high")

    assert "priority high" in outcome.out
    assert [job["id"] for job in read_queue(cli)["waiting"]] == [second, first]


def test_a_word_that_is_no_priority_is_refused_in_a_sentence(cli: Any, jobs: Any) -> None:
    job_id = jobs.queue()

    outcome = cli("queue", "priority", job_id, "urgent")

    assert outcome.status == 1
    assert "low, normal, high" in outcome.out


def test_clearing_a_project_leaves_the_others_waiting(cli: Any, jobs: Any) -> None:
    jobs.queue("birds")
    other = jobs.queue("songs")

    outcome = cli("queue", "clear", "--project", "birds")

    assert "1 job" in outcome.out
    assert [job["id"] for job in read_queue(cli)["waiting"]] == [other]


def test_a_limit_is_listed_until_it_is_removed(cli: Any, jobs: Any) -> None:
    jobs.queue("birds")

    cli("queue", "limit", "--project", "birds", "--running", "4", "--gpus", "2")
    listed = json.loads(cli("queue", "limits", "--json").out)
    cli("queue", "limit", "--project", "birds", "--remove")

    assert listed["items"] == [{"scope": "project", "name": "birds", "running": 4, "gpus": 2}]
    assert json.loads(cli("queue", "limits", "--json").out)["items"] == []


def test_a_limit_of_nobody_is_refused(cli: Any) -> None:
    outcome = cli("queue", "limit", "--running", "4")

    assert outcome.status == 1
    assert "--project" in outcome.out


def test_a_drained_worker_says_so_until_it_is_resumed(cli: Any, jobs: Any) -> None:
    jobs.start()

    drained = cli("workers", "drain", "vm")
    shown = json.loads(cli("workers", "--json").out)
    cli("workers", "resume", "vm")

    assert drained.status == 0
    assert [worker["is_draining"] for worker in shown["items"]] == [True]
    listed = json.loads(cli("workers", "list", "--json").out)
    assert [worker["is_draining"] for worker in listed["items"]] == [False]


def test_a_connected_worker_is_neither_removed_nor_declared_lost(cli: Any, jobs: Any) -> None:
    jobs.start()

    outcomes = [cli("workers", "remove", "vm"), cli("workers", "lost", "vm", "--yes")]

    assert [outcome.status for outcome in outcomes] == [1, 1]
    assert all("connected" in outcome.out for outcome in outcomes)


def test_a_worker_that_does_not_exist_is_named(cli: Any, jobs: Any) -> None:
    outcome = cli("workers", "drain", "nobody")

    assert outcome.status == 1
    assert "nobody" in outcome.out
