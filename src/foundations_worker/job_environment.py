"""What a job's program is called with: command line and environment variables."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from foundations_wire.jobs import JobSpec
from foundations_wire.workers import Lease

# These would lead a job's Python to the worker's packages.
_NOT_FOR_JOBS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
_OURS = "FOUNDATIONS_"


@dataclass(frozen=True)
class Surroundings:
    """What jobs of this worker share."""

    server: str
    home: Path
    sdk: Path


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
    own = {
        name: value
        for name, value in lease.spec.environment.items()
        if name != "FOUNDATIONS_COMMAND_LINE"
    }
    # `python`, `pip` and console scripts are those of the job's environment.
    path = [str(python.parent), kept.get("PATH", os.defpath)]
    variables = {**kept, "PATH": os.pathsep.join(path), "PYTHONUNBUFFERED": "1", **own}
    if (python.parent.parent / "pyvenv.cfg").exists():
        variables.setdefault("VIRTUAL_ENV", str(python.parent.parent))
    search = [str(surroundings.sdk), *filter(None, [own.get("PYTHONPATH")])]
    return {
        **variables,
        "PYTHONPATH": os.pathsep.join(search),
        "FOUNDATIONS_SERVER": surroundings.server,
        "FOUNDATIONS_HOME": str(surroundings.home),
        "FOUNDATIONS_JOB_ID": lease.job_id,
        "FOUNDATIONS_PROJECT_NAME": lease.spec.project,
        "FOUNDATIONS_USER": lease.spec.user,
        "FOUNDATIONS_JOB_OWNER": f"attempt:{lease.attempt_id}",
        "FOUNDATIONS_JOURNAL": str(journal),
    }


def name_unused(spec: JobSpec) -> list[str]:
    """Return what the job asks for that a plain process cannot give."""
    asked = {
        "image": spec.image,
        "volumes": spec.volumes,
        "working_dir": spec.working_dir,
        "num_gpus": spec.num_gpus,
        "ram": spec.ram_gb,
    }
    return [name for name, value in asked.items() if value]
