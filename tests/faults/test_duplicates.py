"""Requests that come twice, late, overlapping or at once store each point once (R1, R4)."""

from __future__ import annotations

import math
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from foundations_client.client import Client
from foundations_wire import batches, codec, events
from foundations_wire.errors import OffsetGap, Unavailable
from support.points import read_series
from support.rounds import pick
from support.server import Server

JOB = "duplicated"
NAMES = ["loss", "odd", "whole", "words"]
ODD = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 2**53 + 1, -7, 0]


def make_events(dice: random.Random, count: int) -> list[events.Event]:
    """Return points of four metrics with odd values and steps, and a few parameters."""
    made: list[events.Event] = [events.Registered(time.time(), "twice", "ada", ["main.py"])]
    for number in range(count):
        at = 1_700_000_000 + number
        if number % 50 == 49:
            made.append(events.ParamLogged(at, f"p{number}", number))
            continue
        name = dice.choice(NAMES)
        step = dice.randrange(-5, count) if name == "odd" else number
        value: Any = dice.random() if name == "loss" else number * 3
        if name == "odd":
            value = dice.choice(ODD)
        if name == "words":
            value = f"word {number}"
        kind = "text" if isinstance(value, str) else "number"
        made.append(events.MetricLogged(at, name, step, value, kind))
    return made


def pack(first: int, piece: list[Any]) -> batches.Batch:
    """Return a batch whose numbers stand in columns."""
    records, others = [], []
    for place, event in enumerate(piece):
        value = codec.unspell(event["value"]) if event.get("kind") == "number" else None
        if value is None:
            others.append((place, event))
            continue
        shape = batches.POINT if isinstance(value, float) else batches.INTEGER_POINT
        kind = batches.FLOAT if isinstance(value, float) else batches.INTEGER
        name = NAMES.index(event["name"])
        records.append(shape.pack(kind, name, event["step"], event["at"], value))
    planes = batches.transpose(b"".join(records), batches.POINT_BYTES)
    return batches.Batch("p1", first, len(records), NAMES, planes, others)


def send_pieces(
    client: Client, made: list[Any], dice: random.Random, stop: threading.Event
) -> None:
    """Send random stretches, also of what was sent before, until all has been taken."""
    known = 0
    while known < len(made) and not stop.is_set():
        first = max(known - dice.randrange(60), 0)
        piece = made[first : first + dice.randrange(1, 200)]
        batch = events.EventBatch("p1", first, piece)
        with suppress(Unavailable):
            try:
                if dice.random() < 0.5:
                    accepted = client.jobs.send_events(JOB, batch)
                else:
                    accepted = client.jobs.send_batch(JOB, pack(first, piece))
                known = max(known, accepted.next)
            except OffsetGap as gap:
                known = int(gap.details["expected"])


def test_each_event_counts_once_when_many_senders_repeat_each_other_and_servers_die(
    server: Server, dice: random.Random
) -> None:
    made = make_events(dice, pick(1_500, 200_000))
    wire = [events.to_wire(event) for event in made]
    stop = threading.Event()
    chances = [random.Random(dice.randrange(1 << 32)) for _ in range(4)]  # noqa: S311

    with ThreadPoolExecutor(4) as pool:
        senders = [
            pool.submit(send_pieces, server.connect(), wire, chance, stop) for chance in chances
        ]
        try:
            for _ in range(pick(2, 30)):
                time.sleep(dice.uniform(0.1, 0.5))
                server.kill()
                server.start()
            for sender in senders:
                sender.result(pick(60, 600))
        finally:
            stop.set()

    client = server.connect()
    for name in NAMES:
        points = [e for e in made if isinstance(e, events.MetricLogged) and e.name == name]
        steps, values = read_series(client, JOB, name)
        assert steps == [point.step for point in points], name
        assert [spell(v) for v in values] == [spell(point.value) for point in points], name
    job = client.jobs.get(JOB)
    assert len(job.params) == sum(isinstance(event, events.ParamLogged) for event in made)
    assert "Traceback" not in server.log.read_text()


def spell(value: Any) -> str:
    """Return a value so that what is not the same bit for bit differs."""
    if isinstance(value, float):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(value), value.hex())
    return repr(value) if isinstance(value, int) else str(value)
