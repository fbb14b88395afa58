from __future__ import annotations

import json
from typing import Any

import pytest

from foundations_cli.scheduling import read_seconds
from foundations_client.client import Client
from foundations_wire.errors import InvalidRequest
from foundations_wire.schedules import CatchUp, ScheduleStatus, Trigger


@pytest.fixture
def folder(tmp_path: Any) -> str:
    path = tmp_path / "birds"
    path.mkdir()
    (path / "main.py").write_text("print(1)")
    return str(path)


def test_a_schedule_is_made_from_a_folder_and_a_command(
    cli: Any, client: Client, folder: str
) -> None:
    outcome = cli(
        "schedule", "create", "--name", "nightly", "--cron", "0 3 * * *", "--timezone", "UTC",
        "--priority", "high", "--catch-up", "latest", "--overlap", "scheduler", folder, "main.py",
        "--every", "2",
    )  # fmt: skip

    made = client.schedules.get("nightly")
    assert outcome.status == 0, outcome
    assert "Schedule 'nightly' in project 'birds' was made; it runs next at 20" in outcome.out
    assert made.trigger == Trigger(
        cron="0 3 * * *", timezone="UTC", catch_up=CatchUp.LATEST, overlap=True
    )
    assert (made.job.command, made.job.priority) == (["main.py", "--every", "2"], 10)
    assert client.archive.has_bundle(made.job.bundle or "")


@pytest.mark.parametrize(
    ("text", "seconds"), [("2", 2), ("90s", 90), ("10m", 600), ("1.5h", 5400), (" 1 D", 86_400)]
)
def test_intervals_are_read_with_their_unit(text: str, seconds: float) -> None:
    assert read_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5", "5 weeks", "1e3"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="is no interval; write 90s"):
        read_seconds(text)


def make(cli: Any, folder: str, *options: str, name: str = "probe") -> Any:
    words = options or ("--every", "10m")
    return cli("schedule", "create", "--name", name, *words, "scheduler", folder, "main.py")


def test_schedules_are_listed_and_shown(cli: Any, client: Client, folder: str) -> None:
    make(cli, folder)
    make(cli, folder, "--cron", "@daily", "--project-name", "owls", name="other")

    lines = cli("schedule", "list").out.splitlines()
    of_owls = json.loads(cli("schedule", "list", "--project", "owls", "--json").out)
    shown = cli("schedule", "show", "probe").out

    assert lines[0].split()[:4] == ["NAME", "PROJECT", "STATUS", "WHEN"]
    assert "0 0 * * *" in lines[1]
    assert "every 600 s" in lines[2]
    assert [item["id"] for item in of_owls["items"]] == ["other"]
    assert "Next runs" in shown
    assert "Time zone" in shown


def test_nothing_to_list_is_said_beside_an_empty_result(cli: Any, client: Client) -> None:
    outcome = cli("schedule", "list")

    assert (outcome.out, outcome.err) == ("", "No schedules.\n")


def test_a_schedule_is_paused_resumed_changed_run_and_deleted(
    cli: Any, client: Client, folder: str
) -> None:
    make(cli, folder, "--every", "10m", "--end", "2099-01-01")

    paused = cli("schedule", "pause", "probe")
    resumed = json.loads(cli("schedule", "resume", "probe", "--json").out)
    changed = cli("schedule", "update", "probe", "--cron", "0 4 * * *", "--end", "none")
    trigger = client.schedules.get("probe").trigger
    ran = json.loads(cli("schedule", "run", "probe", "--json").out)
    deleted = cli("schedule", "delete", "probe", "--stop")

    assert "Schedule 'probe' in project 'birds' was paused; it is paused." in paused.out
    assert resumed["status"] == "active"
    assert "was changed; it runs next at" in changed.out
    assert (trigger.cron, trigger.every, trigger.end) == ("0 4 * * *", None, None)
    assert ran["schedule"] == "probe"
    assert deleted.out == "Schedule 'probe' was deleted; its jobs stay.\n"
    assert client.jobs.get(ran["id"]).status.value == "stopped"
    assert client.schedules.list().items == []


def test_a_schedule_may_be_replaced_with_its_job(cli: Any, client: Client, folder: str) -> None:
    make(cli, folder)

    again = make(cli, folder, "--cron", "@daily")
    replaced = make(cli, folder, "--cron", "@daily", "--replace", "--paused")
    new = make(cli, folder, "--every", "5m", "--replace", name="fresh")

    assert again.status == 1
    assert "Schedule `probe` exists already and is another one" in again.out
    assert replaced.status == 0
    assert client.schedules.get("probe").status is ScheduleStatus.PAUSED
    assert client.schedules.get("probe").trigger.cron == "0 0 * * *"
    assert "was made" in new.out


def test_a_schedule_without_times_is_made_paused(cli: Any, client: Client, folder: str) -> None:
    outcome = cli(
        "schedule", "create", "--name", "later", "--json", "scheduler", folder, "main.py"
    )

    made = json.loads(outcome.out)
    assert (made["status"], made["next_runs"]) == ("paused", [None] * 3)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("create", "--cron", "@daily", "scheduler", "FOLDER", "m"), "a schedule needs a name"),
        (("create", "--name", "n", "--cron", "0 25 * * *", "scheduler", "FOLDER", "main.py"),
         "'trigger.cron.hour' cannot be '25'"),
        (("create", "--name", "n", "--cron", "@daily", "--every", "2", "scheduler", "FOLDER", "m"),
         "--cron or --every, not both"),
        (("create", "--name", "n", "--every", "0.1", "scheduler", "FOLDER", "main.py"),
         "'trigger.every' must be at least 1 second"),
        (("create", "--name", "a b", "--every", "2", "scheduler", "FOLDER", "main.py"),
         "'a b' cannot be a job id"),
        (("show", "nope"), "Scheduled job nope not found"),
        (("pause", "nope"), "Scheduled job nope not found"),
        (("delete", "nope"), "Scheduled job nope not found"),
        (("update", "nope", "--every", "2s"), "Scheduled job nope not found"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_one_sentence(
    cli: Any, client: Client, folder: str, words: tuple[str, ...], sentence: str
) -> None:
    outcome = cli("schedule", *(folder if word == "FOLDER" else word for word in words))

    lines = [line for line in outcome.out.splitlines() if line]
    assert outcome.status == 1
    assert sentence in lines[-1]
    assert len(lines) == 1
    assert client.schedules.list().items == []


def test_an_update_of_nothing_says_what_it_needs(cli: Any, client: Client, folder: str) -> None:
    make(cli, folder)

    outcome = cli("schedule", "update", "probe")

    assert outcome.status == 1
    assert "say what is to change" in outcome.out
