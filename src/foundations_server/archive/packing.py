"""Writes tar.gz archives as a stream, whatever their size."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from foundations_wire.archive import FileEntry

_CHUNK_BYTES = 1 << 18
_BLOCK = 512
_GZIP = 31  # zlib's number for the gzip format


def pack(
    top: str, files: Iterable[FileEntry], open_blob: Callable[[str], BinaryIO]
) -> Iterator[bytes]:
    """Yield a tar.gz of the files, each under the folder `top`."""
    deflate = zlib.compressobj(level=1, wbits=_GZIP)
    for piece in _tar(top, files, open_blob):
        if squeezed := deflate.compress(piece):
            yield squeezed
    yield deflate.flush()


def _tar(
    top: str, files: Iterable[FileEntry], open_blob: Callable[[str], BinaryIO]
) -> Iterator[bytes]:
    folder = tarfile.TarInfo(top)
    folder.type = tarfile.DIRTYPE
    folder.mode = 0o755
    yield folder.tobuf(tarfile.PAX_FORMAT)
    for entry in files:
        info = tarfile.TarInfo(f"{top}/{entry.path}")
        info.size = entry.size
        info.mode = entry.mode
        yield info.tobuf(tarfile.PAX_FORMAT)
        with open_blob(entry.sha256) as file:
            while data := file.read(_CHUNK_BYTES):
                yield data
        yield b"\0" * (-entry.size % _BLOCK)
    yield b"\0" * (2 * _BLOCK)
