"""Which server a command speaks to, and which job it is about."""

from __future__ import annotations

import os
from collections.abc import Iterable
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
from foundations_client.finding import Ambiguous, find_job
from foundations_client.submission import explain_old_port
from foundations_wire.errors import ServerUnreachable
from foundations_wire.jobs import JobView


@dataclass(frozen=True)
class Session:
    """A client, and the name of the config that led to it."""

    client: Client
    config: str

    def find_job(self, text: str) -> JobView:
        """Return the job of an id, a name, `project#number`, or a unique beginning of an id."""
        try:
            found = find_job(self.client, text)
        except Ambiguous as error:
            fail(f"Error: {error.message}")
        if found is None:
            fail(f"Error: Job `{text}` does not exist for environment `{self.config}`")
        return found

    def find_jobs(self, texts: Iterable[str]) -> list[JobView]:
        """Return several jobs, each once, or end before anything is done to any of them."""
        return list({job.id: job for job in map(self.find_job, texts)}.values())


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
