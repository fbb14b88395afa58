"""Where things lie and what the configuration files say."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Optional, Union

from foundations_client.yaml_files import YamlFile, read_yaml
from foundations_wire.errors import InvalidRequest

DEFAULT_SERVER = "http://127.0.0.1:5555"
DEFAULT_CONFIG = "scheduler"
JOB_CONFIG_FILE = "job.config.yaml"
_SUFFIX = ".config.yaml"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# Keys of the original's submission configs that mean nothing here.
_OLD_KEYS = frozenset({
    "job_results_root", "working_dir_root", "container_config_root", "job_store_dir_root",
    "redis_url", "job_deployment_env", "cache_config", "log_level", "ssh_config",
    "results_config", "artifact_path", "namespaced_log_levels",
})  # fmt: skip
_WORKER_KEYS = (
    "image", "entrypoint", "command", "args", "working_dir", "environment", "volumes",
)  # fmt: skip
# The identity of a job is the server's to give.
_IDENTITY = "FOUNDATIONS_"


class UnknownConfig(InvalidRequest):
    """There is no submission config of that name."""

    code = "unknown-config"


@dataclass(frozen=True)
class WorkerOverrides:
    """The `worker` mapping of a config file: how the job's container is to differ."""

    image: Optional[str] = None
    entrypoint: Optional[str] = None
    command: Union[str, list[str], None] = None
    working_dir: Optional[str] = None
    environment: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, Any] = field(default_factory=dict)

    def over(self, other: WorkerOverrides) -> WorkerOverrides:
        """Return these overrides laid over others: mappings merge, the rest replaces."""
        return WorkerOverrides(
            image=self.image or other.image,
            entrypoint=self.entrypoint or other.entrypoint,
            command=self.command or other.command,
            working_dir=self.working_dir or other.working_dir,
            environment={**other.environment, **self.environment},
            volumes={**other.volumes, **self.volumes},
        )


@dataclass(frozen=True)
class SubmissionConfig:
    """A named server: `config/submission/<name>.config.yaml`. `line` is `scheduler_url`'s."""

    name: str
    path: Optional[Path]
    server: str
    worker: WorkerOverrides = field(default_factory=WorkerOverrides)
    warnings: list[str] = field(default_factory=list)
    line: Optional[int] = None


@dataclass(frozen=True)
class JobConfig:
    """What `job.config.yaml` says; None and empty where it says nothing."""

    project_name: Optional[str] = None
    entrypoint: Optional[str] = None
    params: dict[str, Any] = field(default_factory=dict)
    num_gpus: Optional[int] = None
    ram: Optional[float] = None
    worker: WorkerOverrides = field(default_factory=WorkerOverrides)
    log_level: Optional[str] = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ExecutionConfig:
    """What `config/execution/default.config.yaml` says to scripts that import foundations."""

    log_level: Optional[str] = None
    warnings: list[str] = field(default_factory=list)
    system_metrics: bool = True


def home() -> Path:
    """Return FOUNDATIONS_HOME, else `~/.foundations`; it need not exist."""
    named = os.environ.get("FOUNDATIONS_HOME")
    return Path(named).expanduser().absolute() if named else Path.home() / ".foundations"


def find_server(
    explicit: Optional[str] = None,
    *,
    config: str = DEFAULT_CONFIG,
    folder: Optional[Path] = None,
) -> str:
    """Return the server's address.

    That is `explicit`, else FOUNDATIONS_SERVER, else what the named submission config says,
    else, for the name `scheduler`, the default address.

    Raises:
        UnknownConfig: another name without a file.
        InvalidRequest: a file that cannot be used.
    """
    named = explicit or os.environ.get("FOUNDATIONS_SERVER")
    return named or load_submission_config(config, folder).server


def find_submission_config(name: str, folder: Optional[Path] = None) -> Optional[Path]:
    """Return the file of a named submission config: `./config` first, then the home's."""
    if not name or "/" in name or "\\" in name:
        return None
    return _find_config("submission", name, folder)


def _find_config(kind: str, name: str, folder: Optional[Path]) -> Optional[Path]:
    for root in (folder or Path.cwd(), home()):
        path = root / "config" / kind / f"{name}{_SUFFIX}"
        if path.is_file():
            return path
    return None


def list_configs(kind: str) -> list[tuple[str, Path]]:
    """Return (name, path) of the home's configs; `kind` is `submission` or `execution`."""
    found = sorted((home() / "config" / kind).glob(f"*{_SUFFIX}"))
    return [(path.name.partition(".")[0], path) for path in found]


def load_submission_config(name: str, folder: Optional[Path] = None) -> SubmissionConfig:
    """Return a named submission config, looked up in `folder` (else here), then at home.

    Raises:
        UnknownConfig: no file for a name other than `scheduler`.
        InvalidRequest: a file that does not parse, lacks `scheduler_url`, or holds a value
            of a wrong type.
    """
    path = find_submission_config(name, folder)
    if path is None:
        if name == DEFAULT_CONFIG:
            return SubmissionConfig(name, None, DEFAULT_SERVER)
        raise UnknownConfig(f"Could not find submission configuration with name: `{name}`")
    file = read_yaml(path)
    server = _text(file, "scheduler_url")
    if server is None:
        what = "is blank" if "scheduler_url" in file.data else "is missing"
        raise InvalidRequest(
            f"{file.where('scheduler_url')}: `scheduler_url` {what}; write for example "
            f"`scheduler_url: {DEFAULT_SERVER}`."
        )
    warnings = _warn_of_ignored(file, set(file.data) - {"scheduler_url", "worker"})
    worker = _load_worker(file, warnings)
    line = file.lines.get(("scheduler_url",))
    return SubmissionConfig(name, path, server, worker, warnings, line)


def _warn_of_ignored(file: YamlFile, ignored: set[str]) -> list[str]:
    if not ignored:
        return []
    names = ", ".join(sorted(ignored))
    why = " (the original Atlas needed them)" if ignored <= _OLD_KEYS else ""
    return [f"{file.path} holds keys that are not used: {names}{why}."]


def load_execution_config(folder: Optional[Path] = None) -> ExecutionConfig:
    """Return the execution config `default`, looked up in `folder` (else here), then at home.

    Keys of the original, which said where its Redis and its archive were, are ignored and
    named in one warning.

    Raises:
        InvalidRequest: the file does not parse, `log_level` is no level of logging, or
            `system_metrics` is neither true nor false.
    """
    path = _find_config("execution", "default", folder)
    if path is None:
        return ExecutionConfig()
    file = read_yaml(path)
    level = _checked(file, ("log_level",), _is_level, f"one of {', '.join(_LEVELS)}")
    is_sampled = _checked(file, ("system_metrics",), _is_truth, "true or false")
    warnings = _warn_of_ignored(file, set(file.data) - {"log_level", "system_metrics"})
    return ExecutionConfig(level.upper() if level else None, warnings, is_sampled is not False)


def load_job_config(folder: Path) -> JobConfig:
    """Return what the folder's `job.config.yaml` says; no file and an empty one say nothing.

    Raises:
        InvalidRequest: it is not YAML, or holds an unknown key or a value of a wrong type;
            the sentence names file, line and key.
    """
    path = folder / JOB_CONFIG_FILE
    if not path.is_file():
        return JobConfig()
    file = read_yaml(path)
    known = ("project_name", "entrypoint", "params", "num_gpus", "ram", "worker", "log_level")
    for key in file.data:
        if key not in known:
            raise InvalidRequest(
                f"{file.where(key)}: `{key}` is not known; known are {', '.join(known)}."
            )
    warnings: list[str] = []
    return JobConfig(
        project_name=_text(file, "project_name"),
        entrypoint=_text(file, "entrypoint"),
        params=_mapping(file, "params"),
        num_gpus=_checked(file, ("num_gpus",), _is_gpu_count, "a whole number of 0 or more"),
        ram=_checked(file, ("ram",), _is_ram, "a number of GB above 0"),
        worker=_load_worker(file, warnings),
        log_level=_text(file, "log_level"),
        warnings=warnings,
    )


def _load_worker(file: YamlFile, warnings: list[str]) -> WorkerOverrides:
    worker = _mapping(file, "worker")
    unknown = sorted(set(worker) - set(_WORKER_KEYS))
    if unknown:
        warnings.append(
            f"{file.where('worker', unknown[0])}: these keys of `worker` are not used: "
            f"{', '.join(unknown)}."
        )
    return WorkerOverrides(
        image=_text(file, "worker", "image"),
        entrypoint=_text(file, "worker", "entrypoint"),
        command=_command(file, "args") or _command(file, "command"),
        working_dir=_text(file, "worker", "working_dir"),
        environment=_environment(file, warnings),
        volumes=_mapping(file, "worker", "volumes"),
    )


def _command(file: YamlFile, key: str) -> Union[str, list[str], None]:
    value = file.get("worker", key)
    if isinstance(value, list):
        return [str(word) for word in value]
    return _text(file, "worker", key)


def _environment(file: YamlFile, warnings: list[str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in _mapping(file, "worker", "environment").items():
        where = file.where("worker", "environment", name)
        if name.startswith(_IDENTITY):
            warnings.append(f"{where}: `{name}` is not passed on; Atlas sets it for each job.")
        elif isinstance(value, (dict, list)):
            raise InvalidRequest(f"{where}: `{name}` must be a text or a number.")
        else:
            kept[name] = "" if value is None else str(value)
    return kept


def _text(file: YamlFile, *keys: str) -> Optional[str]:
    value = file.get(*keys)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)  # a project named 2031 is a text to its owner
    return _checked(file, keys, _is_text, "a text that is not blank")  # type: ignore[no-any-return] # checked


def _mapping(file: YamlFile, *keys: str) -> dict[str, Any]:
    def fits(value: Any) -> bool:
        return isinstance(value, dict) and all(isinstance(key, (str, int)) for key in value)

    found = _checked(file, keys, fits, "a mapping (indented `name: value` lines)")
    return {str(key): value for key, value in (found or {}).items()}


def _checked(file: YamlFile, keys: tuple[str, ...], fits: Callable[[Any], bool], what: str) -> Any:
    value = file.get(*keys)
    if value is None or fits(value):
        return value
    raise InvalidRequest(f"{file.where(*keys)}: `{keys[-1]}` must be {what}, not {value!r}.")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_level(value: Any) -> bool:
    return isinstance(value, str) and value.upper() in _LEVELS


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_gpu_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_ram(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
