"""Ranks of a distributed program report to one job, whichever comes first and last."""

from __future__ import annotations

import subprocess
import time

from foundations_client.client import Client
from foundations_wire.jobs import JobStatus
from support.scripts import Desk

COUNT = 300
SCRIPT = f"""
import os, sys, time
import foundations
rank = os.environ["RANK"]
for number in range({COUNT}):
    foundations.log_metric("rank " + rank, number * 0.5)
foundations.log_param("seed " + rank, int(rank))
print("rank", rank, "was here", flush=True)
"""
RANKS = ("0", "1", "2", "3")


def start_rank(desk: Desk, rank: str, job_id: str, **variables: str) -> subprocess.Popen[str]:
    return desk.start(
        "main.py", RANK=rank, WORLD_SIZE="4", LOCAL_RANK=rank, FOUNDATIONS_JOB_ID=job_id,
        **variables,
    )  # fmt: skip


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def count_points(client: Client, job_id: str) -> dict[str, int]:
    return {metric.name: metric.count for metric in client.jobs.get(job_id).metrics}


def test_all_ranks_are_one_job_when_the_first_comes_last(desk: Desk, client: Client) -> None:
    desk.write("main.py", SCRIPT)

    others = [start_rank(desk, rank, "late-first") for rank in RANKS[1:]]
    time.sleep(2)
    first = start_rank(desk, "0", "late-first")
    ended = [end(process) for process in (first, *others)]

    job = client.jobs.get("late-first")
    assert client.jobs.list(project=desk.folder.name).total == 1
    assert [code for code, _ in ended] == [0, 0, 0, 0]
    assert not any("WARNING" in text for _, text in ended)
    assert (job.status, job.reason) == (JobStatus.COMPLETED, None)
    assert count_points(client, "late-first") == {f"rank {rank}": COUNT for rank in RANKS}
    assert job.params == {f"seed {rank}": int(rank) for rank in RANKS}
    assert client.logs.read("late-first").data == b"rank 0 was here\n"
    assert not list((desk.home / "journal").glob("*"))


def test_nothing_is_lost_when_ranks_end_before_the_first_begins(
    desk: Desk, client: Client
) -> None:
    desk.write("main.py", SCRIPT)
    early = [
        end(start_rank(desk, rank, "gone-before", FOUNDATIONS_EXIT_SECONDS="1"))
        for rank in RANKS[1:]
    ]

    end(start_rank(desk, "0", "gone-before"))

    assert all("foundations sync" in text for _, text in early)
    assert count_points(client, "gone-before") == {f"rank {rank}": COUNT for rank in RANKS}
    assert not list((desk.home / "journal").glob("*"))


def test_the_job_goes_on_when_a_rank_is_killed(desk: Desk, client: Client) -> None:
    die = "if rank == '2':\n    os.kill(os.getpid(), 9)\nif rank == '0':\n    time.sleep(1)\n"
    desk.write("main.py", SCRIPT + die)

    codes = [end(process)[0] for process in [start_rank(desk, r, "killed-rank") for r in RANKS]]

    job = client.jobs.get("killed-rank")
    assert codes == [0, 0, -9, 0]
    assert job.status is JobStatus.COMPLETED
    assert count_points(client, "killed-rank") == {f"rank {rank}": COUNT for rank in RANKS}
    assert not list((desk.home / "journal").glob("*"))


def test_a_rank_that_raises_leaves_no_mark_on_a_job_that_completes(
    desk: Desk, client: Client
) -> None:
    die = "if rank == '2':\n    raise ValueError('odd')\nif rank == '0':\n    time.sleep(1.5)\n"
    desk.write("main.py", SCRIPT + die)

    codes = [end(process)[0] for process in [start_rank(desk, r, "odd-rank") for r in RANKS]]

    job = client.jobs.get("odd-rank")
    assert codes == [0, 0, 1, 0]
    assert (job.status, job.error) == (JobStatus.COMPLETED, None)


def test_ranks_that_share_no_id_say_so(desk: Desk, client: Client) -> None:
    desk.write("main.py", SCRIPT)

    ran = desk.run("main.py", RANK="1", WORLD_SIZE="4")

    assert "This is rank 1 of a distributed program" in ran.out
    assert client.jobs.list(project=desk.folder.name).total == 1
