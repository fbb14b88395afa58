"""Receives files: streamed into a writer, whatever their size."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from foundations_server.archive.blobs import BlobStore, Check

_PIECE_BYTES = 1 << 20  # handed to a thread at once; hopping there costs more than small writes


async def receive(
    request: Request, store: BlobStore, sha256: str, check: Check | None = None
) -> int:
    """Store the request's body as the content `sha256` and return its size.

    A body whose content is stored already is read and dropped.
    """
    size = await run_in_threadpool(store.find_size, sha256)
    if size is not None:
        async for _chunk in request.stream():
            pass
        return size
    writer = await run_in_threadpool(store.begin)
    try:
        piece = bytearray()
        async for chunk in request.stream():
            piece += chunk
            if len(piece) >= _PIECE_BYTES:
                await run_in_threadpool(writer.write, bytes(piece))
                piece.clear()
        await run_in_threadpool(writer.write, bytes(piece))
        return await run_in_threadpool(writer.commit, sha256, check)
    finally:
        await run_in_threadpool(writer.abort)
