"""The console output of a job on its way to the server."""

from __future__ import annotations

from pathlib import Path

from foundations_client.inlet import Inlet
from foundations_wire.errors import OffsetGap

_PIECE_BYTES = 1 << 20


def ship_output(client: Inlet, job_id: str, path: Path, offset: int) -> int:
    """Send what the file holds from `offset` on and return the offset that comes next.

    A server that lacks earlier bytes gets them again. A file that does not exist is empty.

    Raises:
        AtlasError: the server refused or cannot be reached; what it took before counts
            when the call is repeated with the same offset.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return offset
    may_rewind = True
    with file:
        while True:
            file.seek(offset)
            piece = file.read(_PIECE_BYTES)
            if not piece:
                return offset
            try:
                client.logs.append(job_id, offset, piece)
            except OffsetGap as gap:
                expected = gap.details.get("expected")
                if not may_rewind or not isinstance(expected, int) or expected >= offset:
                    raise
                offset, may_rewind = expected, False
            else:
                offset += len(piece)
