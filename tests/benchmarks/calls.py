"""What a logging call costs in a training loop: ours and the peers' in turn."""

from __future__ import annotations

import shutil
import statistics
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.atlas import atlas_program, atlas_server
from benchmarks.figures import ATLAS, Figure
from benchmarks.measuring import (
    Answers,
    Measure,
    Plan,
    at_least,
    at_most,
    interleave,
    make_figures,
    pick,
    with_bar,
)
from benchmarks.peers.installed import AIM, MLFLOW, TENSORBOARDX, TRACKIO, WANDB, Peer
from benchmarks.services import Service, lend, mlflow_server, trackio_server, wait_for_points

COUNT = 100_000
QUICK_COUNT = 20_000
PEER_SECONDS = 5.0
TELLING_CALLS = 2_000

MEDIAN = "`log_metric` in a loop of 100,000, server on the same machine: median per call"
P99 = "the same: 99th percentile"
LEAD = "the same: median of the fastest peer, divided by ours"
QUERYABLE = "loop end until all 100,000 points can be queried (trackio: until `finish` returns)"
BYTES = "a noisy loss curve on disk, per point"


def measure_calls(plan: Plan) -> list[Figure]:
    """Return median and p99 of a call, the lead over the peers, and the time to be queryable."""
    count = plan.scale(COUNT, QUICK_COUNT)
    with ExitStack() as stack:
        url, _ = stack.enter_context(atlas_server(plan.make_folder("server")))
        home = plan.make_folder("atlas")
        cases: dict[str, Measure] = {ATLAS: lambda: measure_atlas(url, home, count)}
        cases |= collect_peers(plan, stack, count)
        answers = interleave(plan.rounds, cases, required={ATLAS})
    notes = {name: describe_cut(given, count) for name, given in answers.items()}
    # The others either write while the call waits, or write files that no server serves yet.
    queues = {
        name: given for name, given in answers.items() if name.startswith((ATLAS, "trackio"))
    }
    return [
        *with_bar(make_figures(MEDIAN, "µs", answers, "median_us", notes), at_most(2)),
        *with_bar(make_figures(P99, "µs", answers, "p99_us", notes), at_most(30)),
        *find_lead(answers),
        *with_bar(make_figures(QUERYABLE, "s", queues, "finish_s", notes), at_most(1)),
        *make_figures(BYTES, "B", answers, "bytes_per_point", notes),
    ]


def measure_atlas(url: str, home: Path, count: int) -> dict[str, Any]:
    program = atlas_program(url, home)
    with program.started("log", count=count, budget_s=60.0) as running:
        answer: dict[str, Any] = running.read()
        arrived_at = wait_for_points(url, [answer["job_id"]], count)
        running.go_on()
        running.finish()
    return {**answer, "finish_s": arrived_at - answer["ended_at"]}


def collect_peers(plan: Plan, stack: ExitStack, count: int) -> dict[str, Measure]:
    """Return a case for each installed peer and way of use."""
    seconds = PEER_SECONDS if not plan.is_quick else 1.0
    cases: dict[str, Measure] = {
        f"{peer.title}, {_WAYS[peer.name]}": partial(log_locally, plan, peer, count, seconds)
        for peer in plan.peers
    }
    for peer, make in ((TRACKIO, trackio_server), (MLFLOW, mlflow_server)):
        service = lend(plan, stack, peer, make)
        if service is not None:
            run = partial(log_to_server, plan, peer, service, count, seconds)
            cases[f"{peer.title}, server"] = run
    return cases


_WAYS = {
    "trackio": "local",
    "mlflow": "local SQLite",
    "wandb": "offline",
    "tensorboardx": "files",
    "aim": "local",
    "clearml": "offline",
}


def log_locally(plan: Plan, peer: Peer, count: int, seconds: float) -> dict[str, Any]:
    home = plan.make_folder(peer.name)
    in_folder: dict[str, Any] = (
        {"folder": make_folder(home)} if peer in {TENSORBOARDX, WANDB, AIM} else {}
    )
    answer: dict[str, Any] = peer.program(home).run(
        "log", count=count, budget_s=seconds, **in_folder
    )
    shutil.rmtree(home)
    # A file that grows by pages tells nothing after a few calls.
    is_telling = answer["calls"] >= TELLING_CALLS
    return {**answer, "bytes_per_point": answer["bytes"] / answer["calls"] if is_telling else None}


def make_folder(home: Path) -> str:
    folder = home / "data"
    folder.mkdir()
    return str(folder)


def log_to_server(
    plan: Plan, peer: Peer, service: Service, count: int, seconds: float
) -> dict[str, Any]:
    program = peer.program(plan.make_folder(peer.name))
    with service.awake() as url:
        if peer is TRACKIO:
            answer = program.run("log", count=count, budget_s=seconds, server=url)
        else:
            program = program.having(MLFLOW_TRACKING_URI=url)
            answer = program.run("log", count=count, budget_s=seconds)
    return dict(answer)


def describe_cut(answers: Answers, count: int) -> str:
    calls = min(int(answer["calls"]) for answer in answers)
    return f"cut by its time budget after {calls:,} calls" if calls < count else ""


def find_lead(answers: dict[str, Answers]) -> list[Figure]:
    """Return how many times faster we are than the fastest peer of each round."""
    medians = {name: pick(given, "median_us") for name, given in answers.items()}
    ours, rivals = medians.pop(ATLAS), medians
    if not rivals:
        return []
    fastest = min(rivals, key=lambda name: statistics.median(rivals[name]))
    leads = tuple(theirs / mine for theirs, mine in zip(rivals[fastest], ours, strict=False))
    return [Figure(LEAD, "×", leads, at_least(3), note=f"against {fastest}")]
