"""The job that this process reports to."""

from __future__ import annotations

import itertools
import os
import struct
from pathlib import Path
from time import time
from typing import Any, Optional, Union
from zlib import crc32

from foundations import reporting, values
from foundations.flattening import flatten_parameter_dictionary
from foundations.recording import Recorder
from foundations_client.journal import Count, Lane
from foundations_client.journal.records import checked
from foundations_client.plain import to_parameter
from foundations_wire.batches import FLOAT, INTEGER, INTEGER_POINT, POINT
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

_LARGEST = 2**63 - 1  # of a whole number; beyond it becomes a float
_pack_float, _pack_integer = POINT.pack, INTEGER_POINT.pack

PathLike = Union[str, "os.PathLike[str]"]


class _NoLane:
    """Knows no metric and takes nothing: where a job's points go before the first one."""

    def __init__(self) -> None:
        self.keys: dict[str, tuple[int, Count]] = {}

    def write(self, _records: bytes) -> None:
        raise ValueError("There is no journal yet.")


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
        self._lane: Lane = _NoLane()
        self._counts: dict[str, Count] = {}
        self._tags: set[str] = set()
        self._artifacts: set[str] = set()

    def log_metric(self, key: str, value: Any, step: Optional[int] = None) -> None:
        """Add one point to a metric, or one for each item of a flat list; see log_metric."""
        # Millions of calls end here: a number of a known metric takes no other turn. What
        # does not fit raises, before anything is changed, and is looked at in leisure.
        lane, point = self._lane, b""
        try:
            number, count = lane.keys[key]
            if isinstance(value, float):
                if step is None:
                    point = _pack_float(FLOAT, number, count(), time(), value)
                else:
                    point = _pack_float(FLOAT, number, step, time(), value)
                    count()
            elif type(value) is int and -_LARGEST <= value <= _LARGEST:
                if step is None:
                    point = _pack_integer(INTEGER, number, count(), time(), value)
                else:
                    point = _pack_integer(INTEGER, number, step, time(), value)
                    count()
            if point:
                lane.write(point + crc32(point).to_bytes(4, "little"))
                return
        except (KeyError, TypeError, ValueError, struct.error):
            pass
        if point:
            self._put([(key, count, point)])
        else:
            self._log_points([(key, value)], step)

    def log_metrics(self, metrics: dict[str, Any], step: Optional[int] = None) -> None:
        """Add one point to each of several metrics; nothing when one of them is invalid."""
        pairs = list(metrics.items())
        if not self._log_known(pairs, step):
            self._log_points(pairs, step)

    def _log_known(self, pairs: list[tuple[Any, Any]], step: Any) -> bool:
        """Log numbers of known metrics in one piece; False when there is anything else."""
        lane, found = self._lane, []
        if step is not None and (type(step) is not int or not -_LARGEST <= step <= _LARGEST):
            return False
        for key, value in pairs:
            known = lane.keys.get(key)
            is_integer = type(value) is int and -_LARGEST <= value <= _LARGEST
            if known is None or not (is_integer or isinstance(value, float)):
                return False
            found.append((key, known, is_integer, value))
        at, points = time(), list[tuple[str, Count, bytes]]()
        for key, (number, count), is_integer, value in found:
            counted = count()
            place = counted if step is None else step
            pack, kind = (_pack_integer, INTEGER) if is_integer else (_pack_float, FLOAT)
            points.append((key, count, pack(kind, number, place, at, value)))
        try:
            lane.write(b"".join([checked(point) for _, _, point in points]))
        except ValueError:
            self._put(points)
        return True

    def _log_points(self, pairs: list[tuple[Any, Any]], step: Optional[int]) -> None:
        """Check everything, then record it in order."""
        start = _check_step(step)
        named = [(key, values.to_points(key, value)) for key, value in pairs]
        for key, items in named:
            if start is not None:
                _check(MetricLogged(0.0, key, start, 0))
                _check(MetricLogged(0.0, key, start + max(len(items) - 1, 0), 0))
        at, points = time(), list[tuple[str, Count, bytes]]()
        for key, items in named:
            count = self._counts.setdefault(key, itertools.count().__next__)
            for index, item in enumerate(items):
                counted = count()
                place = counted if start is None else start + index
                if isinstance(item, str):
                    self._put(points)
                    points = []
                    self.recorder.record(MetricLogged(at, key, place, item, "text"))
                else:
                    points.append((key, count, _pack(place, at, item)))
        self._put(points)

    def _put(self, points: list[tuple[str, Count, bytes]]) -> None:
        """Put points where the journal wants them now, and remember that place."""
        if points:
            self.recorder.put(points)
            name, count, _ = points[-1]
            self._lane = self.recorder.intern(name, count) or self._lane

    def _record(self, event: Event) -> None:
        _check(event)
        self.recorder.record(event)

    def log_param(self, key: str, value: Any) -> None:
        """Set a parameter; the last value wins."""
        name = values.check_name("parameter name", str(key))
        self._record(ParamLogged(time(), name, to_parameter(name, value)))

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
        self._record(TagSet(time(), name, text))

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
            ArtifactSaved(time(), name, _printable(path.name), staged.sha256, staged.size)
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
        self.recorder.record(Moved(time(), self.project_name))


class _Present:
    """What this process reports to now; a block of `start_job` lies over the process's job."""

    def __init__(self) -> None:
        self.job: Optional[Job] = None
        self.has_warned = False


present = _Present()


def current() -> Optional[Job]:
    """Return the job of this process, or None outside one."""
    return present.job


def replace_current(job: Optional[Job]) -> Optional[Job]:
    """Make the job this process's own and return the one before it."""
    before, present.job = present.job, job
    return before


def current_or_warn() -> Optional[Job]:
    """Return the job of this process; outside one, None, with one warning per process."""
    if present.job is None and not present.has_warned:
        present.has_warned = True
        reporting.warn(
            "Script not run with Foundations. Nothing is tracked here; "
            "`with foundations.start_job():` tracks a block."
        )
    return present.job


def current_foundations_job() -> Job:
    """Return the job of this process; its `job_id` and `project_name` say which it is.

    Raises:
        ValueError: this process is no job.
    """
    if present.job is None:
        raise ValueError("There is no job here: this process is not run with Foundations.")
    return present.job


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


def _pack(step: int, at: float, value: float) -> bytes:
    """Return a point whose name has no number yet."""
    if isinstance(value, int):
        return _pack_integer(INTEGER, 0, step, at, value)
    return _pack_float(FLOAT, 0, step, at, value)


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
