"""The job's folder into the archive."""

from __future__ import annotations

import logging
from pathlib import Path

from foundations_client import snapshots
from foundations_client.client import Client
from foundations_client.snapshots import Snapshot
from foundations_wire.errors import AtlasError, LeaseLost
from foundations_wire.workers import Lease
from foundations_worker.delivery import Delivery
from foundations_worker.joblog import JobLog

_LOG = logging.getLogger(__name__)
_NAMED_SKIPS = 5


class Archiving:
    """Archives the areas of one job. What cannot be archived is said in the job's log."""

    def __init__(self, client: Client, lease: Lease, log: JobLog, delivery: Delivery) -> None:
        self._client = client
        self._job_id = lease.job_id
        self._is_first = lease.attempt == 1
        self._log = log
        self._delivery = delivery

    def archive(
        self, folder: Path, area: str, previous: Snapshot | None = None
    ) -> Snapshot | None:
        """Send the folder as it is now, however large; None when it is not in the archive.

        Of a folder without files nothing is sent.
        Files unchanged since `previous` are not read again.

        Raises:
            LeaseLost: the attempt is no longer ours.
        """
        try:
            snapshot = snapshots.take(folder, previous=previous, max_bytes=None)
            if not snapshot.files and self._is_first:  # an earlier attempt may have left some
                return self._name_skipped(snapshot)
            self._delivery.deliver(
                f"the archive of job {self._job_id}",
                lambda: snapshots.upload(self._client, snapshot, self._job_id, area),
            )
        except LeaseLost:
            raise
        except (AtlasError, OSError) as error:
            self._log.say(f"the job's folder is not archived: {error}")
            _LOG.warning("Area %s of job %s is not archived: %s", area, self._job_id, error)
        else:
            return self._name_skipped(snapshot)
        return None

    def _name_skipped(self, snapshot: Snapshot) -> Snapshot:
        for skipped in snapshot.skipped[:_NAMED_SKIPS]:
            self._log.say(f"not archived: {skipped}")
        return snapshot
