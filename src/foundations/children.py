"""What ended child processes of a job left behind. Slow to import, so only at the end."""

from __future__ import annotations

import contextlib

from foundations.exits import Deadline
from foundations_client.bounded import BoundedTransport
from foundations_client.client import Client
from foundations_client.configuration import find_server
from foundations_client.journal import journal_root
from foundations_client.shipping import drain
from foundations_client.transport import HttpTransport
from foundations_wire.errors import AtlasError


def ship(job_id: str, until: Deadline) -> None:
    """Bring in their journals, as long as there is time."""
    with contextlib.suppress(AtlasError):  # then they stay for `foundations sync`
        transport = BoundedTransport(HttpTransport(find_server()), until.left)
        with contextlib.closing(Client(transport)) as client:
            drain(journal_root(), client, job_id=job_id)
