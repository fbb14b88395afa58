"""Bundles: tar.gz archives from strangers, read without trusting a byte of them.

`tarfile` reads whole extended headers into memory, and its extraction has been led out of
its folder through links more than once. So this module has its own reader: one parser, a
bounded stream, regular files and folders only, every path walked from a folder descriptor
without following links. What it refuses, it refuses before anything is written.

Source: POSIX.1-2017 pax, ustar interchange format; the GNU long name entry (type L).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from foundations_wire.errors import InvalidBundle

MAX_BYTES = 8 << 30  # of all files together, unpacked
MAX_ENTRIES = 50_000  # files and folders, folders that are only implied included
MAX_DEPTH = 32
MAX_PATH_BYTES = 1024
MAX_NAME_BYTES = 255

_BLOCK = 512
_CHUNK_BYTES = 1 << 16
_MAX_EXTENSION_BYTES = 1 << 14  # a pax header holds a path of at most MAX_PATH_BYTES
_MAX_GLOBAL_HEADERS = 4
_MAX_PADDING_BYTES = 1 << 20
# Text shrinks tenfold, tables of zeros a thousandfold: only large ones are suspicious.
_MAX_RATIO = 200
_RATIO_FROM_BYTES = 64 << 20

_FILE_TYPES = (b"0", b"\0")
_FOLDER, _PAX, _PAX_GLOBAL, _LONG_NAME = b"5", b"x", b"g", b"L"
_TYPE_NAMES = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a named pipe",
    b"S": "a sparse file",
    b"K": "a link with a long target",
}
# Keys that change neither what nor where an entry is. `size`, `linkpath` and `GNU.sparse.*`
# are how an archive shows different contents to different readers.
_PAX_KEYS = frozenset(
    {b"path", b"mtime", b"atime", b"ctime", b"uid", b"gid", b"uname", b"gname", b"comment"}
)


@dataclass(frozen=True)
class BundleFacts:
    """`entries` counts files and folders; `total_bytes` is the size of all files unpacked."""

    entries: int
    total_bytes: int


def check(file: BinaryIO, *, max_bytes: int = MAX_BYTES) -> BundleFacts:
    """Return what a bundle holds if it may be unpacked; nothing is written.

    The file is read from its position and left there. Memory: a few MiB whatever the bundle.

    Raises:
        InvalidBundle: it is no tar.gz archive, is damaged, or holds anything but regular
            files and folders with plain relative names; the sentence says what.
    """
    start = file.tell()
    reader = _Reader(file, max_bytes)
    for _ in reader.entries():
        pass
    file.seek(start)
    return reader.facts


def extract(file: BinaryIO, folder: Path, *, max_bytes: int = MAX_BYTES) -> BundleFacts:
    """Unpack a bundle into an existing, empty folder; check it completely before.

    Files get mode 0755 if their owner may execute them, else 0644, less the umask.

    Raises:
        InvalidBundle: see `check`; nothing was written.
        OSError: the folder cannot be written, is not empty, or was tampered with meanwhile.
    """
    facts = check(file, max_bytes=max_bytes)
    start = file.tell()
    root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for entry in _Reader(file, max_bytes).entries():
            _write_entry(root, entry)
    finally:
        os.close(root)
    file.seek(start)
    return facts


def _write_entry(root: int, entry: _Entry) -> None:
    folder = _open_folder(root, entry.parts if entry.is_folder else entry.parts[:-1])
    try:
        if entry.is_folder:
            return
        # O_EXCL never opens what is there, be it a file or a link.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        mode = 0o755 if entry.mode & 0o100 else 0o644
        target = os.open(entry.parts[-1], flags, mode, dir_fd=folder)
        with os.fdopen(target, "wb") as file:
            file.writelines(entry.content)
    finally:
        os.close(folder)


def _open_folder(root: int, parts: tuple[str, ...]) -> int:
    """Return a descriptor of a folder below `root`, made where it is missing."""
    current = os.dup(root)
    try:
        for part in parts:
            # One made for an earlier entry is fine; a link in its place fails to open below.
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, 0o755, dir_fd=current)
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            below = os.open(part, flags, dir_fd=current)
            os.close(current)
            current = below
    except OSError:
        os.close(current)
        raise
    return current


@dataclass(frozen=True)
class _Entry:
    """`content` reads the bundle's stream: what is not taken before the next entry is gone."""

    parts: tuple[str, ...]
    is_folder: bool
    mode: int
    content: Iterator[bytes]


@dataclass(frozen=True)
class _Header:
    name: bytes
    mode: int
    size: int
    type: bytes


class _Reader:
    """One pass over the entries of a bundle."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._stream = _Gunzip(file)
        self._names = _Names()
        self._max_bytes = max_bytes
        self._total_bytes = 0
        self._entries = 0
        self._global_headers = 0

    @property
    def facts(self) -> BundleFacts:
        return BundleFacts(self._entries, self._total_bytes)

    def entries(self) -> Iterator[_Entry]:
        """Yield every entry; the end of the iteration proves that the bundle is whole."""
        while (header := self._read_header()) is not None:
            long_name = b""
            if header.type in (_PAX, _LONG_NAME):
                long_name = self._read_extension(header)
                header = self._read_described_header()
            yield from self._admit(header, long_name or header.name)
        self._expect_end()

    def _admit(self, header: _Header, name: bytes) -> Iterator[_Entry]:
        is_folder = header.type == _FOLDER
        parts = _split_name(name, is_folder=is_folder)
        if not is_folder and header.type not in _FILE_TYPES:
            what = _TYPE_NAMES.get(header.type, f"of the unknown type {header.type!r}")
            raise InvalidBundle(f"The bundle's entry {_show(name)} is {what}.")
        if is_folder and header.size:
            raise InvalidBundle(f"The bundle's folder {_show(name)} has content of its own.")
        self._total_bytes += header.size
        if self._total_bytes > self._max_bytes:
            raise InvalidBundle(
                f"The bundle unpacks to more than the {self._max_bytes} bytes allowed."
            )
        if not parts:  # the archive's own top folder, `./`
            return
        self._entries += 1
        self._names.add(parts, is_folder=is_folder)
        content = self._read_content(header.size)
        yield _Entry(parts, is_folder, header.mode, content)
        for _ in content:  # whatever the caller left
            pass

    def _read_content(self, size: int) -> Iterator[bytes]:
        left = size
        while left:
            piece = self._stream.read_exactly(min(left, _CHUNK_BYTES))
            left -= len(piece)
            yield piece
        self._stream.read_exactly(-size % _BLOCK)

    def _read_header(self) -> _Header | None:
        """Return the next header that is no global one; None at the end marker."""
        while True:
            block = self._stream.read_exactly(_BLOCK)
            if not any(block):
                return None
            header = _parse_header(block)
            if header.type != _PAX_GLOBAL:
                return header
            self._global_headers += 1
            if self._global_headers > _MAX_GLOBAL_HEADERS:
                raise InvalidBundle("The bundle holds too many global headers.")
            if _find_pax_path(self._read_extension_body(header)):
                raise InvalidBundle("The bundle names all its entries alike.")

    def _read_described_header(self) -> _Header:
        """Return the header that an extension was about."""
        header = self._read_header()
        if header is None or header.type in (_PAX, _LONG_NAME):
            raise InvalidBundle("The bundle describes an entry that does not follow.")
        return header

    def _read_extension(self, header: _Header) -> bytes:
        """Return the name that an extended header gives the next entry, or nothing."""
        body = self._read_extension_body(header)
        return body.rstrip(b"\0") if header.type == _LONG_NAME else _find_pax_path(body)

    def _read_extension_body(self, header: _Header) -> bytes:
        if header.size > _MAX_EXTENSION_BYTES:
            raise InvalidBundle(
                f"The bundle holds an extended header of {header.size} bytes; "
                f"{_MAX_EXTENSION_BYTES} are allowed."
            )
        return self._stream.read_exactly(header.size + -header.size % _BLOCK)[: header.size]

    def _expect_end(self) -> None:
        """Read what follows the first empty block: only zeros, and not many."""
        padding = 0
        while piece := self._stream.read(_CHUNK_BYTES):
            padding += len(piece)
            if any(piece) or padding > _MAX_PADDING_BYTES:
                raise InvalidBundle("The bundle goes on after its end marker.")
        if padding < _BLOCK:
            raise InvalidBundle("The bundle is cut short: its end marker is missing.")


class _Gunzip:
    """A gzip stream of one member that hands out no more than is asked for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inflater = zlib.decompressobj(wbits=31)  # 31: gzip only, checksum verified
        self._taken = 0
        self._given = 0

    def read_exactly(self, size: int) -> bytes:
        data = self.read(size)
        if len(data) < size:
            raise InvalidBundle("The bundle is cut short.")
        return data

    def read(self, size: int) -> bytes:
        """Return `size` bytes; fewer only at the verified end of the stream."""
        pieces: list[bytes] = []
        left = size
        while left and not self._inflater.eof:
            piece = self._inflate(left)
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def _inflate(self, limit: int) -> bytes:
        packed = self._inflater.unconsumed_tail
        if not packed:
            packed = self._file.read(_CHUNK_BYTES)
            self._taken += len(packed)
        try:
            piece = self._inflater.decompress(packed, limit)
        except zlib.error as error:
            problem = "damaged" if self._given else "not a gzip-compressed tar archive"
            raise InvalidBundle(f"The bundle is {problem}.") from error
        if not packed and not piece and not self._inflater.eof:
            raise InvalidBundle("The bundle is cut short.")
        self._given += len(piece)
        self._refuse_bomb()
        if self._inflater.eof and (self._inflater.unused_data or self._file.read(1)):
            raise InvalidBundle("The bundle goes on after its compressed part.")
        return piece

    def _refuse_bomb(self) -> None:
        if self._given > _RATIO_FROM_BYTES and self._given > _MAX_RATIO * self._taken:
            raise InvalidBundle(
                f"The bundle unpacks to more than {_MAX_RATIO} times its size; leave out files "
                f"that are mostly zeros."
            )


class _Names:
    """The names seen so far, as fingerprints: long names must not fill the memory."""

    def __init__(self) -> None:
        self._seen: dict[bytes, tuple[bytes, bool]] = {}

    def add(self, parts: tuple[str, ...], *, is_folder: bool) -> None:
        """Take an entry and the folders above it.

        Two names clash when a file system somewhere holds them for the same: in another
        case or in another Unicode form.
        """
        for length in range(1, len(parts)):
            self._add_one("/".join(parts[:length]), is_folder=True)
        self._add_one("/".join(parts), is_folder=is_folder)

    def _add_one(self, path: str, *, is_folder: bool) -> None:
        key = _fingerprint(unicodedata.normalize("NFC", path).casefold())
        mark = (_fingerprint(path), is_folder)
        earlier = self._seen.setdefault(key, mark)
        if earlier is mark:
            if len(self._seen) > MAX_ENTRIES:
                raise InvalidBundle(f"The bundle holds more than {MAX_ENTRIES} files and folders.")
        elif earlier != mark or not is_folder:
            raise InvalidBundle(f"The bundle holds two entries for {_show(path.encode())}.")


def _fingerprint(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _parse_header(block: bytes) -> _Header:
    expected = _parse_octal(block[148:156])
    if expected != sum(block[:148]) + sum(block[156:]) + 8 * ord(" "):
        raise InvalidBundle("The bundle is damaged: the checksum of an entry does not fit.")
    name = block[:100].split(b"\0")[0]
    if block[257:263] == b"ustar\0" and (prefix := block[345:500].split(b"\0")[0]):
        name = prefix + b"/" + name
    mode, size = _parse_octal(block[100:108]), _parse_octal(block[124:136])
    return _Header(name, mode, size, block[156:157])


def _parse_octal(field: bytes) -> int:
    """Return the number of a header field.

    Only octal digits: the binary form is for sizes that are not allowed here, and is where
    negative ones hide.
    """
    digits = field.rstrip(b"\0 ").lstrip(b" ")
    if any(digit not in b"01234567" for digit in digits):
        raise InvalidBundle("The bundle is damaged: a number in an entry's header is none.")
    return int(digits or b"0", 8)


def _find_pax_path(body: bytes) -> bytes:
    """Return the path in a pax header, or nothing; refuse keys that change the entry."""
    path = b""
    while body:
        record, body = _cut_pax_record(body)
        key, separator, value = record.partition(b"=")
        if not separator or key not in _PAX_KEYS:
            raise InvalidBundle(f"The bundle holds an extended header with {_show(key)}.")
        if key == b"path":
            path = value
    return path


def _cut_pax_record(body: bytes) -> tuple[bytes, bytes]:
    r"""Return `key=value` of the first record, which is `<length> key=value\n`, and the rest."""
    digits = body[:6].partition(b" ")[0]
    length = int(digits) if digits.isdigit() else 0
    start = len(digits) + 1
    if not start < length <= len(body) or body[length - 1 : length] != b"\n":
        raise InvalidBundle("The bundle is damaged: an extended header cannot be read.")
    return body[start : length - 1], body[length:]


def _split_name(name: bytes, *, is_folder: bool) -> tuple[str, ...]:
    """Return the parts of a plain relative path; nothing for the top folder itself."""
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidBundle(f"The bundle's entry {_show(name)} has no UTF-8 name.") from error
    problem = _find_name_problem(text, len(name), is_folder=is_folder)
    if problem:
        raise InvalidBundle(f"The bundle's entry {_show(name)} {problem}.")
    return tuple(part for part in text.split("/") if part not in ("", "."))


def _find_name_problem(text: str, length: int, *, is_folder: bool) -> str:
    parts = [part for part in text.split("/") if part not in ("", ".")]
    problems = (
        (text.startswith("/"), "has an absolute path"),
        (".." in parts, "leads out of its folder"),
        ("\\" in text, "has a backslash in its name"),
        (any(unicodedata.category(sign) == "Cc" for sign in text), "has a control character"),
        (not is_folder and (not parts or text.endswith(("/", "/."))), "has no file name"),
        (length > MAX_PATH_BYTES, f"has a path of more than {MAX_PATH_BYTES} bytes"),
        (len(parts) > MAX_DEPTH, f"lies more than {MAX_DEPTH} folders deep"),
        (
            any(len(part.encode()) > MAX_NAME_BYTES for part in parts),
            f"has a name of more than {MAX_NAME_BYTES} bytes",
        ),
    )
    return next((sentence for is_bad, sentence in problems if is_bad), "")


def _show(name: bytes) -> str:
    text = name.decode("utf-8", "replace")
    return repr(text if len(text) <= 60 else text[:60] + "…")
