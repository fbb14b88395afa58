"""`foundations sync [PATH]`: whole roots, single jobs, single processes, and copies of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_wire.jobs import JobStatus
from support.scripts import Desk, Ran
from support.server import Server

SCRIPT = """
import os, subprocess, sys
import foundations
job = foundations.current_foundations_job()
print("job:", job.job_id)
foundations.log_metric("loss", list(range(100)))
child = "import foundations; foundations.log_metric('child', [1, 2])"
subprocess.run([sys.executable, "-c", child], check=True)
"""
AWAY = "http://127.0.0.1:9"


@pytest.fixture
def away(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "project", tmp_path / "home", AWAY)


def count_points(client: Client, job_id: str) -> dict[str, int]:
    return {metric.name: metric.count for metric in client.jobs.get(job_id).metrics}


def sync(desk: Desk, server: Server, *words: str) -> Ran:
    return desk.command("sync", *words, "--server", server.url)


def test_every_job_is_named_with_a_sum_at_the_end(
    away: Desk, server: Server, client: Client
) -> None:
    ids = {away.run_source(SCRIPT).job_id for _ in range(2)}

    synced = sync(away, server)
    again = sync(away, server)

    lines = synced.out.splitlines()
    assert (synced.code, again.code) == (0, 0), synced.err
    assert {line.split()[3] for line in lines[:2]} == ids
    assert all("events)" in line for line in lines[:2])
    assert lines[2].startswith("2 jobs and ")
    assert again.out == "Nothing to bring in.\n"
    for job_id in ids:
        assert count_points(client, job_id) == {"loss": 100, "child": 2}


@pytest.mark.parametrize("what", ["root", "job", "process"])
@pytest.mark.parametrize("is_copy", [False, True])
def test_a_path_may_be_a_root_a_jobs_folder_or_a_processs(
    away: Desk,
    server: Server,
    client: Client,
    what: str,
    is_copy: bool,  # noqa: FBT001
) -> None:
    job_id = away.run_source(SCRIPT).job_id
    root = away.home / "journal"
    if is_copy:
        root = Path(shutil.copytree(root, away.home.parent / "stick" / "from laptop"))
        shutil.rmtree(away.home)
    job = root / job_id
    path = {"root": root, "job": job, "process": next(job.iterdir())}[what]

    synced = sync(away, server, str(path))

    assert synced.code == 0, synced.err
    assert f"Brought in job {job_id}" in synced.out
    assert client.jobs.get(job_id).status is JobStatus.COMPLETED
    assert count_points(client, job_id) == {"loss": 100, "child": 2}
    assert not job.exists()


def test_only_the_named_job_comes_in(away: Desk, server: Server, client: Client) -> None:
    first, second = (away.run_source(SCRIPT).job_id for _ in range(2))

    synced = sync(away, server, f"{away.home}/journal/{second}/")

    assert synced.code == 0, synced.err
    assert client.jobs.get(second).id == second
    assert (away.home / "journal" / first).exists()


def test_the_report_is_one_object_with_json(away: Desk, server: Server) -> None:
    job_id = away.run_source(SCRIPT).job_id

    report = json.loads(sync(away, server, "--json").out)

    assert report["shipped"] == [job_id]
    assert (report["live"], report["problems"], report["refused"]) == ([], [], [])
    assert report["events"] > 102


def test_a_folder_that_is_not_there_is_refused(away: Desk, server: Server) -> None:
    synced = sync(away, server, "nowhere")

    assert synced.code == 1
    assert "there is no folder `nowhere`" in synced.out


def test_a_folder_without_journals_holds_nothing(
    away: Desk, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "photos" / "holiday").mkdir(parents=True)

    synced = sync(away, server, str(tmp_path / "photos"))

    assert (synced.code, synced.out) == (0, "Nothing to bring in.\n")


def test_a_server_that_is_away_keeps_everything(away: Desk) -> None:
    job_id = away.run_source(SCRIPT).job_id

    synced = away.command("sync")

    assert synced.code == 1
    assert AWAY in synced.out
    assert (away.home / "journal" / job_id).exists()


def test_a_child_whose_job_the_server_does_not_know_is_a_problem(
    away: Desk, server: Server
) -> None:
    away.run_source(
        "import foundations\nfoundations.log_metric('x', 1)\n",
        FOUNDATIONS_JOB_ID="unknown-1",
        FOUNDATIONS_JOB_OWNER="attempt:a-1",
    )

    synced = sync(away, server)

    assert synced.code == 1
    assert "unknown-1" in synced.err
    assert "1 problem" in synced.out
