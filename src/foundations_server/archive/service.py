from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO
from urllib.parse import quote

from sqlalchemy import Connection, Row

from foundations_server.archive import packing, repository
from foundations_server.archive.blobs import BlobStore, unknown
from foundations_server.archive.shelf import Shelf
from foundations_server.archive.sniffing import HEAD_BYTES, sniff
from foundations_server.platform.database import Database
from foundations_server.platform.hints import Hint, HintBus
from foundations_wire.archive import (
    AREAS,
    ARTIFACTS,
    ArtifactList,
    ArtifactView,
    Manifest,
    check_manifest,
)
from foundations_wire.errors import InvalidRequest, NotFound, UnknownArtifact
from foundations_wire.events import ArtifactSaved
from foundations_wire.ids import check_sha256
from foundations_wire.times import to_iso

RequireJob = Callable[[Connection, str], object]


class ArchiveService:
    """Files of jobs. `require_job` raises UnknownJob for an id that no job has."""

    def __init__(
        self,
        database: Database,
        shelf: Shelf,
        hints: HintBus,
        require_job: RequireJob,
    ) -> None:
        self._database = database
        self._shelf = shelf
        self._hints = hints
        self._require_job = require_job
        self.blobs = shelf.store

    def find_missing(self, hashes: Sequence[str]) -> list[str]:
        """Return the contents that are not stored; keep the others for the one who asks."""
        self._shelf.pin(hashes)
        return [sha256 for sha256 in hashes if self.blobs.find_size(sha256) is None]

    def pin(self, sha256: str) -> None:
        self._shelf.pin([sha256])

    def list_artifacts(self, job_id: str) -> ArtifactList:
        with self._database.read() as connection:
            self._require_job(connection, job_id)
            rows = repository.list_artifacts(connection, job_id)
        return ArtifactList([_view(row) for row in rows])

    def get_artifact(self, job_id: str, key: str) -> ArtifactView:
        with self._database.read() as connection:
            self._require_job(connection, job_id)
            row = repository.find_artifact(connection, job_id, key)
        if row is None:
            raise UnknownArtifact(f"Job `{job_id}` has no artifact `{key[:100]}`.")
        return _view(row)

    def put_manifest(self, job_id: str, manifest: Manifest) -> None:
        """Say which files an area holds; their contents must be stored."""
        check_manifest(manifest)

        def change(connection: Connection) -> None:
            self._require_job(connection, job_id)
            self.store_manifest(connection, job_id, manifest)

        self._database.write(change)
        self._hints.publish(Hint("job", job_id, "artifacts"))

    def store_manifest(self, connection: Connection, job_id: str, manifest: Manifest) -> None:
        # Deletion runs in the same thread, so what is found here stays.
        for file in manifest.files:
            size = self.blobs.find_size(file.sha256)
            if size is None:
                raise unknown(file.sha256)
            if size != file.size:
                raise InvalidRequest(
                    f"The content of {file.path[:100]!r} has {size} bytes, not {file.size}."
                )
        replaced = repository.put_area(connection, job_id, manifest.area, manifest.files)
        self._shelf.settle_later((file.sha256 for file in manifest.files), replaced)

    def get_manifest(self, job_id: str, area: str) -> Manifest:
        _check_area(area)
        with self._database.read() as connection:
            self._require_job(connection, job_id)
            files = repository.find_area(connection, job_id, area)
        if files is None:
            raise NotFound(f"Job `{job_id}` has no archived `{area}` yet.")
        return Manifest(area, files)

    def pack(self, job_id: str) -> Iterator[bytes]:
        """Return the job's folder as it was at the end, as the pieces of a tar.gz."""
        files = self.get_manifest(job_id, ARTIFACTS).files
        for file in files:
            if self.blobs.find_size(file.sha256) != file.size:
                raise unknown(file.sha256)
        return packing.pack(job_id, files, self.blobs.open)

    def record(self, connection: Connection, job_id: str, event: ArtifactSaved) -> None:
        """Store which file a job saved under a key."""
        head = self._read_head(event.sha256)
        row = {
            "job_id": job_id, "key": event.key, "path": event.path, "sha256": event.sha256,
            "size": event.size, "media_type": sniff(event.path, head), "saved_at": event.at,
        }  # fmt: skip
        replaced = repository.put_artifact(connection, row)
        self._shelf.settle_later([event.sha256], replaced)

    def collect(self, hashes: Iterable[str]) -> None:
        """Remove those contents that no job refers to and nobody counts on."""
        self._shelf.collect(hashes)

    def _read_head(self, sha256: str) -> bytes:
        if self.blobs.find_size(sha256) is None:
            return b"\0"  # its place is kept; the file may still come
        with self.blobs.open(sha256) as file:
            return file.read(HEAD_BYTES)


list_hashes = repository.list_hashes
count_artifacts = repository.count_artifacts


def _check_area(area: str) -> None:
    if area not in AREAS:
        raise InvalidRequest(f"{area[:60]!r} is no area; areas are {', '.join(AREAS)}.")


def _view(row: Row[tuple[object, ...]]) -> ArtifactView:
    data = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    job_id, key = str(data["job_id"]), str(data["key"])
    url = f"/api/v1/jobs/{quote(job_id, safe='')}/artifacts/{quote(key, safe='')}/content"
    return ArtifactView(
        key=key, path=data["path"], sha256=data["sha256"], size=data["size"],
        media_type=data["media_type"], saved_at=to_iso(data["saved_at"]), url=url,
    )  # fmt: skip


def open_blob(blobs: BlobStore, sha256: str) -> tuple[BinaryIO, int]:
    """Return the file of a content and its size."""
    size = blobs.find_size(check_sha256(sha256))
    if size is None:
        raise unknown(sha256)
    return blobs.open(sha256), size
