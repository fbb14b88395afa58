"""Which job a person means: by its id or its beginning, by its name, or by `project#number`."""

from __future__ import annotations

from typing import Optional

from foundations_client.client import Client
from foundations_wire.errors import Conflict, InvalidRequest, NotFound
from foundations_wire.jobs import JobView
from foundations_wire.search import quote

_SHORTEST_PREFIX = 4
_LONGEST = 200  # characters of an id or a name
_SHOWN = 5  # of several jobs that may be meant
_LAST = "\U0010ffff"  # the last of all characters


class Ambiguous(Conflict):
    """A text may mean any of several jobs."""

    code = "ambiguous"


def find_job(client: Client, text: str) -> Optional[JobView]:
    """Return the job that is meant, or None.

    Raises:
        Ambiguous: several may be; the sentence names some.
    """
    return _get(client, text) or _search(client, text)


def _get(client: Client, text: str) -> Optional[JobView]:
    try:
        return client.jobs.get(text)
    except (NotFound, InvalidRequest):
        return None


def _search(client: Client, text: str) -> Optional[JobView]:
    project, sign, number = text.rpartition("#")
    if sign:
        return _find_number(client, project, number)
    if not text.isprintable() or len(text) > _LONGEST:
        return None
    filters = [f"name = {quote(text)}"]
    if len(text) >= _SHORTEST_PREFIX:
        filters.append(f"id >= {quote(text)} and id < {quote(text + _LAST)}")
    for chosen in filters:
        matches = client.jobs.list(filter=chosen, limit=_SHOWN).items
        if len(matches) > 1:
            ids = ", ".join(job.id for job in matches)
            raise Ambiguous(f"`{text}` may be one of several jobs: {ids}")
        if matches:
            return matches[0]
    return None


def _find_number(client: Client, project: str, number: str) -> Optional[JobView]:
    if not number.isdecimal():
        return None
    try:
        jobs = client.jobs.list(project=project, number=int(number), limit=1).items
    except NotFound:
        return None
    return jobs[0] if jobs else None
