"""What every measured program shares: `program.py ACTION JSON` prints one JSON line.

Standard library only: it runs in the environments of the peers, too.
"""

from __future__ import annotations

import json
import math
import os
import random
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

_NANOSECONDS = 1e9


def act(actions: dict[str, Callable[..., Any]]) -> None:
    """Call the named action with the JSON object as keywords; tell what it answers."""
    tell(actions[sys.argv[1]](**json.loads(sys.argv[2])) or {})


def tell(answer: dict[str, Any]) -> None:
    # Line by line on the real stdout: whoever reads it waits for the line.
    sys.stdout.write(f"{json.dumps(answer)}\n")
    sys.stdout.flush()


def wait_for_line() -> None:
    """Wait until the measuring program says to go on, or is gone."""
    sys.stdin.readline()


def make_curve(count: int) -> list[float]:
    """Return a noisy loss curve: exponential decay plus 5 % Gaussian noise, always the same."""
    chance = random.Random(3)  # noqa: S311 - data, not a secret
    return [
        2.5 * math.exp(-5.0 * step / count) * (1 + 0.05 * chance.gauss(0, 1)) + 0.05
        for step in range(count)
    ]


def time_calls(
    call: Callable[[int, float], object], values: list[float], budget_s: float
) -> dict[str, Any]:
    """Call with each step and value; return median and p99 in µs, and how far it came.

    Each call is timed by itself; the clock's own 0.1 µs is in the figures of every system.
    The loop is cut when the budget is over, so that slow systems can be measured at all.
    """
    clock = time.perf_counter_ns
    times = array("q", bytes(8 * len(values)))
    done, begun = 0, clock()
    end = begun + budget_s * _NANOSECONDS
    for step, value in enumerate(values):
        before = clock()
        call(step, value)
        after = clock()
        times[step] = after - before
        done += 1
        if after > end:
            break
    loop_s, ended_at = (clock() - begun) / _NANOSECONDS, time.time()
    return {**summarise(times[:done]), "calls": done, "loop_s": loop_s, "ended_at": ended_at}


def summarise(times: array[int]) -> dict[str, float]:
    """Return median, p99 and maximum in µs of times in ns."""
    ordered = sorted(times)
    last = len(ordered) - 1
    return {
        "median_us": ordered[last // 2] / 1e3,
        "p99_us": ordered[int(last * 0.99)] / 1e3,
        "max_us": ordered[last] / 1e3,
    }


def time_once(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of a call and its answer."""
    begun = time.perf_counter()
    answer = call()
    return time.perf_counter() - begun, answer


def size_of(folder: str) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def read_rss_mib() -> float:
    """Return the resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
