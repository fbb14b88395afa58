"""What the SDK costs before and beside the work: import, an empty job, memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmarks.atlas import SOURCE, atlas_program, atlas_server
from benchmarks.figures import ATLAS, Figure
from benchmarks.measuring import (
    Measure,
    Plan,
    at_most,
    interleave,
    make_figures,
    pick,
    say,
    with_bar,
)
from benchmarks.peers.installed import AIM, MLFLOW, TENSORBOARDX, WANDB, Peer
from benchmarks.running import PROGRAMS, TESTS, ProgramFailed

REPEATS = 5  # starts of one interpreter differ by more than the import takes
POINTS = 10_000_000
IMPORT = "`import foundations` in no job, warm bytecode, above an empty Python"
EMPTY = "an empty job (start and finish), above an empty Python"
GROWN = "memory of the SDK after 10 M points, above the start"
MODULES = {"tensorboardx": "tensorboardX"}


def measure_imports(plan: Plan) -> list[Figure]:
    """Return what the import of each system adds to an interpreter's life."""
    cases: dict[str, Measure] = {
        ATLAS: partial(measure_import, Path(sys.executable), "foundations", REPEATS)
    }
    for peer in plan.peers:
        module = MODULES.get(peer.name, peer.name)
        cases[peer.title] = partial(measure_import, peer.python, module, 1)
    answers = interleave(plan.rounds, cases, required={ATLAS})
    return with_bar(make_figures(IMPORT, "ms", answers, "ms", {}), at_most(40))


def measure_import(python: Path, module: str, repeats: int) -> dict[str, float]:
    variables = {"PYTHONPATH": str(SOURCE)}
    return {
        "ms": time_extra(
            [str(python), "-c", "pass"],
            [str(python), "-c", f"import {module}"],
            variables,
            repeats,
        )
    }


def measure_empty_jobs(plan: Plan) -> list[Figure]:
    """Return what a job adds to a program that does nothing."""
    with ExitStack() as stack:
        url, _ = stack.enter_context(atlas_server(plan.make_folder("server")))
        home = plan.make_folder("home")
        cases: dict[str, Measure] = {ATLAS: partial(measure_empty_job, url, home)}
        for peer in plan.peers:
            cases[peer.title] = partial(measure_empty_peer, plan, peer)
        answers = interleave(plan.rounds, cases, required={ATLAS})
    notes = {
        peer.title: "into a new local database, which it makes first"
        for peer in plan.peers
        if peer in {MLFLOW, AIM}
    }
    return with_bar(make_figures(EMPTY, "ms", answers, "ms", notes), at_most(150))


def measure_empty_job(url: str, home: Path) -> dict[str, float]:
    program = atlas_program(url, home)
    empty = [sys.executable, str(PROGRAMS / "empty.py")]
    job = [sys.executable, str(PROGRAMS / "empty_job.py")]
    return {"ms": time_extra(empty, job, program.environment, REPEATS)}


def measure_empty_peer(plan: Plan, peer: Peer) -> dict[str, float]:
    home = plan.make_folder(peer.name)
    program = peer.program(home)
    arguments = {"folder": str(home)} if peer in {AIM, TENSORBOARDX, WANDB} else {}
    python = str(program.python)
    job = [python, str(program.file), "empty", json.dumps(arguments)]
    variables = {"PYTHONPATH": str(TESTS), **program.environment}
    return {"ms": time_extra([python, "-c", "pass"], job, variables, 1)}


def time_extra(
    empty: list[str], full: list[str], variables: Mapping[str, str], repeats: int
) -> float:
    """Return the median of the milliseconds that one command takes longer than another."""
    pairs = [
        time_command(full, variables) - time_command(empty, variables) for _ in range(repeats)
    ]
    return statistics.median(pairs) * 1000


def time_command(command: list[str], variables: Mapping[str, str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        ended = subprocess.run(
            command, env={**os.environ, **variables}, cwd=folder, capture_output=True, check=False
        )
        seconds = time.perf_counter() - begun
    if ended.returncode != 0:
        text = ended.stderr.decode(errors="replace")[-500:]
        raise ProgramFailed(f"{' '.join(command)} ended with status {ended.returncode}: {text}")
    return seconds


def measure_memory(plan: Plan) -> list[Figure]:
    """Return by how much a process grows that logs ten million points."""
    count = plan.scale(POINTS, 500_000)
    answers = []
    for number in range(plan.rounds):
        with atlas_server(plan.make_folder("server")) as (url, _):
            program = atlas_program(url, plan.make_folder("home"))
            with program.started("grow", 600.0, count=count) as running:
                answers.append(running.read())
        say(f"  round {number + 1} of {plan.rounds}")
    return [
        Figure(GROWN, "MiB", pick(answers, "grown_mib"), at_most(50)),
        Figure("the same at its highest", "MiB", pick(answers, "peak_mib")),
    ]
