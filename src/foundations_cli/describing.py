"""What a job is, needs and waits for, in a few words."""

from __future__ import annotations

import re
import time
from typing import Optional

from foundations_cli.output import show_duration
from foundations_wire.jobs import PRIORITIES, JobView, Until
from foundations_wire.times import from_iso

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_POSITION = re.compile(r"position \d+: ")
_PRIORITY_NAMES = {number: name for name, number in PRIORITIES.items()}


def show_id(job_id: str) -> str:
    """Return the beginning of a generated id, which every command takes; others whole."""
    return job_id[:8] if _UUID.fullmatch(job_id) else job_id


def count(number: int, noun: str) -> str:
    """Return e.g. `1 job`, `2 jobs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def show_needs(job: JobView) -> str:
    """Return e.g. `2 GPUs, 4 CPUs, 16 GB`; empty for a job that needs a slot and no more."""
    needs = []
    if job.num_gpus:
        needs.append(count(job.num_gpus, "GPU"))
    if job.cpus is not None:
        needs.append(f"{job.cpus:g} CPU" if job.cpus == 1 else f"{job.cpus:g} CPUs")
    if job.ram_gb is not None:
        needs.append(f"{job.ram_gb:g} GB")
    return ", ".join(needs)


def show_priority(priority: int) -> str:
    """Return the name of a priority that has one, else the number; empty for the normal one."""
    return _PRIORITY_NAMES.get(priority, str(priority)) if priority else ""


def show_why(job: JobView) -> str:
    """Return why a waiting job waits, without the position that stands beside it."""
    return _POSITION.sub("", job.reason or "", count=1)


def show_after(job: JobView) -> str:
    """Return which jobs a job follows."""
    return "\n".join(
        f"{item.job} (however it ends)" if item.until is Until.END else item.job
        for item in job.after
    )


def show_time_since(moment: Optional[str]) -> str:
    """Return how long ago a moment of the server was."""
    return show_duration(max(0.0, time.time() - from_iso(moment))) if moment else ""
