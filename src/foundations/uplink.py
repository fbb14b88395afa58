"""What ships this process's journal. Slow to import, so only the background thread does."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from foundations import reporting
from foundations_client.configuration import DEFAULT_SERVER, find_server
from foundations_client.inlet import Inlet
from foundations_client.journal import OUTPUT_FILE, REFUSED_FILE, Journal
from foundations_client.refusals import Refusals
from foundations_client.shipping import Shipper
from foundations_client.staging import Staging
from foundations_client.transport import HttpTransport
from foundations_wire.errors import AtlasError


def make_client() -> Inlet:
    """Return a client of the configured server; a configuration that is wrong is told once."""
    try:
        return Inlet(HttpTransport(find_server()))
    except AtlasError as error:
        reporting.warn(f"{error.message} The default address {DEFAULT_SERVER} is used.")
        return Inlet(HttpTransport(DEFAULT_SERVER))


class Uplink:
    """A client, and the shipper that uses it."""

    def __init__(
        self,
        job_id: str,
        producer: str,
        journal: Journal,
        staging: Staging,
        folder: Optional[Path],
    ) -> None:
        """Take what to ship; nothing is sent yet."""
        self.client = make_client()
        self.refusals = Refusals(folder / REFUSED_FILE if folder else None, reporting.warn)
        output = folder / OUTPUT_FILE if folder else None
        self.shipper = Shipper(
            self.client, job_id, producer, journal, staging, output, self.refusals
        )
