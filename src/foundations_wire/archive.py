"""Files of a job: archived folders and saved artifacts, addressed by content."""

from __future__ import annotations

from dataclasses import dataclass, field

from foundations_wire.errors import InvalidRequest
from foundations_wire.ids import check_sha256

CODE = "code"  # the job's folder as it was at the start
ARTIFACTS = "artifacts"  # the job's folder as it was at the end
AREAS = (CODE, ARTIFACTS)

MAX_FILE_BYTES = 1 << 53  # what every JSON reader takes for a whole number


@dataclass(frozen=True)
class FileEntry:
    """One archived file. `path` is relative, with forward slashes; `mode` its permission bits."""

    path: str
    sha256: str
    size: int
    mode: int = 0o644


@dataclass(frozen=True)
class Manifest:
    """The files of one area of one job, sorted by path."""

    area: str
    files: list[FileEntry] = field(default_factory=list)


def check_manifest(manifest: Manifest) -> None:
    """Accept a manifest of a known area whose files stay in their folder, each once.

    Raises:
        InvalidRequest: another area, a path that leaves or stands twice, an odd size or mode.
    """
    if manifest.area not in AREAS:
        raise InvalidRequest(f"{manifest.area[:60]!r} is no area; areas are {', '.join(AREAS)}.")
    seen: set[str] = set()
    for file in manifest.files:
        parts = file.path.split("/")
        if "\0" in file.path or any(part in ("", ".", "..") for part in parts):
            raise InvalidRequest(f"{file.path[:100]!r} is no path inside a folder.")
        if file.path in seen:
            raise InvalidRequest(f"The path {file.path[:100]!r} stands twice in the manifest.")
        if not 0 <= file.size < MAX_FILE_BYTES or not 0 <= file.mode <= 0o777:
            raise InvalidRequest(f"Size or mode of {file.path[:100]!r} cannot be.")
        check_sha256(file.sha256)
        seen.add(file.path)


@dataclass(frozen=True)
class ArtifactView:
    """`media_type` is sniffed from the content; `url` is relative to the server."""

    key: str
    path: str
    sha256: str
    size: int
    media_type: str
    saved_at: str
    url: str


@dataclass(frozen=True)
class ArtifactList:
    items: list[ArtifactView]


@dataclass(frozen=True)
class BlobQuery:
    """Which of these contents (SHA-256) does the server lack?"""

    sha256: list[str]


@dataclass(frozen=True)
class BlobAnswer:
    missing: list[str]


@dataclass(frozen=True)
class BlobStored:
    sha256: str
    size: int


@dataclass(frozen=True)
class LogStored:
    """`size` is the length of the log in bytes: the offset that the server wants next."""

    size: int
