"""A long queue keeps its order, blocks nobody and starves nobody (R34)."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from foundations_client.client import Client
from foundations_client.transport import HttpTransport
from foundations_wire.ids import new_id
from foundations_wire.jobs import JobSpec
from support.players import Player
from support.rounds import pick
from support.server import Server, running_server

SLOTS = 4


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "own-server") as lent:
        yield lent


@pytest.fixture
def line(own_server: Server) -> Iterator[Client]:
    """Lend a client that keeps its connection over a restart of the server."""
    transport = HttpTransport(own_server.url)
    yield Client(transport)
    transport.close()


def measure(times: list[float], share: float) -> float:
    return sorted(times)[int(share * (len(times) - 1))]


def submit_all(client: Client, number: int, dice: random.Random) -> list[str]:
    """Return jobs in the order in which they should start."""
    submitted = []
    for index in range(number):
        spec = JobSpec("queue", ["main.py"], priority=dice.choice([-10, 0, 0, 0, 10]))
        job_id = new_id()
        client.jobs.submit(job_id, spec)
        submitted.append((-spec.priority, index, job_id))
    return [job_id for _, _, job_id in sorted(submitted)]


def test_long_queue_keeps_its_order_over_restarts(
    own_server: Server, line: Client, dice: random.Random
) -> None:
    number, begin = pick(500, 10_000), time.monotonic()
    right = submit_all(line, number, dice)
    submitting = time.monotonic() - begin
    restarts, pages, waits = list[float](), list[float](), list[float]()
    started: list[str] = []
    player = Player(line, "player", SLOTS)

    while len(started) < number:
        if len(started) >= len(restarts) * number / 3:
            own_server.kill()
            begin = time.monotonic()
            own_server.start()
            restarts.append(time.monotonic() - begin)
            player.hello()
            begin = time.monotonic()
            page = line.queue.get(limit=100)
            pages.append(time.monotonic() - begin)
            assert page.waiting_total + page.running_total == number - len(started) + len(
                player.leases
            )
        begin = time.monotonic()
        started += player.take()
        waits.append(time.monotonic() - begin)
        for place, job_id in enumerate(list(player.leases)):
            if place == 0 or dice.random() < 0.8:
                player.finish(job_id)

    for job_id in list(player.leases):
        player.finish(job_id)
    print(
        f"{number} jobs submitted at {number / submitting:.0f}/s; ready after a kill in "
        f"{max(restarts):.2f} s at most; queue page {max(pages) * 1000:.0f} ms at most; "
        f"leases after {measure(waits, 0.95) * 1000:.0f} ms (95 %), {max(waits):.2f} s at most"
    )
    assert started == right
    assert line.queue.get().waiting_total == line.queue.get().running_total == 0
    assert measure(waits, 0.95) < 1
    assert max(restarts) < 5


def test_job_that_needs_all_gpus_blocks_nobody_and_has_its_turn(line: Client) -> None:
    player = Player(line, "player", slots=12, gpus=8)
    player.hello()
    for number in range(8):
        line.jobs.submit(f"first-{number}", JobSpec("queue", ["main.py"], num_gpus=1))
    started = player.take()
    line.jobs.submit("large", JobSpec("queue", ["main.py"], num_gpus=8))

    rounds = 0
    while "large" not in started and rounds < 50:
        line.jobs.submit(f"small-{rounds}", JobSpec("queue", ["main.py"], num_gpus=1))
        line.jobs.submit(f"plain-{rounds}", JobSpec("queue", ["main.py"]))
        more = player.take()
        assert more[:1] in ([f"plain-{rounds}"], ["large"])
        started += more
        for job_id in [job for job in player.leases if job.startswith("plain")]:
            player.finish(job_id)
        player.finish(f"first-{rounds % 8}") if rounds < 8 else None
        rounds += 1

    overtaken = [job for job in started if job.startswith("small")]
    print(f"it started in round {rounds}, after {len(started)} others")
    assert "large" in started
    assert overtaken == []
    player.finish("large")
    later = player.take()
    assert [job for job in later if job.startswith("small")] == [f"small-{n}" for n in range(8)]
