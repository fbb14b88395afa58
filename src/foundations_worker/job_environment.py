"""What a job's program is called with: command line and environment variables."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from foundations_wire.jobs import JobSpec
from foundations_wire.workers import Lease

# These would lead a job's Python to the worker's packages.
_NOT_FOR_JOBS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
_OURS = "FOUNDATIONS_"
_NO_GPU = ("", "-1", "void", "none")


@dataclass(frozen=True)
class Surroundings:
    """What jobs of this worker share."""

    server: str
    home: Path
    sdk: Path
    has_gpus: bool = False


def make_command(spec: JobSpec, python: Path) -> list[str]:
    """Return the command line: what the job names follows its Python, or its entrypoint."""
    start = shlex.split(spec.entrypoint) if spec.entrypoint else [str(python)]
    return [*start, *spec.command]


def make_environment(
    lease: Lease,
    python: Path,
    journal: Path,
    surroundings: Surroundings,
    inherited: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return all variables. The job's own override ours, except those that say who it is."""
    kept = {
        name: value
        for name, value in inherited.items()
        if name not in _NOT_FOR_JOBS and not name.startswith(_OURS)
    }
    own = read_own(lease.spec)
    # `python`, `pip` and console scripts are those of the job's environment.
    path = [str(python.parent), kept.get("PATH", os.defpath)]
    variables = {**kept, "PATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1", **own}
    if (python.parent.parent / "pyvenv.cfg").exists():
        variables.setdefault("VIRTUAL_ENV", str(python.parent.parent))
    if surroundings.has_gpus:
        variables |= name_gpus(lease.gpus, own)
    search = [str(surroundings.sdk), *filter(None, [own.get("PYTHONPATH")])]
    return {
        **variables,
        "PYTHONPATH": os.pathsep.join(search),
        "FOUNDATIONS_SERVER": surroundings.server,
        "FOUNDATIONS_HOME": str(surroundings.home),
        **name_job(lease, str(journal)),
    }


def read_own(spec: JobSpec) -> dict[str, str]:
    """Return the variables that the job asks for itself."""
    return {
        name: value
        for name, value in spec.environment.items()
        if name != "FOUNDATIONS_COMMAND_LINE"
    }


def name_job(lease: Lease, journal: str) -> dict[str, str]:
    """Return the variables by which the SDK knows which job it is in, and where it journals."""
    return {
        "FOUNDATIONS_JOB_ID": lease.job_id,
        "FOUNDATIONS_PROJECT_NAME": lease.spec.project,
        "FOUNDATIONS_USER": lease.spec.user,
        "FOUNDATIONS_JOB_OWNER": f"attempt:{lease.attempt_id}",
        "FOUNDATIONS_JOURNAL": journal,
    }


def name_gpus(gpus: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that show a job its own devices and no others.

    What the job wants itself counts when it means fewer devices, never when it means more.
    """
    names = {"CUDA_VISIBLE_DEVICES": "", "NVIDIA_VISIBLE_DEVICES": "void"}
    given = {}
    for name, nothing in names.items():
        own = ",".join(gpus) or nothing
        asked = wanted.get(name)
        is_narrower = asked is not None and (asked in _NO_GPU or _is_part(asked, gpus))
        given[name] = asked if asked is not None and is_narrower else own
    return given


def _is_part(asked: str, gpus: Sequence[str]) -> bool:
    return {part.strip() for part in asked.split(",")} <= set(gpus)


def name_unused(spec: JobSpec) -> list[str]:
    """Return what the job asks for that a plain process does not use."""
    asked = {
        "image": spec.image,
        "volumes": spec.volumes,
        "working_dir": spec.working_dir,
    }
    return [name for name, value in asked.items() if value]
