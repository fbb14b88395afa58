"""The routes by which a job's data come in: all that a process needs to report.

They are apart from the other routes because each running job imports them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO, Optional

from foundations_client.calls import Calls, Group, make_query, quote_segment
from foundations_client.transport import Request, Transport
from foundations_wire import codec, logs
from foundations_wire.archive import (
    BlobAnswer,
    BlobQuery,
    BlobStored,
    LogStored,
    Manifest,
)
from foundations_wire.batches import MEDIA_TYPE, Batch, encode
from foundations_wire.events import BatchAccepted

_BLOBS_PER_QUERY = 1000


class Inlet:
    """What a reporting process asks the server; errors and thread safety as of a Client."""

    def __init__(self, transport: Transport) -> None:
        """Group the routes; nothing is sent."""
        calls = Calls(transport)
        self.jobs = Events(calls)
        self.logs = Logs(calls)
        self.archive = Archive(calls)
        self._transport = transport

    def close(self) -> None:
        """Close the calling thread's connection, if the transport keeps one open."""
        close = getattr(self._transport, "close", None)
        if close is not None:
            close()


class Events(Group):
    """What processes report of their jobs."""

    def send_batch(self, job_id: str, batch: Batch) -> BatchAccepted:
        """Send events with their points in columns; answers and errors as in `send_events`."""
        path = f"/api/v1/jobs/{quote_segment(job_id)}/events"
        headers = {"Content-Type": MEDIA_TYPE}
        response = self.calls.raw(Request("POST", path, headers, encode(batch)))
        return codec.build(BatchAccepted, codec.decode(response.body))


@dataclass(frozen=True)
class LogChunk:
    """Bytes of a log from `offset`; `is_ended` once nothing can follow them.

    `missing` bytes before them are not kept, of those that were asked for.
    """

    offset: int
    data: bytes
    is_ended: bool
    missing: int = 0

    @property
    def end(self) -> int:
        """The offset to ask for next."""
        return self.offset + len(self.data)


class Logs(Group):
    def read(
        self,
        job_id: str,
        *,
        offset: int = 0,
        wait_s: float = 0.0,
        tail: Optional[int] = None,
        lines: Optional[int] = None,
        since: Optional[str] = None,
    ) -> LogChunk:
        """Return what follows `offset`, at most 1 MiB, waiting up to `wait_s` for any.

        Instead of the offset: `tail` (so many bytes), `lines` (so many of the last), or
        `since` (a moment as ISO 8601, or a time such as `10m`).
        """
        path = f"/api/v1/jobs/{quote_segment(job_id)}/log"
        begin = {"tail": tail, "lines": lines, "since": since}
        query = make_query({"offset": offset, "wait": wait_s, **begin})
        response = self.calls.raw(Request("GET", path + query, timeout_s=wait_s + 30))
        headers = response.headers
        return LogChunk(
            int(headers.get(logs.START.lower(), offset)),
            response.body,
            headers.get(logs.ENDED.lower()) == "true",
            int(headers.get(logs.MISSING.lower(), 0)),
        )

    def append(
        self,
        job_id: str,
        offset: int,
        data: bytes,
        *,
        skipped: int = 0,
        attempt: Optional[str] = None,
    ) -> LogStored:
        """Store bytes at an offset; those already stored there are passed over.

        With `skipped` so many bytes from the offset on will never be sent, and `data` follows
        them. Raises OffsetGap (`expected`) when bytes before them are missing, and LeaseLost
        when the `attempt` that printed them is over.
        """
        query = make_query({"offset": offset, "skipped": skipped or None, "attempt": attempt})
        path = f"/api/v1/jobs/{quote_segment(job_id)}/log{query}"
        headers = {"Content-Type": "application/octet-stream"}
        response = self.calls.raw(Request("PUT", path, headers, data))
        return codec.build(LogStored, codec.decode(response.body))


class Archive(Group):
    def find_missing(self, sha256: list[str]) -> list[str]:
        """Return those contents that the server lacks."""
        query = BlobQuery(sha256)
        return self.calls.send("POST", "/api/v1/blobs/missing", query, BlobAnswer).missing

    def put_blob(self, sha256: str, file: BinaryIO, size: int) -> BlobStored:
        return self.calls.upload(BlobStored, f"/api/v1/blobs/{sha256}", file, size)

    def get_blob(self, sha256: str, sink: BinaryIO) -> None:
        self.calls.download(f"/api/v1/blobs/{sha256}", sink)

    def has_bundle(self, sha256: str) -> bool:
        """Whether the server holds a bundle (HEAD of its address), so that it need not travel."""
        return self.calls.exists(f"/api/v1/bundles/{sha256}")

    def put_bundle(self, sha256: str, file: BinaryIO, size: int) -> BlobStored:
        """Upload a bundle; the server refuses what is not a safe tar.gz (InvalidBundle)."""
        return self.calls.upload(BlobStored, f"/api/v1/bundles/{sha256}", file, size)

    def get_bundle(self, sha256: str, sink: BinaryIO) -> None:
        self.calls.download(f"/api/v1/bundles/{sha256}", sink)

    def put_manifest(self, job_id: str, manifest: Manifest) -> None:
        path = f"/api/v1/jobs/{quote_segment(job_id)}/archive/{manifest.area}"
        self.calls.do("PUT", path, manifest)

    def get_manifest(self, job_id: str, area: str) -> Manifest:
        return self.calls.get(Manifest, f"/api/v1/jobs/{quote_segment(job_id)}/archive/{area}")

    def get_archive(self, job_id: str, sink: BinaryIO) -> None:
        """Write the job's `artifacts` area as tar.gz with the top folder `<job_id>/`."""
        self.calls.download(f"/api/v1/jobs/{quote_segment(job_id)}/archive.tgz", sink)


def find_missing(client: Inlet, sha256: list[str]) -> list[str]:
    """Return those contents that the server lacks, asking in pieces of 1,000."""
    missing: list[str] = []
    for start in range(0, len(sha256), _BLOBS_PER_QUERY):
        missing += client.archive.find_missing(sha256[start : start + _BLOBS_PER_QUERY])
    return missing
