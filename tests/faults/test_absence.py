"""The server is away for long: all is kept below the journal's limit, thinned above it (R6)."""

from __future__ import annotations

import json
from pathlib import Path

from foundations_client.client import Client
from foundations_wire.metrics import SeriesQuery
from support.points import count, read_series, value_of
from support.rounds import pick
from support.scripts import Desk
from support.server import Server

POINTS = """
import sys
import foundations
foundations.log_param("rate", 0.1)
foundations.set_tag("kept", "yes")
for number in range(int(sys.argv[1])):
    foundations.log_metric("loss", (number * 7919 % 1000003) / 7)
    if number % 10000 == 0:
        foundations.log_param("at-%d" % number, number)
with open("model.txt", "w") as file:
    file.write("weights")
foundations.save_artifact("model.txt", "model")
print("job:", foundations.current_foundations_job().job_id)
"""


def test_all_arrives_when_the_server_was_away_all_the_time(
    desk: Desk, server: Server, client: Client
) -> None:
    points = pick(200_000, 5_000_000)
    desk.write("main.py", POINTS)
    server.stop()

    ran = desk.run("main.py", str(points))
    server.start()
    synced = desk.command("sync")

    job = client.jobs.get(ran.job_id)
    tally = count(client, ran.job_id, "loss", points)
    print(tally)
    assert (ran.code, synced.code) == (0, 0), synced
    assert "foundations sync" in ran.out
    assert tally.is_exact
    assert (job.status.value, job.tags, job.artifact_count) == ("completed", {"kept": "yes"}, 1)
    assert len(job.params) == 1 + points // 10_000


def test_points_are_thinned_and_the_rest_is_kept_when_the_journal_is_at_its_limit(
    desk: Desk, server: Server, client: Client
) -> None:
    points = pick(400_000, 5_000_000)
    desk.write("main.py", POINTS)
    server.stop()

    ran = desk.run("main.py", str(points), FOUNDATIONS_JOURNAL_LIMIT="4MB")
    size = measure(desk.home / "journal")
    server.start()
    synced = desk.command("sync")

    job = client.jobs.get(ran.job_id)
    steps, values = read_series(client, ran.job_id, "loss")
    dropped = find_dropped(client, ran.job_id)
    print(json.dumps({"stored": len(steps), "dropped": dropped, "bytes": size}))
    assert (ran.code, synced.code) == (0, 0), synced
    assert ran.out.count("FOUNDATIONS_JOURNAL_LIMIT") == 1  # one warning
    assert len(steps) + dropped == points
    assert dropped > points / 4
    assert values == [value_of(step) for step in steps]
    assert (steps[0], steps[-1]) == (0, points - 1)
    assert_spikes_are_kept(steps, points)
    assert len(job.params) == 1 + points // 10_000
    assert (job.status.value, job.tags, job.artifact_count) == ("completed", {"kept": "yes"}, 1)
    assert size < pick(8_000_000, 40_000_000)


def find_dropped(client: Client, job_id: str) -> int:
    answer = client.jobs.query_series(SeriesQuery([job_id], ["loss"], max_points=10))
    return answer.series[0].dropped


def measure(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def assert_spikes_are_kept(steps: list[int], points: int) -> None:
    """A point that towers over the 1,000 before it and after it is in no thinned stretch.

    Where stretches begin is the journal's affair, so we look at blocks and their neighbours.
    """
    kept, numbers = set(steps), range(points)
    for extreme in (max, min):
        tops = [
            extreme(numbers[start : start + 1000], key=value_of)
            for start in range(0, points, 1000)
        ]
        for before, top, after in zip(tops, tops[1:], tops[2:], strict=False):
            if extreme(before, top, after, key=value_of) == top:
                assert top in kept


def test_jobs_end_right_when_they_never_saw_their_server(
    desk: Desk, server: Server, client: Client
) -> None:
    start = "import foundations\nfoundations.log_metric('loss', 1)\n"
    kill = "import os; os.kill(os.getpid(), 9)"
    server.stop()

    ended = desk.run_source(start, FOUNDATIONS_JOB_ID="ended")
    killed = desk.run_source(start + kill, FOUNDATIONS_JOB_ID="killed")
    server.start()
    desk.command("sync")

    jobs = [client.jobs.get(job_id) for job_id in ("ended", "killed")]
    assert (ended.code, killed.code) == (0, -9)
    assert [job.status.value for job in jobs] == ["completed", "failed"]
    assert [[m.count for m in job.metrics if m.name == "loss"] for job in jobs] == [[1], [1]]
