"""Sends files: whole, in part, or not at all when the browser has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

_CHUNK_BYTES = 1 << 18
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True)
class Sent:
    """What is sent: a file (closed afterwards), its size, hash and media type."""

    file: BinaryIO
    size: int
    sha256: str
    media_type: str


def send(request: Request, sent: Sent, headers: dict[str, str]) -> Response:
    """Return the response to a GET or HEAD that may ask for a range."""
    own = {
        "ETag": f'"{sent.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        **headers,
    }
    if own["ETag"] in request.headers.get("if-none-match", ""):
        sent.file.close()
        return Response(status_code=304, headers=own)
    is_same = request.headers.get("if-range", own["ETag"]) == own["ETag"]
    span = _find_span(request.headers.get("range") if is_same else None, sent.size)
    if span is None:
        sent.file.close()
        return Response(status_code=416, headers={"Content-Range": f"bytes */{sent.size}"})
    start, end = span
    own["Content-Length"] = str(end - start)
    is_part = (start, end) != (0, sent.size)
    if is_part:
        own["Content-Range"] = f"bytes {start}-{end - 1}/{sent.size}"
    status = 206 if is_part else 200
    if request.method == "HEAD":
        sent.file.close()
        return Response(status_code=status, headers=own, media_type=sent.media_type)
    pieces = _read(sent.file, start, end)
    return StreamingResponse(pieces, status, own, media_type=sent.media_type)


def _find_span(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the bytes asked for, end excluded; None when there are none such.

    Several ranges at once, or another unit, are answered with the whole file.
    """
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or match.group(0) == "bytes=-":
        return 0, size
    first, last = match.groups()
    if not first:
        return (max(size - int(last), 0), size) if int(last) and size else None
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    return (start, end) if start < end else None


def _read(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = end - start
        while left and (data := file.read(min(left, _CHUNK_BYTES))):
            left -= len(data)
            yield data


def name_download(path: str) -> str:
    """Return a Content-Disposition that saves under the path's last part.

    Source: RFC 6266, appendix D: a plain name for old programs, the true one beside it.
    """
    name = PurePosixPath(path).name or "file"
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
