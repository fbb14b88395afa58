"""Many points and many metrics: the pace holds and the server stays small (R12)."""

from __future__ import annotations

import time
from pathlib import Path

from foundations_client.client import Client
from foundations_wire.metrics import SeriesQuery
from support.points import read_series, value_of
from support.rounds import pick
from support.scripts import Desk
from support.server import Server
from support.waiting import wait_until

SCRIPT = """
import os, sys, time
import foundations
points, keys = int(sys.argv[1]), int(sys.argv[2])
names = ["key-%04d" % number for number in range(keys)]
begin = time.monotonic()
for number in range(points // keys):
    value = (number * 7919 % 1000003) / 7
    for name in names:
        foundations.log_metric(name, value)
with open(sys.argv[3], "w") as file:
    file.write(str(time.monotonic() - begin))
"""


def read_rss(pid: int) -> int:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return int(fields[1]) * 4096


def test_the_pace_holds_when_one_job_logs_millions_of_points(
    desk: Desk, server: Server, client: Client
) -> None:
    points, keys = pick(300_000, 10_000_000), pick(100, 1000)
    desk.write("main.py", SCRIPT)
    desk.home.mkdir()
    assert server.process is not None

    begin = time.monotonic()
    ran = desk.run(
        "main.py", str(points), str(keys), str(desk.home / "took"),
        FOUNDATIONS_JOB_ID="volume", FOUNDATIONS_EXIT_SECONDS="600",
    )  # fmt: skip
    took = time.monotonic() - begin
    rss = read_rss(server.process.pid)
    charts = [measure_chart(client, f"key-{number:04d}") for number in range(0, keys, keys // 50)]
    rss = max(rss, read_rss(server.process.pid))

    job = client.jobs.get("volume")
    p95 = sorted(charts)[len(charts) * 95 // 100]
    print(
        f"{points} points in {took:.1f} s, {points / took:.0f} a second; "
        f"chart p95 {p95 * 1e3:.0f} ms; server {rss / 2**20:.0f} MiB"
    )
    assert ran.code == 0, ran
    own = [metric for metric in job.metrics if metric.name.startswith("key-")]
    assert len(own) == keys
    assert {metric.count for metric in own} == {points // keys}
    assert {metric.last for metric in own} == {value_of(points // keys - 1)}
    assert points / took >= 50_000
    assert p95 < 0.3
    assert rss < 500 * 2**20


def measure_chart(client: Client, metric: str) -> float:
    """Return the seconds that a chart of 1,000 pixels takes at the interface."""
    begin = time.monotonic()
    answer = client.jobs.query_series(SeriesQuery(["volume"], [metric], max_points=1000))
    took = time.monotonic() - begin
    assert 0 < len(answer.series[0].columns["last"]) <= 1000
    return took


STREAM = """
import os, sys, time
import foundations
number = 0
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    for _ in range(10):
        foundations.log_metric("loss", (number * 7919 % 1000003) / 7)
        number += 1
    time.sleep(0.05)
print("logged:", number)
"""


def test_fifty_jobs_stream_at_once(desk: Desk, server: Server, client: Client) -> None:
    jobs, seconds = pick(5, 50), pick(3, 60)
    desk.write("main.py", STREAM)

    processes = [
        desk.start("main.py", str(seconds), FOUNDATIONS_JOB_ID=f"stream-{number}")
        for number in range(jobs)
    ]
    ended = [process.communicate(timeout=seconds + 120) for process in processes]

    logged = {
        f"stream-{number}": int(out.split("logged:")[1]) for number, (out, _) in enumerate(ended)
    }
    wait_until(
        lambda: all(len(read_series(client, job, "loss")[0]) == n for job, n in logged.items()),
        "all points are there",
    )
    assert server.process is not None
    rss = read_rss(server.process.pid)
    print(f"{sum(logged.values())} points of {jobs} jobs; server {rss / 2**20:.0f} MiB")
    assert {process.returncode for process in processes} == {0}
    assert rss < 500 * 2**20
