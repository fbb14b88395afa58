"""What a tracked process reports: one list of events, in order, each exactly once.

A producer is one process of one job. Its events are numbered from 0; a batch carries the
number of its first event. The server stores a batch sent twice once, and refuses a batch
that leaves a gap with the number it expects (errors.OffsetGap).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Optional, Union

from foundations_wire.codec import build, spell
from foundations_wire.errors import InvalidRequest


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


Event = Union[
    Registered, Moved, ParamLogged, MetricLogged, TagSet, ArtifactSaved, Archived, Raised, Finished
]

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
