"""On what terms a job is queued: what it needs besides GPUs and RAM, and what it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional, Union

from foundations_client.client import Client
from foundations_client.durations import read_seconds
from foundations_client.finding import find_job
from foundations_wire.errors import InvalidRequest, UnknownJob
from foundations_wire.jobs import Dependency, JobSpec, Pull, Until

Duration = Union[float, str]


@dataclass(frozen=True)
class Terms:
    """What is None or empty stays as the config files and the server have it.

    `time_limit` and `grace` are seconds, or texts such as `90s`, `30m`, `1h30m`. Each of
    `after` is a job's id, name or `project#number`, with `:end` behind it where any end will
    do. `pull` is always, missing or never.
    """

    cpus: Optional[float] = None
    time_limit: Optional[Duration] = None
    grace: Optional[Duration] = None
    max_retries: Optional[int] = None
    max_infra_retries: Optional[int] = None
    after: Sequence[str] = ()
    held: bool = False
    image: Optional[str] = None
    pull: Optional[str] = None

    def apply(self, spec: JobSpec, client: Client) -> JobSpec:
        """Return the spec on these terms; the client is asked for the jobs that are named.

        Raises:
            InvalidRequest: a text is no duration or no way to pull.
            UnknownJob: it shall start after a job that does not exist.
        """
        said = {
            "cpus": self.cpus,
            "time_limit": _read(self.time_limit, "The time limit"),
            "grace": _read(self.grace, "The grace"),
            "max_retries": self.max_retries,
            "max_infra_retries": self.max_infra_retries,
            "image": self.image,
            "pull": None if self.pull is None else _read_pull(self.pull),
        }
        changes: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
        after = [_find(client, text) for text in self.after]
        return replace(spec, after=after, held=self.held, **changes)


def _read(value: Optional[Duration], what: str) -> Optional[float]:
    return None if value is None else read_seconds(value, what)


def _read_pull(text: str) -> Pull:
    try:
        return Pull(text)
    except ValueError:
        known = ", ".join(way.value for way in Pull)
        raise InvalidRequest(f"Invalid way to pull an image {text!r}: use {known}.") from None


def _find(client: Client, text: str) -> Dependency:
    name, sign, word = text.rpartition(":")
    is_until = bool(sign) and word in {until.value for until in Until}
    job = find_job(client, name if is_until else text)
    if job is None:
        raise UnknownJob(
            f"Job `{name if is_until else text}`, after which to start, does not exist"
        )
    return Dependency(job.id, Until(word) if is_until else Until.SUCCESS)
