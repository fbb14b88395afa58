"""From a folder and a command to a queued job."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Optional, Union
from urllib.parse import urlsplit

from foundations_client import bundles, sizes
from foundations_client.client import Client, connect
from foundations_client.configuration import (
    DEFAULT_CONFIG,
    DEFAULT_SERVER,
    JobConfig,
    SubmissionConfig,
    load_job_config,
    load_submission_config,
)
from foundations_client.plain import to_parameter
from foundations_client.terms import Terms
from foundations_client.users import find_user
from foundations_wire.errors import InvalidRequest, ServerUnreachable
from foundations_wire.ids import check_project_name, new_id
from foundations_wire.jobs import PRIORITIES, JobSpec, JobView
from foundations_wire.many import DryRun

_OLD_PORTS = (5000, 5558)  # where the original's scheduler and its proxy listened
_SPOOLED_BYTES = 16 << 20  # a bundle up to here never touches the disk

Tell = Callable[[str], None]
Connect = Callable[[str], Client]


@dataclass(frozen=True)
class Submission:
    """What a person asks for; what is None comes from `job.config.yaml`, then the defaults.

    A `command` given as one text is split as a shell would. `priority` is a whole number or
    one of `low`, `normal`, `high`; `ram_gb` is in GB (10^9 bytes).
    """

    folder: Path
    command: Union[str, Sequence[str], None] = None
    config: str = DEFAULT_CONFIG
    project: Optional[str] = None
    entrypoint: Optional[str] = None
    params: Optional[Mapping[str, Any]] = None
    num_gpus: Optional[int] = None
    ram_gb: Optional[float] = None
    priority: Union[int, str, None] = None
    server: Optional[str] = None
    force: bool = False
    terms: Terms = field(default_factory=Terms)


@dataclass(frozen=True)
class Submitted:
    """A job that is durable and queued, and a client of the server that holds it."""

    job: JobView
    client: Client
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ready:
    """A job spec whose bundle the server has, and a client of that server."""

    spec: JobSpec
    client: Client
    warnings: list[str] = field(default_factory=list)


def submit(submission: Submission, tell: Tell, *, connect: Connect = connect) -> Submitted:
    """Queue the job; see `make_ready`."""
    ready = make_ready(submission, tell, connect=connect)
    view = ready.client.jobs.submit(new_id(), ready.spec)
    return Submitted(view, ready.client, ready.warnings)


def make_ready(submission: Submission, tell: Tell, *, connect: Connect = connect) -> Ready:
    """Pack the folder and upload what the server lacks.

    `tell` hears each warning as it arises. Nothing is written into the folder.

    Raises:
        InvalidRequest: the submission, a config file or a parameter says what cannot be.
        TooLarge: the folder holds more than 500 MB and `force` is not set.
        ServerUnreachable: no server answers; the sentence says how to start one.
    """
    return _prepare(submission, tell, connect, is_uploaded=True)


def try_out(submission: Submission, tell: Tell, *, connect: Connect = connect) -> DryRun:
    """Return what would become of the job now; nothing is uploaded and nothing stored.

    Raises:
        InvalidRequest, NotFound: what submitting it would be refused for.
        ServerUnreachable: no server answers.
    """
    ready = _prepare(submission, tell, connect, is_uploaded=False)
    return ready.client.jobs.dry_run(ready.spec)


def _prepare(submission: Submission, tell: Tell, connect: Connect, *, is_uploaded: bool) -> Ready:
    folder = _check_folder(submission.folder)
    config = load_submission_config(submission.config, folder)
    job = load_job_config(folder)
    warnings = [*config.warnings, *job.warnings]
    spec = _make_spec(submission, folder, config, job, warnings)
    for warning in warnings:
        tell(f"Warning: {warning}")
    server = submission.server or os.environ.get("FOUNDATIONS_SERVER")
    client = connect(server or config.server)
    try:
        client.server.info()  # a server that is away is cheaper to hear of before packing
        spec = submission.terms.apply(spec, client)
        if is_uploaded:
            spec = _upload(client, folder, spec, tell, warnings, force=submission.force)
    except ServerUnreachable as error:
        raise _explain_unreachable(error, None if server else config) from error
    return Ready(spec, client, warnings)


def split_command(command: Union[str, Sequence[str], None]) -> list[str]:
    """Return the words of a command: a text is split as a shell would, None has none.

    Raises:
        InvalidRequest: a text with an open quotation mark.
    """
    if command is None:
        return []
    if not isinstance(command, str):
        return [str(word) for word in command]
    try:
        return shlex.split(command)
    except ValueError as error:
        raise InvalidRequest(f"The command {command!r} cannot be split: {error}.") from error


def check_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters as plain JSON values, as log_params would: paths become texts.

    Raises:
        InvalidRequest: a value has no JSON form; the sentence names the parameter.
    """
    try:
        return {str(name): to_parameter(str(name), value) for name, value in params.items()}
    except TypeError as error:
        raise InvalidRequest(str(error)) from error


def check_resources(num_gpus: Any, ram_gb: Any) -> None:
    """Accept a whole number of 0 or more GPUs, and None or more than 0 GB of RAM.

    Raises:
        InvalidRequest: anything else.
    """
    is_count = isinstance(num_gpus, int) and not isinstance(num_gpus, bool)
    if not is_count or num_gpus < 0:
        raise InvalidRequest(
            f"Invalid GPU quantity {num_gpus!r}: it must be a whole number of 0 or more."
        )
    is_amount = isinstance(ram_gb, (int, float)) and not isinstance(ram_gb, bool)
    if ram_gb is not None and not (is_amount and 0 < ram_gb < float("inf")):
        raise InvalidRequest(f"Invalid RAM quantity {ram_gb!r}: it must be more than 0 GB.")


def check_priority(priority: Union[int, str, None]) -> int:
    """Return the number of a priority: low is -10, normal 0, high 10.

    Raises:
        InvalidRequest: another word, or a number outside -1000 to 1000.
    """
    if priority is None:
        return 0
    try:
        number = PRIORITIES.get(str(priority))
        number = int(priority) if number is None else number
    except ValueError:
        number = None
    if number is None or not -1000 <= number <= 1000:
        raise InvalidRequest(
            f"Invalid priority {priority!r}: use {', '.join(PRIORITIES)}, or a whole number "
            f"from -1000 to 1000."
        )
    return number


def _check_folder(folder: Path) -> Path:
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise InvalidRequest(f"The job directory {str(folder)!r} {what}.")
    return Path(os.path.realpath(folder))


def _make_spec(
    submission: Submission,
    folder: Path,
    config: SubmissionConfig,
    job: JobConfig,
    warnings: list[str],
) -> JobSpec:
    worker = job.worker.over(config.worker)
    num_gpus = _first(submission.num_gpus, job.num_gpus, 0)
    ram_gb = _first(submission.ram_gb, job.ram, None)
    check_resources(num_gpus, ram_gb)
    entrypoint = submission.entrypoint or job.entrypoint or worker.entrypoint
    command = split_command(submission.command) or split_command(worker.command)
    warnings.extend(_doubt_command(command, folder, entrypoint))
    return JobSpec(
        project=check_project_name(
            submission.project or job.project_name or _default_project(folder)
        ),
        command=command,
        entrypoint=entrypoint,
        user=find_user(),
        params=check_params(submission.params or job.params),
        environment=worker.environment,
        num_gpus=num_gpus,
        ram_gb=None if ram_gb is None else float(ram_gb),
        priority=check_priority(submission.priority),
        image=worker.image,
        working_dir=worker.working_dir,
        volumes=worker.volumes,
    )


def _default_project(folder: Path) -> str:
    """Return the folder's name; inside a worker, where that says nothing, the job's project."""
    owner = os.environ.get("FOUNDATIONS_JOB_OWNER", "")
    own_project = os.environ.get("FOUNDATIONS_PROJECT_NAME")
    if owner.startswith("attempt:") and own_project:
        return own_project
    return folder.name


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _doubt_command(command: list[str], folder: Path, entrypoint: Optional[str]) -> list[str]:
    if not command:
        return [] if entrypoint else ["no command was given; the job may have nothing to run."]
    if entrypoint or (folder / command[0]).exists() or command[0].startswith("-"):
        return []
    where = f"is no file in the job directory {str(folder)!r}"
    return [f"{command[0]!r} {where}; submitting all the same."]


def _upload(
    client: Client,
    folder: Path,
    spec: JobSpec,
    tell: Tell,
    warnings: list[str],
    *,
    force: bool,
) -> JobSpec:
    """Return the spec with its bundle, which the server then has."""
    with tempfile.SpooledTemporaryFile(_SPOOLED_BYTES) as file:
        bundle = bundles.pack(folder, file, force=force)  # type: ignore[arg-type]
        if bundle.left_out:
            warning = f"left out of the bundle: {', '.join(bundle.left_out)}."
            warnings.append(warning)
            tell(f"Warning: {warning}")
        if not client.archive.has_bundle(bundle.sha256):
            tell(f"Uploading {bundle.files} files ({sizes.show_bytes(bundle.size)} packed) …")
            file.seek(0)
            client.archive.put_bundle(bundle.sha256, file, bundle.size)  # type: ignore[arg-type]
    return replace(spec, bundle=bundle.sha256)


def _explain_unreachable(
    error: ServerUnreachable, config: Optional[SubmissionConfig]
) -> ServerUnreachable:
    sentence = explain_old_port(config) if config else None
    return ServerUnreachable(sentence or error.message)


def explain_old_port(config: SubmissionConfig) -> Optional[str]:
    """Return what to change when a config names an address of the original, else None."""
    if config.path is None or urlsplit(config.server).port not in _OLD_PORTS:
        return None
    line = f", line {config.line}" if config.line else ""
    return (
        f"Nothing answers at {config.server}, an address of the original Atlas. In "
        f"{config.path}{line}, change the line to `scheduler_url: {DEFAULT_SERVER}`."
    )
