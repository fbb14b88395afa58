"""Points on their way in, on the disk, and out again."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import ingest
from benchmarks.atlas import reading_program
from benchmarks.calls import BYTES
from benchmarks.figures import ATLAS, Figure
from benchmarks.measuring import (
    Measure,
    Plan,
    at_least,
    at_most,
    interleave,
    make_figures,
    pick,
    say,
    try_to,
    with_bar,
)
from benchmarks.peers.installed import AIM, MLFLOW, TENSORBOARDX, TRACKIO, Peer
from benchmarks.running import ProgramFailed
from benchmarks.services import Service, lend, mlflow_server
from support.server import Server, running_server

INGEST = "ingest: 8 connections send batches of 1,000 points, one server process"
MEMORY = "the server's most resident memory in it"
WHOLE = "one series of 1,000,000 points into numpy (already imported)"
THINNED = "the same thinned to 2,000 points at the API"
POINTS, QUICK_POINTS = 1_000_000, 100_000
# What one read takes a few seconds for: more would only make the run longer.
PEER_POINTS = {TRACKIO: 1_000_000, MLFLOW: 100_000, TENSORBOARDX: 100_000, AIM: 100_000}
SETTLE_S = 5.0  # the server packs small chunks together when it has time


def measure_ingest(plan: Plan) -> list[Figure]:
    """Return points per second and memory of the server, and MLflow's points per second."""
    load = ingest.Load(batches=plan.scale(200, 20))
    with ExitStack() as stack:
        cases: dict[str, Measure] = {ATLAS: partial(ingest_atlas, plan, load)}
        service = lend(plan, stack, MLFLOW, mlflow_server)
        title = f"{MLFLOW.title}, server" if service else ""
        if service:
            cases[title] = partial(ingest_mlflow, plan, service)
        answers = interleave(plan.rounds, cases, required={ATLAS})
    notes = {title: "`log_batch` from 8 processes for 5 s"}
    return [
        *with_bar(make_figures(INGEST, "points/s", answers, "rate", notes), at_least(500_000)),
        *with_bar(make_figures(MEMORY, "MiB", answers, "mib", notes), at_most(300)),
    ]


def ingest_atlas(plan: Plan, load: ingest.Load) -> dict[str, float]:
    with running_server(plan.make_folder("ingest")) as server:
        result = ingest.measure(server, load)
    return {"rate": result.rate, "mib": result.most_bytes / 2**20}


def ingest_mlflow(plan: Plan, service: Service) -> dict[str, float]:
    with service.awake() as url, ExitStack() as stack:
        program = MLFLOW.program(plan.make_folder("mlflow")).having(MLFLOW_TRACKING_URI=url)
        crowd = [
            stack.enter_context(program.started("ingest", 120.0, seconds=5.0)) for _ in range(8)
        ]
        for running in crowd:
            running.read()
        for running in crowd:
            running.go_on()
        answers = [running.finish() for running in crowd]
    seconds = max(answer["seconds"] for answer in answers)
    return {"rate": sum(answer["points"] for answer in answers) / seconds}


def measure_series(plan: Plan) -> list[Figure]:
    """Return the time to read one long series, whole and thinned, and what it takes on disk."""
    points = plan.scale(POINTS, QUICK_POINTS)
    homes = {peer: seed_peer(plan, peer) for peer in PEER_POINTS if plan.has(peer)}
    seeded = {peer: home for peer, home in homes.items() if home is not None}
    home = plan.make_folder("series")
    with running_server(home) as server:
        ingest.measure(server, ingest.Load(connections=1, batches=points // 1000))
        time.sleep(SETTLE_S)
        program = reading_program(server.url, plan.make_folder("home"))
        asked: dict[str, Any] = {"job_id": "load-0", "metric": "loss0"}
        cases: dict[str, Measure] = {ATLAS: partial(program.run, "series", **asked)}
        for peer, place in seeded.items():
            cases[peer.title] = partial(read_peer, plan, peer, place)
        whole = interleave(plan.rounds, cases, required={ATLAS})
        thin = partial(program.run, "thinned", points=2000, **asked)
        thinned = interleave(plan.rounds, {ATLAS: thin}, required={ATLAS})
    notes = {peer.title: f"{count_points(plan, peer):,} points" for peer in seeded}
    return [
        *with_bar(make_figures(WHOLE, "s", whole, "seconds", notes), at_most(0.3)),
        *with_bar(make_figures(THINNED, "ms", thinned, "ms", {}), at_most(100)),
    ]


def seed_peer(plan: Plan, peer: Peer) -> Path | None:
    home, points = plan.make_folder(peer.name), count_points(plan, peer)
    runs = {} if peer is TENSORBOARDX else {"runs": 0}
    where = runs | find_folder(peer, home)
    program = peer.program(home)
    if not try_to(peer.title, lambda: program.run("seed", 600.0, points=points, **where)):
        return None
    say(f"  {peer.title}: {points:,} points are there")
    return home


def find_folder(peer: Peer, home: Path) -> dict[str, Any]:
    return {"folder": str(home / "data")} if peer in {AIM, TENSORBOARDX} else {}


def count_points(plan: Plan, peer: Peer) -> int:
    return plan.scale(PEER_POINTS[peer], PEER_POINTS[peer] // 10)


def read_peer(plan: Plan, peer: Peer, home: Path) -> dict[str, Any]:
    answer: dict[str, Any] = peer.program(home).run("history", 300.0, **find_folder(peer, home))
    if answer["points"] != count_points(plan, peer):
        raise ProgramFailed(f"{peer.title} read {answer['points']:,} points")
    return answer


def measure_disk(plan: Plan) -> list[Figure]:
    """Return what a point takes in the files of a stopped server, an empty database aside."""
    points = plan.scale(POINTS, QUICK_POINTS)
    answers = []
    for number in range(plan.rounds):
        home = plan.make_folder("disk")
        server = Server(home)
        server.start()
        server.stop()
        empty = measure_database(home)
        server.start()
        ingest.measure(server, ingest.Load(connections=1, batches=points // 1000))
        time.sleep(SETTLE_S)
        server.stop()
        answers.append({"bytes": (measure_database(home) - empty) / points})
        say(f"  round {number + 1} of {plan.rounds}")
    note = f"{points:,} points in batches of 1,000"
    ours = Figure(BYTES, "B", pick(answers, "bytes"), at_most(12), note=note)
    return [ours, *measure_mlflow_disk(plan)]


def measure_mlflow_disk(plan: Plan) -> list[Figure]:
    """Return the same of MLflow's tables, filled directly: its own calls take too long."""
    if not plan.has(MLFLOW):
        return []
    points = count_points(plan, MLFLOW)
    try:
        answer = MLFLOW.program(plan.make_folder("mlflow")).run("seed", runs=0, points=points)
    except ProgramFailed as error:
        say(f"  {MLFLOW.title} is left out: {error}")
        return []
    note = f"{points:,} points, its tables filled directly; its size is always the same"
    title = f"{MLFLOW.title}, local SQLite"
    return [Figure(BYTES, "B", (answer["bytes"] / points,), system=title, note=note)]


def measure_database(home: Path) -> int:
    return sum(path.stat().st_size for path in (home / "data").glob("atlas.db*"))
