"""The job that this process reports to."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Optional, Union

from foundations import reporting, values
from foundations.flattening import flatten_parameter_dictionary
from foundations.recording import Recorder
from foundations_client.plain import Scalar, to_parameter
from foundations_wire.errors import InvalidRequest
from foundations_wire.events import (
    ArtifactSaved,
    Event,
    MetricLogged,
    Moved,
    ParamLogged,
    TagSet,
    check_event,
)
from foundations_wire.ids import check_project_name

PathLike = Union[str, "os.PathLike[str]"]


class Job:
    """A job as seen by one of its processes: what `foundations.log_…` act on.

    **Thread safety**: any thread may call. **Time**: each call writes to a local file and
    returns; the server hears of it from a background thread.
    """

    def __init__(self, job_id: str, project_name: str, recorder: Recorder) -> None:
        """Name the job; nothing is recorded yet."""
        self.job_id = job_id
        self.project_name = project_name
        self.recorder = recorder
        self._steps: dict[str, int] = {}
        self._tags: set[str] = set()
        self._artifacts: set[str] = set()

    def log_metric(self, key: str, value: Any, step: Optional[int] = None) -> None:
        """Add one point to a metric, or one for each item of a flat list; see log_metric."""
        self._log_points([(key, value)], step)

    def log_metrics(self, metrics: dict[str, Any], step: Optional[int] = None) -> None:
        """Add one point to each of several metrics; nothing when one of them is invalid."""
        self._log_points(list(metrics.items()), step)

    def _log_points(self, pairs: list[tuple[Any, Any]], step: Optional[int]) -> None:
        start = _check_step(step)
        checked = [(key, values.to_points(key, value)) for key, value in pairs]
        made = [event for key, points in checked for event in self._count(key, points, start)]
        for event in made:
            _check(event)
        for event in made:
            self._steps[event.name] = self._steps.get(event.name, 0) + 1
            self.recorder.record(event)

    def _count(self, key: str, points: list[Scalar], start: Optional[int]) -> list[MetricLogged]:
        at, first = time.time(), self._steps.get(key, 0) if start is None else start
        return [
            MetricLogged(at, key, step, point, "text" if isinstance(point, str) else "number")
            for step, point in enumerate(points, first)
        ]

    def _record(self, event: Event) -> None:
        _check(event)
        self.recorder.record(event)

    def log_param(self, key: str, value: Any) -> None:
        """Set a parameter; the last value wins."""
        name = values.check_name("parameter name", str(key))
        self._record(ParamLogged(time.time(), name, to_parameter(name, value)))

    def log_params(self, parameters: dict[str, Any]) -> None:
        """Set a parameter for each entry of the flattened dict."""
        for key, value in flatten_parameter_dictionary(parameters).items():
            self.log_param(key, value)

    def set_tag(self, key: str, value: Any = "") -> None:
        """Set a tag; the last value wins, and a change is told with a warning."""
        name = values.check_name("tag", str(key))
        text = values.to_tag(name, value)
        if name in self._tags:
            reporting.warn(f"Tag `{name}` updated to `{text}`")
        self._tags.add(name)
        self._record(TagSet(time.time(), name, text))

    def save_artifact(self, filepath: PathLike, key: Optional[str] = None) -> None:
        """Keep a copy of the file as it is now under a key; see save_artifact."""
        path = Path(filepath)
        name = values.check_name("artifact key", path.name if key is None else key)
        with path.open("rb") as file:
            staged = self.recorder.stage(file, str(path))
        if staged is None:
            return
        if name in self._artifacts:
            reporting.warn(f'Artifact "{name}" already exists - overwriting.')
        self._artifacts.add(name)
        self._record(
            ArtifactSaved(time.time(), name, _printable(path.name), staged.sha256, staged.size)
        )

    def set_project_name(self, project_name: str = "default") -> None:
        """Move the job to another project.

        Raises:
            ValueError: the text cannot name a project.
        """
        try:
            self.project_name = check_project_name(str(project_name))
        except InvalidRequest as error:
            raise ValueError(error.message) from error
        self.recorder.record(Moved(time.time(), self.project_name))


class _Present:
    """What this process reports to now; a block of `start_job` lies over the process's job."""

    def __init__(self) -> None:
        self.job: Optional[Job] = None
        self.has_warned = False


_present = _Present()


def current() -> Optional[Job]:
    """Return the job of this process, or None outside one."""
    return _present.job


def replace_current(job: Optional[Job]) -> Optional[Job]:
    """Make the job this process's own and return the one before it."""
    before, _present.job = _present.job, job
    return before


def current_or_warn() -> Optional[Job]:
    """Return the job of this process; outside one, None, with one warning per process."""
    if _present.job is None and not _present.has_warned:
        _present.has_warned = True
        reporting.warn(
            "Script not run with Foundations. Nothing is tracked here; "
            "`with foundations.start_job():` tracks a block."
        )
    return _present.job


def current_foundations_job() -> Job:
    """Return the job of this process; its `job_id` and `project_name` say which it is.

    Raises:
        ValueError: this process is no job.
    """
    if _present.job is None:
        raise ValueError("There is no job here: this process is not run with Foundations.")
    return _present.job


def set_project_name(project_name: str = "default") -> None:
    """Move the job to another project, where the GUI and listings show it from then on.

    Raises:
        ValueError: the text cannot name a project (it holds a slash, or is empty).
    """
    job = current_or_warn()
    if job is not None:
        job.set_project_name(project_name)


def _check(event: Event) -> None:
    try:
        check_event(event)
    except InvalidRequest as error:
        raise ValueError(error.message) from error


def _printable(name: str) -> str:
    """Return a file's name as one for downloads, where it may hold anything."""
    plain = name.encode("utf-8", "replace").decode()
    return "".join(character if character.isprintable() else "_" for character in plain)


def _check_step(step: Any) -> Optional[int]:
    if step is None:
        return None
    item = getattr(step, "item", None)
    number = item() if callable(item) else step
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if not isinstance(number, int):
        raise TypeError(f"A metric's step must be a whole number, not {step!r}.")
    return int(number)
