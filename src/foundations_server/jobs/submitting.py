"""What a submitted spec must fulfil."""

from __future__ import annotations

from collections.abc import Iterable

from foundations_wire.errors import InvalidRequest
from foundations_wire.ids import check_key, check_project_name, check_sha256
from foundations_wire.jobs import JobSpec

MAX_PRIORITY = 1000
MAX_GPUS = 1024


def check_spec(spec: JobSpec) -> None:
    """Raise InvalidRequest with one sentence about the first thing that does not fit."""
    check_project_name(spec.project)
    if not spec.command and not spec.entrypoint:
        raise InvalidRequest("A job needs a command, for example ['main.py'].")
    if not -MAX_PRIORITY <= spec.priority <= MAX_PRIORITY:
        raise InvalidRequest(
            f"The priority {spec.priority} is outside {-MAX_PRIORITY} … {MAX_PRIORITY}."
        )
    if not 0 <= spec.num_gpus <= MAX_GPUS:
        raise InvalidRequest(f"num_gpus must be between 0 and {MAX_GPUS}, not {spec.num_gpus}.")
    if spec.ram_gb is not None and not 0 < spec.ram_gb < float("inf"):
        raise InvalidRequest(f"ram_gb must be above 0, not {spec.ram_gb}.")
    if spec.bundle is not None:
        check_sha256(spec.bundle)
    for name in spec.params:
        check_key("parameter name", name)
    for name in spec.environment:
        check_key("environment variable", name)
        if "=" in name:
            raise InvalidRequest(f"{name[:60]!r} cannot name an environment variable.")
    _refuse_nul(
        [*spec.command, spec.entrypoint or "", spec.user, spec.image or "",
         spec.working_dir or "", *spec.environment.values()]
    )  # fmt: skip


def _refuse_nul(texts: Iterable[str]) -> None:
    for text in texts:
        if "\0" in text:
            raise InvalidRequest(f"{text[:60]!r} holds a NUL character, which no program takes.")
