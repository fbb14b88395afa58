"""The logging call while the server is away: stopped, hanging, or five seconds late."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.atlas import atlas_program, atlas_server, log_points
from benchmarks.figures import Figure
from benchmarks.measuring import Measure, Plan, at_most, interleave, pick
from benchmarks.running import PROGRAMS, Program
from benchmarks.services import paused
from support.ports import find_free_port

COUNT = 100_000
QUICK_COUNT = 20_000
DELAY_S = 5.0
_RUN_S = 1800.0
NAME = "`log_metric` with the server {}, divided by the same with a healthy server: {}"
PARTS = {"median_us": "median per call", "loop_s": "whole loop"}


def measure_troubles(plan: Plan) -> list[Figure]:
    """Return how many times longer calls take, each round beside a healthy run of its own."""
    count = plan.scale(COUNT, QUICK_COUNT)
    with ExitStack() as stack:
        healthy, _ = stack.enter_context(atlas_server(plan.make_folder("healthy")))
        urls = start_troubles(plan, stack, healthy)
        cases: dict[str, Measure] = {
            trouble: partial(compare, plan, healthy, url, count) for trouble, url in urls.items()
        }
        answers = interleave(plan.rounds, cases, required=set(urls))
    return [
        Figure(NAME.format(trouble, part), "×", pick(answers[trouble], key), at_most(1.2))
        for trouble in urls
        for key, part in PARTS.items()
    ]


def start_troubles(plan: Plan, stack: ExitStack, healthy: str) -> dict[str, str]:
    """Return the addresses of a server that is gone, one that hangs and one that is late."""
    hanging, pid = stack.enter_context(atlas_server(plan.make_folder("hanging")))
    stack.enter_context(paused(pid))
    proxy = Program(Path(sys.executable), PROGRAMS / "late_proxy.py")
    port = int(healthy.rpartition(":")[2])
    late = stack.enter_context(proxy.started("serve", _RUN_S, port=port, delay_s=DELAY_S))
    return {
        "stopped": f"http://127.0.0.1:{find_free_port()}",
        "hanging": hanging,
        "answering after 5 s": f"http://127.0.0.1:{late.read()['port']}",
    }


def compare(plan: Plan, healthy: str, troubled: str, count: int) -> dict[str, Any]:
    """Return the troubled run's figures divided by those of a healthy run just before."""
    before, after = (
        log_points(atlas_program(url, plan.make_folder("home")), count)
        for url in (healthy, troubled)
    )
    return {key: after[key] / before[key] for key in PARTS}
