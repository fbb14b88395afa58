"""A job's folder as one file: a tar.gz that depends on nothing but the content."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from foundations_client.ignoring import IGNORE_FILE, IgnoreRules, is_secret, walk
from foundations_client.sizes import show_bytes
from foundations_wire.errors import InvalidRequest, TooLarge

MAX_BYTES = 500_000_000  # of content, before compression
_SHOWN = 5  # files named in a sentence
_MTIME = 315_619_200  # 1980-01-02: the same for all, and no zip tool minds it
_LEVEL = 6


@dataclass(frozen=True)
class Bundle:
    """A packed folder. `files` counts entries that are files, `size` the bytes of the tar.gz.

    `left_out` names what was not taken though nobody asked to leave it out: files that look
    like secrets, broken links, folders that cannot be read.
    """

    sha256: str
    size: int
    files: int
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Entry:
    path: str
    source: Path
    is_folder: bool
    size: int


def pack(folder: Path, target: BinaryIO, *, force: bool = False) -> Bundle:
    """Write the folder as a tar.gz to `target` and return what it is.

    The same content gives the same bytes. Links inside the folder are packed as what they
    point at. What `.foundationsignore` names stays out. Cost: one pass over the content.

    Raises:
        TooLarge: more than 500 MB of content, and not `force`.
        InvalidRequest: no such folder, a link that leaves it, a file that cannot be read.
    """
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.exists() else "does not exist"
        raise InvalidRequest(f"The job directory {str(folder)!r} {what}.")
    listing = _Listing(folder)
    entries = listing.entries()
    if not force:
        _check_size(folder, entries)
    sink = _HashingSink(target)
    with (
        gzip.GzipFile("", "wb", _LEVEL, sink, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        for entry in entries:
            _add(archive, entry)
    count = sum(not entry.is_folder for entry in entries)
    return Bundle(sink.digest.hexdigest(), sink.size, count, listing.left_out)


class _HashingSink:
    """Passes on what is written, hashed and counted."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._target.write(data)
        self.digest.update(data)
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        self._target.flush()


class _Listing:
    """Lists a folder with links resolved, and remembers what it could not take."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = Path(os.path.realpath(folder))
        self._rules = IgnoreRules.of_folder(folder)
        self._leaving: list[str] = []
        self.left_out: list[str] = []

    def entries(self) -> list[_Entry]:
        found = list(self._list(self._folder, "", (self._root,)))
        if self._leaving:
            raise InvalidRequest(
                f"These links lead out of the job directory and cannot be packed: "
                f"{_name_some(self._leaving)}. Copy what they point at, or name them in "
                f"{IGNORE_FILE}."
            )
        return sorted(found, key=lambda entry: entry.path)

    def _list(self, folder: Path, prefix: str, above: tuple[Path, ...]) -> Iterator[_Entry]:
        for path, source in walk(
            folder, self._rules, prefix=prefix, with_folders=True, on_skip=self._on_skip
        ):
            if not _is_encodable(path):
                self.left_out.append(f"{path!r} (its name is not UTF-8)")
            elif source.is_symlink():
                yield from self._resolve(path, source, above)
            elif source.is_dir():
                yield _Entry(path, source, is_folder=True, size=0)
            else:
                yield _Entry(path, source, is_folder=False, size=source.lstat().st_size)

    def _resolve(self, path: str, link: Path, above: tuple[Path, ...]) -> Iterator[_Entry]:
        goal = Path(os.path.realpath(link))
        if not goal.exists():
            self.left_out.append(f"{path} (a broken link)")
        elif self._root != goal and self._root not in goal.parents:
            self._leaving.append(f"{path} -> {goal}")
        elif goal in above or any(goal in folder.parents for folder in above):
            self.left_out.append(f"{path} (a link to a folder that holds it)")
        elif goal.is_dir():
            yield _Entry(path, goal, is_folder=True, size=0)
            yield from self._list(goal, path + "/", (*above, goal))
        elif goal.is_file():
            yield _Entry(path, goal, is_folder=False, size=goal.stat().st_size)

    def _on_skip(self, path: str, reason: str) -> None:
        if reason != "ignored":
            if reason != "a virtual environment":
                self.left_out.append(f"{path} ({reason})")
        elif is_secret(path, is_folder=True) and self._is_ours_to_tell(path):
            self.left_out.append(f"{path} (looks like a secret)")

    def _is_ours_to_tell(self, path: str) -> bool:
        """Whether the defaults leave it out, not a line that the user wrote."""
        file = self._folder / IGNORE_FILE
        if not file.is_file():
            return True
        own = IgnoreRules.parse(file.read_text("utf-8", "replace").splitlines())
        return not own.ignores(path, is_folder=True)


def _is_encodable(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _add(archive: tarfile.TarFile, entry: _Entry) -> None:
    if entry.is_folder:
        header = _header(entry.path, 0, 0o755)
        header.type = tarfile.DIRTYPE
        archive.addfile(header)
        return
    try:
        with entry.source.open("rb") as file:
            facts = os.fstat(file.fileno())
            mode = 0o755 if facts.st_mode & stat.S_IXUSR else 0o644
            archive.addfile(_header(entry.path, facts.st_size, mode), file)
    except OSError as error:
        reason = error.strerror or "it changed while it was packed"
        raise InvalidRequest(
            f"{entry.path!r} cannot be packed: {reason}. Make it readable, or name it in "
            f"{IGNORE_FILE}."
        ) from error


def _header(path: str, size: int, mode: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(path)
    header.size, header.mode, header.mtime = size, mode, _MTIME
    return header


def _check_size(folder: Path, entries: list[_Entry]) -> None:
    total = sum(entry.size for entry in entries)
    if total <= MAX_BYTES:
        return
    largest = sorted(entries, key=lambda entry: entry.size, reverse=True)[:_SHOWN]
    lines = "".join(f"\n  {show_bytes(entry.size):>9}  {entry.path}" for entry in largest)
    raise TooLarge(
        f"The job directory {str(folder)!r} holds {show_bytes(total)}, more than the "
        f"{show_bytes(MAX_BYTES)} that a bundle may have. Name what the job does not need in "
        f"{IGNORE_FILE}, or submit it all the same with --force. The largest files are:{lines}"
    )


def _name_some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
