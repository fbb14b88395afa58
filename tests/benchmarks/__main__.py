"""`make bench`: run every benchmark and print one table, with the machine noted.

Progress goes to standard error. The exit status is 1 when a bar of ours is missed or a
benchmark could not be run.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.calls import measure_calls
from benchmarks.crowds import measure_crowds
from benchmarks.figures import Figure, format_table, gather
from benchmarks.lightness import measure_empty_jobs, measure_imports, measure_memory
from benchmarks.listing import measure_listing
from benchmarks.measuring import Benchmark, Plan, say
from benchmarks.peers.installed import PEERS
from benchmarks.running import ProgramFailed
from benchmarks.startup import measure_startup
from benchmarks.storing import measure_disk, measure_ingest, measure_series
from benchmarks.troubles import measure_troubles

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
BENCHMARKS: dict[str, Benchmark] = {
    "startup": lambda plan: measure_startup(plan.rounds),
    "calls": measure_calls,
    "troubles": measure_troubles,
    "ingest": measure_ingest,
    "crowd": measure_crowds,
    "listing": measure_listing,
    "series": measure_series,
    "disk": measure_disk,
    "import": measure_imports,
    "empty": measure_empty_jobs,
    "memory": measure_memory,
}


def main() -> int:
    """Print the figures; return 1 when one misses its bar."""
    options = read_options()
    clean_environment()
    machine = describe_machine()
    figures: list[Figure] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="atlas-bench-") as scratch:
        plan = make_plan(options, Path(scratch))
        for name in options.only or BENCHMARKS:
            begun = time.monotonic()
            say(f"{name} …")
            try:
                figures.extend(BENCHMARKS[name](plan))
            except ProgramFailed as error:
                say(f"{name} could not be measured: {error}")
                failed.append(name)
            say(f"{name}: {time.monotonic() - begun:.0f} s")
    text = f"{machine}, {os.getloadavg()[0]:.1f} at its end.\n\n{format_table(gather(figures))}"
    if options.quick:
        text = f"Quick run on less data: not for publication.\n\n{text}"
    print(text)
    if options.write:
        write_page(text)
    is_missed = not all(figure.is_reached for figure in figures)
    return 1 if failed or is_missed else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, help="runs of each measurement (default 5)")
    names = f"one of {', '.join(BENCHMARKS)}; may be given several times"
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), help=names)
    parser.add_argument("--quick", action="store_true", help="one round on less data: 3 to 5 min")
    parser.add_argument("--no-peers", action="store_true", help="measure Atlas alone")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    options = parser.parse_args()
    if options.write and (options.only or options.quick or options.no_peers):
        parser.error("--write goes with a whole run: without --only, --quick and --no-peers")
    return options


def clean_environment() -> None:
    """Let measured programs run as installed ones do: with bytecode, in no job of a caller."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in [name for name in os.environ if name.startswith("FOUNDATIONS_")]:
        del os.environ[name]


def make_plan(options: argparse.Namespace, scratch: Path) -> Plan:
    for peer in () if options.no_peers else PEERS:
        if not peer.is_installed:
            say(
                f"{peer.package} is not installed and is left out; `make bench-peers` installs it."
            )
    peers = [peer for peer in PEERS if peer.is_installed and not options.no_peers]
    rounds = options.rounds or (1 if options.quick else 5)
    return Plan(rounds, scratch, tuple(peers), is_quick=options.quick)


def describe_machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({read_processor()}), {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}; "
        f"load {load:.1f} at the start of the run"
    )


def read_processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write_page(text: str) -> None:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
