"""The files of a folder at one moment, and their way into the archive."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

from foundations_client.ignoring import HARMLESS_SKIPS, IgnoreRules, walk
from foundations_client.inlet import Inlet, find_missing
from foundations_client.sizes import show_bytes
from foundations_client.staging import StagedFile
from foundations_wire.archive import FileEntry, Manifest
from foundations_wire.errors import AtlasError, InvalidRequest, TooLarge

MAX_SNAPSHOT_BYTES = 500 * 1000 * 1000
_MAX_FILES = 100_000
_CHUNK_BYTES = 1 << 20
_ODD_CHARACTER = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_NAMED_FILES = 5  # of those that make a folder too large

Keep = Callable[[Path], StagedFile]


class TookTooLong(AtlasError):
    """A folder could not be read in the time that there was."""

    code = "took-too-long"


@dataclass(frozen=True)
class SnapshotFile:
    """A file as it was read: `path` relative with forward slashes, `modified_ns` its mtime."""

    path: str
    source: Path
    sha256: str
    size: int
    mode: int
    modified_ns: int

    def entry(self) -> FileEntry:
        """Return what the archive stores about it."""
        return FileEntry(self.path, self.sha256, self.size, self.mode)


@dataclass(frozen=True)
class Snapshot:
    """The files sorted by path; `skipped` says of each odd one why, in a sentence.

    `lost` counts those of the skipped that hold something: what cannot be read, and files
    whose names the archive cannot hold.
    """

    folder: Path
    files: list[SnapshotFile] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    lost: int = 0

    def entries(self) -> list[FileEntry]:
        """Return what the archive stores about each file."""
        return [file.entry() for file in self.files]


@dataclass
class _Skipped:
    sentences: list[str] = field(default_factory=list)
    lost: int = 0

    def add(self, path: str, reason: str, *, is_lost: bool) -> None:
        shown = path if is_storable(path) else ascii(path)
        self.sentences.append(f"{shown}: {reason}")
        self.lost += is_lost


@dataclass(frozen=True)
class _Found:
    path: str
    source: Path
    facts: os.stat_result


def read_hash(path: Path) -> StagedFile:
    """Return SHA-256 and size of a file without copying it.

    Raises:
        OSError: it cannot be read.
    """
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return StagedFile(digest.hexdigest(), size)


def take(
    folder: Path,
    *,
    previous: Optional[Snapshot] = None,
    keep: Keep = read_hash,
    ignore: Iterable[str] = (),
    max_bytes: Optional[int] = MAX_SNAPSHOT_BYTES,
    until: Optional[float] = None,
) -> Snapshot:
    """Read the folder's files, without what the ignore rules leave out.

    Links to files are read as files. Broken links, links to folders, unreadable files and
    those whose names are not UTF-8 or hold control characters are skipped and named.

    A file whose size and time are those of `previous` is not read again. `ignore` holds
    patterns beyond those of `.foundationsignore`. `keep` reads a file and answers its hash;
    staging passes one that copies. `until` is a time of the monotonic clock.

    Raises:
        TookTooLong: it was not done by `until`.
        TooLarge: the files hold more than `max_bytes` together (None: any number will do),
            and the largest are named, or there are more than 100,000 of them.
    """
    skipped = _Skipped()
    rules = IgnoreRules((*IgnoreRules.of_folder(folder).rules, *IgnoreRules.parse(ignore).rules))
    found = _find(folder, rules, skipped, until)
    total = sum(file.facts.st_size for file in found)
    if max_bytes is not None and total > max_bytes:
        raise TooLarge(_explain_size(folder, found, total, max_bytes))
    known = {file.path: file for file in previous.files} if previous else {}
    files = []
    for item in found:
        _check_time(folder, until)
        old = known.get(item.path)
        if old is not None and _is_unchanged(old, item.facts):
            files.append(old)
            continue
        try:
            files.append(_read(item, keep))
        except OSError as error:
            skipped.add(item.path, error.strerror or str(error), is_lost=True)
    return Snapshot(folder, files, skipped.sentences, skipped.lost)


def is_storable(path: str) -> bool:
    """Whether the archive can hold a file of this name: UTF-8 without control characters."""
    return _ODD_CHARACTER.search(path) is None


def upload(client: Inlet, snapshot: Snapshot, job_id: str, area: str) -> None:
    """Send the contents that the server lacks, then the list of files.

    A file that changed since it was read is read again.

    Raises:
        AtlasError: the server refused or cannot be reached; repeating the call goes on.
        OSError: a file has vanished since.
    """
    by_hash = {file.sha256: file for file in snapshot.files}
    replaced: dict[str, SnapshotFile] = {}
    for sha256 in find_missing(client, list(by_hash)):
        file = by_hash[sha256]
        try:
            _send(client, file)
        except InvalidRequest:
            fresh = _read(_Found(file.path, file.source, file.source.stat()), read_hash)
            if fresh.sha256 == sha256:
                raise
            _send(client, fresh)
            replaced[file.path] = fresh
    files = [replaced.get(file.path, file).entry() for file in snapshot.files]
    client.archive.put_manifest(job_id, Manifest(area, files))


def _send(client: Inlet, file: SnapshotFile) -> None:
    with file.source.open("rb") as content:
        client.archive.put_blob(file.sha256, content, os.fstat(content.fileno()).st_size)


def _check_time(folder: Path, until: Optional[float]) -> None:
    if until is not None and time.monotonic() >= until:
        raise TookTooLong(f"{folder} could not be read in time.")


def _find(
    folder: Path, rules: IgnoreRules, skipped: _Skipped, until: Optional[float]
) -> list[_Found]:
    def note(path: str, reason: str) -> None:
        if reason != "ignored":
            skipped.add(path, reason, is_lost=reason not in HARMLESS_SKIPS)

    found: list[_Found] = []
    for path, source in walk(folder, rules, on_skip=note):
        _check_time(folder, until)
        try:
            facts = source.stat()
        except OSError as error:  # a broken link, or gone since
            skipped.add(path, error.strerror or str(error), is_lost=False)
            continue
        if len(found) == _MAX_FILES:
            raise TooLarge(
                f"{folder} holds more than {_MAX_FILES:,} files. List what is not needed in "
                f".foundationsignore."
            )
        if not is_storable(path):
            skipped.add(path, "its name is not UTF-8 or holds a control character", is_lost=True)
        elif stat.S_ISREG(facts.st_mode):
            found.append(_Found(path, source, facts))
        else:  # a link to a folder or a pipe
            skipped.add(path, "a link to something that is no file", is_lost=False)
    return sorted(found, key=lambda item: item.path)


def _read(item: _Found, keep: Keep) -> SnapshotFile:
    read = keep(item.source)
    mode = stat.S_IMODE(item.facts.st_mode) & 0o777
    return SnapshotFile(
        item.path, item.source, read.sha256, read.size, mode, item.facts.st_mtime_ns
    )


def _is_unchanged(old: SnapshotFile, facts: os.stat_result) -> bool:
    return (old.size, old.modified_ns) == (facts.st_size, facts.st_mtime_ns)


def _explain_size(folder: Path, found: list[_Found], total: int, max_bytes: int) -> str:
    largest = sorted(found, key=lambda item: -item.facts.st_size)[:_NAMED_FILES]
    named = ", ".join(f"{item.path} ({show_bytes(item.facts.st_size)})" for item in largest)
    return (
        f"The files in {folder} hold {show_bytes(total)}, more than {show_bytes(max_bytes)}; "
        f"the largest are {named}. List what is not needed in .foundationsignore."
    )
