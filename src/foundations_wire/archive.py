"""Files of a job: archived folders and saved artifacts, addressed by content."""

from __future__ import annotations

from dataclasses import dataclass, field

CODE = "code"  # the job's folder as it was at the start
ARTIFACTS = "artifacts"  # the job's folder as it was at the end
AREAS = (CODE, ARTIFACTS)


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
