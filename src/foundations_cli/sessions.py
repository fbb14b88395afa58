"""Which server a command speaks to, and which job it is about."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from foundations_cli.output import fail
from foundations_client.client import Client, connect
from foundations_client.configuration import (
    DEFAULT_CONFIG,
    find_submission_config,
    load_submission_config,
)
from foundations_client.submission import explain_old_port
from foundations_wire.errors import InvalidRequest, NotFound, ServerUnreachable
from foundations_wire.jobs import JobView
from foundations_wire.search import quote

_SHORTEST_PREFIX = 4
_LONGEST = 200  # characters of an id or a name
_SHOWN = 5  # of several jobs that may be meant
_LAST = "\U0010ffff"  # the last of all characters


@dataclass(frozen=True)
class Session:
    """A client, and the name of the config that led to it."""

    client: Client
    config: str

    def find_job(self, text: str) -> JobView:
        """Return the job of an id, a name, `project#number`, or a unique beginning of an id."""
        found = self._get(text) or self._search(text)
        if found is None:
            fail(f"Error: Job `{text}` does not exist for environment `{self.config}`")
        return found

    def _get(self, text: str) -> Optional[JobView]:
        try:
            return self.client.jobs.get(text)
        except (NotFound, InvalidRequest):
            return None

    def _search(self, text: str) -> Optional[JobView]:
        project, sign, number = text.rpartition("#")
        if sign:
            return self._find_number(project, number)
        if not text.isprintable() or len(text) > _LONGEST:
            return None
        filters = [f"name = {quote(text)}"]
        if len(text) >= _SHORTEST_PREFIX:
            filters.append(f"id >= {quote(text)} and id < {quote(text + _LAST)}")
        for chosen in filters:
            matches = self.client.jobs.list(filter=chosen, limit=_SHOWN).items
            if len(matches) > 1:
                ids = ", ".join(job.id for job in matches)
                fail(f"Error: `{text}` may be one of several jobs: {ids}")
            if matches:
                return matches[0]
        return None

    def _find_number(self, project: str, number: str) -> Optional[JobView]:
        if not number.isdecimal():
            return None
        try:
            jobs = self.client.jobs.list(project=project, number=int(number), limit=1).items
        except NotFound:
            return None
        return jobs[0] if jobs else None


def open_session(config: str = DEFAULT_CONFIG, server: Optional[str] = None) -> Session:
    """Return a session with the server that the options, the environment or a config name.

    Raises:
        UnknownConfig: there is no config of that name.
        InvalidRequest: the config cannot be used.
        ServerUnreachable: nothing answers; the sentence says what to do.
    """
    if config != DEFAULT_CONFIG and find_submission_config(config) is None:
        load_submission_config(config)  # raises: a typing error is told whatever --server says
    named = server or os.environ.get("FOUNDATIONS_SERVER")
    if named:
        client = connect(named)
        client.server.info()
        return Session(client, config)
    found = load_submission_config(config, Path.cwd())
    client = connect(found.server)
    try:
        client.server.info()
    except ServerUnreachable as error:
        raise ServerUnreachable(explain_old_port(found) or error.message) from error
    return Session(client, config)
