"""End to end: eight processes that log in a loop, until the last point can be queried."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from typing import Any

from benchmarks.atlas import atlas_program, atlas_server
from benchmarks.figures import ATLAS, Figure
from benchmarks.measuring import Measure, Plan, at_least, interleave, make_figures, with_bar
from benchmarks.peers.installed import TRACKIO
from benchmarks.running import Program, RunningProgram
from benchmarks.services import Service, lend, trackio_server, wait_for_points

PROCESSES = 8
POINTS = 100_000  # of each process
PEER_POINTS = 5_000
NAME = "end to end: 8 processes log in a loop, points/s until queryable"


def measure_crowds(plan: Plan) -> list[Figure]:
    """Return points per second from the common start to the last answer."""
    count = plan.scale(POINTS, 20_000)
    with ExitStack() as stack:
        url, _ = stack.enter_context(atlas_server(plan.make_folder("server")))
        cases: dict[str, Measure] = {ATLAS: partial(measure_atlas, plan, url, count)}
        notes = {ATLAS: f"{count:,} points each"}
        service = lend(plan, stack, TRACKIO, trackio_server)
        if service is not None:
            title = f"{TRACKIO.title}, server"
            cases[title] = partial(measure_trackio, plan, service)
            notes[title] = f"{PEER_POINTS:,} points each, until `finish` returns"
        answers = interleave(plan.rounds, cases, required={ATLAS})
    return with_bar(make_figures(NAME, "points/s", answers, "rate", notes), at_least(150_000))


def measure_atlas(plan: Plan, url: str, count: int) -> dict[str, Any]:
    programs = [atlas_program(url, plan.make_folder("home")) for _ in range(PROCESSES)]
    with ExitStack() as stack:
        crowd = start(stack, programs, count=count)
        jobs = [running.read()["job_id"] for running in crowd]
        begun = time.time()
        for running in crowd:
            running.go_on()
        ended = wait_for_points(url, jobs, count)
        for running in crowd:  # the loops are over: all points have arrived
            running.read()
            running.go_on()
        for running in crowd:
            running.finish()
    return {"rate": PROCESSES * count / (ended - begun)}


def measure_trackio(plan: Plan, service: Service) -> dict[str, Any]:
    programs = [TRACKIO.program(plan.make_folder("trackio")) for _ in range(PROCESSES)]
    with service.awake() as url, ExitStack() as stack:
        crowd = start(stack, programs, count=PEER_POINTS, server=url)
        for running in crowd:
            running.read()
        begun = time.time()
        for running in crowd:
            running.go_on()
        ended = max(running.finish()["ended_at"] for running in crowd)
    return {"rate": PROCESSES * PEER_POINTS / (ended - begun)}


def start(stack: ExitStack, programs: list[Program], **arguments: Any) -> list[RunningProgram]:
    return [
        stack.enter_context(program.started("write", 300.0, **arguments)) for program in programs
    ]
