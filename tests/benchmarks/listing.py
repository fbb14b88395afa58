"""Pages and tables of many jobs."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.atlas import atlas_server, reading_program
from benchmarks.figures import ATLAS, Figure
from benchmarks.measuring import (
    Measure,
    Plan,
    at_most,
    interleave,
    make_figures,
    say,
    try_to,
    with_bar,
)
from benchmarks.peers.installed import AIM, MLFLOW, TRACKIO, Peer
from benchmarks.running import ProgramFailed
from benchmarks.seeding import PROJECT, add_template, copy_template

JOBS, QUICK_JOBS = 10_000, 1_000
MANY_JOBS, QUICK_MANY_JOBS = 100_000, 5_000
# What the peers' own means write in a minute; MLflow's tables take rows directly.
PEER_JOBS = {MLFLOW: 10_000, TRACKIO: 2_000, AIM: 200}
PAGE = "first 50 of {} jobs (10 params, 10 metrics, 3 tags): filter, sort by a metric, count"
FRAME = "10,000 jobs into pandas (already imported)"


def measure_listing(plan: Plan) -> list[Figure]:
    """Return the time of a page of 10,000 and of 100,000 jobs, and of a table of 10,000."""
    with ExitStack() as stack:
        few = seed(plan, stack, plan.scale(JOBS, QUICK_JOBS))
        homes = {peer: seed_peer(plan, peer) for peer in PEER_JOBS if plan.has(peer)}
        seeded = {peer: home for peer, home in homes.items() if home is not None}
        pages = interleave(plan.rounds, page_cases(plan, few, seeded), required={ATLAS})
        frames = interleave(plan.rounds, frame_cases(plan, few, seeded), required={ATLAS})
    with ExitStack() as stack:
        many = seed(plan, stack, plan.scale(MANY_JOBS, QUICK_MANY_JOBS))
        cases = page_cases(plan, many, {})
        many_pages = interleave(plan.rounds, cases, required={ATLAS})
    notes = {peer.title: describe(plan, peer) for peer in seeded}
    return [
        *with_bar(make_figures(PAGE.format("10,000"), "ms", pages, "ms", notes), at_most(20)),
        *with_bar(make_figures(PAGE.format("100,000"), "ms", many_pages, "ms", {}), at_most(60)),
        *with_bar(make_figures(FRAME, "s", frames, "seconds", notes), at_most(0.5)),
    ]


def seed(plan: Plan, stack: ExitStack, jobs: int) -> tuple[str, int]:
    """Return the address of a server with so many jobs, and their number."""
    home = plan.make_folder("listing")
    with atlas_server(home) as (url, _):
        add_template(url)
    copy_template(home, jobs)
    url, _ = stack.enter_context(atlas_server(home))
    say(f"  {jobs:,} jobs are there")
    return url, jobs


def seed_peer(plan: Plan, peer: Peer) -> Path | None:
    home = plan.make_folder(peer.name)
    runs = count_runs(plan, peer)
    folder: dict[str, Any] = {"folder": str(home / "data")} if peer is AIM else {}
    program = peer.program(home)
    if not try_to(peer.title, lambda: program.run("seed", 600.0, runs=runs, points=0, **folder)):
        return None
    say(f"  {peer.title}: {runs:,} runs are there")
    return home


def count_runs(plan: Plan, peer: Peer) -> int:
    return plan.scale(PEER_JOBS[peer], PEER_JOBS[peer] // 10)


def page_cases(plan: Plan, server: tuple[str, int], homes: dict[Peer, Path]) -> dict[str, Measure]:
    url, jobs = server
    program = reading_program(url, plan.make_folder("home"))
    cases: dict[str, Measure] = {ATLAS: partial(program.run, "page", project=PROJECT, jobs=jobs)}
    for peer, home in homes.items():
        cases[peer.title] = partial(ask_peer, peer, home, "page")
    return cases


def frame_cases(
    plan: Plan, server: tuple[str, int], homes: dict[Peer, Path]
) -> dict[str, Measure]:
    url, _ = server
    program = reading_program(url, plan.make_folder("home"))
    cases: dict[str, Measure] = {ATLAS: partial(program.run, "frame", project=PROJECT)}
    for peer, home in homes.items():
        if peer is not TRACKIO:  # it has no table of runs
            cases[peer.title] = partial(ask_peer, peer, home, "frame")
    return cases


def ask_peer(peer: Peer, home: Path, action: str) -> dict[str, Any]:
    folder: dict[str, Any] = {"folder": str(home / "data")} if peer is AIM else {}
    answer: dict[str, Any] = peer.program(home).run(action, 300.0, **folder)
    if not answer["rows"]:
        raise ProgramFailed(f"{peer.title} found nothing")
    return {**answer, "ms": answer["seconds"] * 1000}


def describe(plan: Plan, peer: Peer) -> str:
    text = f"{count_runs(plan, peer):,} runs, in the client's own process"
    if peer is TRACKIO:
        text += "; it lists all of them: no filter, no sort, no page"
    if peer is AIM:
        text += "; the client sorts"
    return text
