"""What a tracked process reports: one list of events, in order, each exactly once.

A producer is one process of one job. Its events are numbered from 0; a batch carries the
number of its first event. The server stores a batch sent twice once, and refuses a batch
that leaves a gap with the number it expects (errors.OffsetGap).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Optional, Union

from foundations_wire.archive import MAX_FILE_BYTES, FileEntry, Manifest, check_manifest
from foundations_wire.codec import build, number, spell
from foundations_wire.errors import InvalidRequest
from foundations_wire.ids import check_key, check_project_name, check_sha256
from foundations_wire.statuses import JobStatus

YEAR_3000 = 32_503_680_000.0
_INT32 = 1 << 31
_INT63 = 1 << 62
_INT64 = 1 << 63


@dataclass(frozen=True)
class Registered:
    """A process began as a job of its own (execution mode). First event of its producer."""

    at: float
    project: str
    user: str
    command: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Moved:
    """The job belongs to another project from now on."""

    at: float
    project: str


@dataclass(frozen=True)
class ParamLogged:
    """The last value of a name wins."""

    at: float
    name: str
    value: Any


@dataclass(frozen=True)
class MetricLogged:
    """One point. `value` is a number, a spelt special (see codec), or a text.

    `kind` is `number` or `text`, which tells the number NaN from the text "NaN".
    """

    at: float
    name: str
    step: int
    value: Any
    kind: str = "number"


@dataclass(frozen=True)
class TagSet:
    """The last value of a key wins."""

    at: float
    key: str
    value: str


@dataclass(frozen=True)
class ArtifactSaved:
    """A file under a key; the blob is on the server before this event is sent.

    `path` is the name for downloads; the last file saved under a key wins.
    """

    at: float
    key: str
    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Archived:
    """The files of the job's folder, in `area` `code` (at start) or `artifacts` (at end)."""

    at: float
    area: str
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Raised:
    """An exception reached the top of the program."""

    at: float
    type: str
    message: str
    traceback: str


@dataclass(frozen=True)
class Finished:
    """The process that is the job ended. `status` is a final JobStatus."""

    at: float
    status: str
    reason: Optional[str] = None
    exit_code: Optional[int] = None


@dataclass(frozen=True)
class Dropped:
    """Stands in for `count` events that the server refused or that are lost for good.

    It changes nothing of the job, but the numbers go on: the event after it has the number of
    this one plus `count`. `reason` is a sentence.
    """

    at: float
    reason: str
    count: int = 1


@dataclass(frozen=True)
class Thinned:
    """`count` points of a metric were not kept, because the journal had reached its limit.

    They lie between the points before and after this event; first, last, smallest and
    largest of each stretch were kept. The summary of the series adds the counts up.
    """

    at: float
    name: str
    count: int


Event = Union[
    Registered, Moved, ParamLogged, MetricLogged, TagSet, ArtifactSaved, Archived, Raised,
    Finished, Dropped, Thinned,
]  # fmt: skip

_KINDS: dict[str, Any] = {
    "registered": Registered,
    "moved": Moved,
    "param": ParamLogged,
    "metric": MetricLogged,
    "tag": TagSet,
    "artifact": ArtifactSaved,
    "archive": Archived,
    "raised": Raised,
    "finished": Finished,
    "dropped": Dropped,
    "thinned": Thinned,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


@dataclass(frozen=True)
class EventBatch:
    producer: str
    first: int
    events: list[dict[str, Any]]


@dataclass(frozen=True)
class BatchAccepted:
    """`next` is the number of the event that the server wants next from this producer."""

    next: int


def to_wire(event: Event) -> dict[str, Any]:
    """Return the event as a JSON-ready dict with its name under `event`."""
    return {"event": _NAMES[type(event)], **spell(event)}


def from_wire(data: dict[str, Any]) -> Event:
    """Return the event that a dict of `to_wire` stands for.

    Raises:
        InvalidRequest: the name is unknown or a field does not fit.
    """
    name = data.get("event")
    if not isinstance(name, str) or name not in _KINDS:
        raise InvalidRequest(f"{name!r} is no kind of event; kinds are {', '.join(_KINDS)}.")
    fields = {key: value for key, value in data.items() if key != "event"}
    event: Event = build(_KINDS[name], fields, name)
    return event


def read_manifest(event: Archived) -> Manifest:
    """Return the checked manifest of an event.

    Raises:
        InvalidRequest: see `check_manifest`.
    """
    manifest = Manifest(event.area, build(list[FileEntry], event.files, "files"))
    check_manifest(manifest)
    return manifest


def check_event(event: Event) -> None:
    """Accept an event that the server can store: what it would refuse is refused here.

    Raises:
        InvalidRequest: a name, a moment, a step, a value or a size cannot be.
    """
    if not 0 <= event.at < YEAR_3000:  # false for NaN too
        raise InvalidRequest(f"'at' is no moment between 1970 and 3000: {event.at}.")
    check = _CHECKS.get(type(event))
    if check is not None:
        check(event)


def _check_point(event: MetricLogged) -> None:
    check_key("metric name", event.name)
    if not -_INT64 <= event.step < _INT64:
        raise InvalidRequest(f"The step of metric `{event.name}` does not fit 64 bits.")
    if event.kind == "text":
        if not isinstance(event.value, str):
            raise InvalidRequest(f"The text metric `{event.name}` has a value that is no text.")
    elif event.kind == "number":
        number(event.value)
    else:
        raise InvalidRequest(f"{event.kind!r} is no kind of metric; kinds are number, text.")


def _check_count(event: Dropped | Thinned) -> None:
    if not 1 <= event.count < _INT63:
        raise InvalidRequest(f"'count' must be 1 or more, not {event.count}.")


def _check_thinned(event: Thinned) -> None:
    check_key("metric name", event.name)
    _check_count(event)


def _check_artifact(event: ArtifactSaved) -> None:
    check_key("artifact name", event.key)
    check_key("artifact path", event.path)
    check_sha256(event.sha256)
    if not 0 <= event.size < MAX_FILE_BYTES:
        raise InvalidRequest(f"The artifact `{event.key}` cannot have {event.size} bytes.")


def _check_finished(event: Finished) -> None:
    if event.status not in {status.value for status in JobStatus if status.is_final}:
        raise InvalidRequest(f"{event.status!r} is no final status.")
    if event.exit_code is not None and not -_INT32 <= event.exit_code < _INT32:
        raise InvalidRequest(f"{event.exit_code} is no exit code.")


_CHECKS: dict[type, Callable[[Any], object]] = {
    Registered: lambda event: check_project_name(event.project),
    Moved: lambda event: check_project_name(event.project),
    ParamLogged: lambda event: check_key("parameter name", event.name),
    MetricLogged: _check_point,
    TagSet: lambda event: check_key("tag", event.key),
    ArtifactSaved: _check_artifact,
    Archived: read_manifest,
    Finished: _check_finished,
    Dropped: _check_count,
    Thinned: _check_thinned,
}
