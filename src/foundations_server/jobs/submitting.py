"""What a submitted spec must fulfil."""

from __future__ import annotations

import math
from collections.abc import Iterable

from foundations_wire.errors import InvalidRequest
from foundations_wire.ids import check_job_id, check_key, check_project_name, check_sha256
from foundations_wire.jobs import JobSpec

MAX_PRIORITY = 1000
MAX_GPUS = 1024
MAX_GRACE = 600.0  # seconds
MAX_RETRIES = 100
MAX_AFTER = 1000

# The devices of an attempt are reserved for it and named by its worker; and what these
# libraries would be loaded into first is the program that guards the job.
_RESERVED = {
    "CUDA_VISIBLE_DEVICES": "ask for GPUs with num_gpus",
    "NVIDIA_VISIBLE_DEVICES": "ask for GPUs with num_gpus",
    "LD_PRELOAD": "set it in the job's own code, for the programs that it starts",
    "LD_AUDIT": "set it in the job's own code, for the programs that it starts",
}


def check_spec(spec: JobSpec) -> None:
    """Raise InvalidRequest with one sentence about the first thing that does not fit."""
    check_project_name(spec.project)
    if not spec.command and not spec.entrypoint:
        raise InvalidRequest("A job needs a command, for example ['main.py'].")
    if spec.bundle is not None:
        check_sha256(spec.bundle)
    for name in spec.params:
        check_key("parameter name", name)
    _check_resources(spec)
    _check_attempts(spec)
    _check_after(spec)
    _check_environment(spec)
    _refuse_nul(
        [*spec.command, spec.entrypoint or "", spec.user, spec.image or "",
         spec.working_dir or "", *spec.environment.values()]
    )  # fmt: skip


def check_own_ids(job_ids: Iterable[str], spec: JobSpec) -> None:
    own = {item.job for item in spec.after}.intersection(job_ids)
    if own:
        raise InvalidRequest(f"Job `{min(own)}` cannot wait for itself: 'after' names it.")


def check_priority(priority: int) -> None:
    if not -MAX_PRIORITY <= priority <= MAX_PRIORITY:
        raise InvalidRequest(
            f"The priority {priority} is outside {-MAX_PRIORITY} … {MAX_PRIORITY}."
        )


def _check_resources(spec: JobSpec) -> None:
    _check_between("num_gpus", spec.num_gpus, 0, MAX_GPUS)
    _check_above_zero("cpus", spec.cpus)
    _check_above_zero("ram_gb", spec.ram_gb)
    _check_above_zero("time_limit", spec.time_limit)


def _check_attempts(spec: JobSpec) -> None:
    check_priority(spec.priority)
    if spec.grace is not None:
        _check_between("grace", spec.grace, 0, MAX_GRACE)
    _check_between("max_retries", spec.max_retries, 0, MAX_RETRIES)
    _check_between("max_infra_retries", spec.max_infra_retries, 0, MAX_RETRIES)


def _check_after(spec: JobSpec) -> None:
    names = [item.job for item in spec.after]
    if len(names) > MAX_AFTER:
        raise InvalidRequest(f"'after' names {len(names)} jobs; {MAX_AFTER} are the most.")
    seen: set[str] = set()
    for name in names:
        check_job_id(name)
        if name in seen:
            raise InvalidRequest(f"'after' names job `{name}` twice.")
        seen.add(name)


def _check_environment(spec: JobSpec) -> None:
    for name in spec.environment:
        check_key("environment variable", name)
        if "=" in name:
            raise InvalidRequest(f"{name[:60]!r} cannot name an environment variable.")
        if name in _RESERVED:
            raise InvalidRequest(f"'environment' may not set {name}: {_RESERVED[name]}.")


def _check_between(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # false for NaN too
        raise InvalidRequest(f"{name} must be between {least:g} and {most:g}, not {value}.")


def _check_above_zero(name: str, value: float | None) -> None:
    if value is not None and not 0 < value < math.inf:
        raise InvalidRequest(f"{name} must be above 0, not {value}.")


def _refuse_nul(texts: Iterable[str]) -> None:
    for text in texts:
        if "\0" in text:
            raise InvalidRequest(f"{text[:60]!r} holds a NUL character, which no program takes.")
