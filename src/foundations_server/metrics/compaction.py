"""Makes few large chunks of many small ones, in the background.

A loop that reports a few points at a time leaves a chunk for each report. They are merged a
run at a time: read, packed anew, and put in the place of the run in one small change, so that
a reader sees the one or the other, and a server that dies in between has lost nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from foundations_server.metrics import columns, repository
from foundations_server.metrics.columns import TEXTS, Chunk
from foundations_server.metrics.service import to_chunk
from foundations_server.platform.database import Database
from foundations_wire.errors import AtlasError

TARGET = 16_384  # points of a chunk; a merged one has no more
RUN = 8  # chunks that are worth a merge while a job reports
_FEW = 4  # the same once it is silent
_QUIET_SECONDS = 30.0
_MOST_BYTES = 4 << 20  # unpacked, of the values of one merge: texts may be long
_SHARE = 10  # for each second of work so many of rest
_PAUSE_SECONDS = 1.0
_SCAN = 1000  # series that one look at start-up takes in
_LOG = logging.getLogger(__name__)

Piece = tuple[int, int, str]  # start, number of points, kind


@dataclass
class _Noted:
    count: int
    at: float


def choose(pieces: Sequence[Piece], *, is_quiet: bool) -> Sequence[Piece]:
    """Return the chunks to merge next, which follow each other; none when all is well.

    A merge at least doubles what it takes in, so that a point is moved a few times at most.
    """
    fewest = _FEW if is_quiet else RUN
    begin = 0
    while begin < len(pieces):
        end, total, largest = begin, 0, 0
        while end < len(pieces) and _fits(pieces[begin], pieces[end], total):
            total += pieces[end][1]
            largest = max(largest, pieces[end][1])
            end += 1
        count = end - begin
        if count >= 2 and largest * 2 <= total and (count >= fewest or is_quiet):
            return pieces[begin:end]
        if is_quiet and count >= fewest:
            return pieces[begin:end]
        begin += 1
    return ()


def _fits(first: Piece, piece: Piece, total: int) -> bool:
    return total + piece[1] <= TARGET and (piece[2] == TEXTS) == (first[2] == TEXTS)


class Compactor:
    """**Thread safety**: `note` from any thread; `step` from one at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._noted: dict[int, _Noted] = {}
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, series_ids: Iterable[int]) -> None:
        """Remember that series got a chunk each."""
        now = time.monotonic()
        with self._lock:
            for series_id in series_ids:
                noted = self._noted.get(series_id)
                if noted is None:
                    self._noted[series_id] = _Noted(1, now)
                else:
                    noted.count += 1
                    noted.at = now

    def start(self) -> None:
        """Merge from now on, in a thread of its own."""
        self._closed.clear()
        self._thread = threading.Thread(target=self._work, name="compactor", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def scan(self) -> None:
        """Note the series that an earlier server left in several chunks."""
        after: int | None = 0
        while after is not None and not self._closed.is_set():
            with self._database.read() as connection:
                found, after = repository.list_divided(connection, after, _SCAN)
            with self._lock:
                for series_id in found:
                    self._noted.setdefault(series_id, _Noted(RUN, time.monotonic()))
            self._closed.wait(0.01)

    def step(self, *, quiet_s: float = _QUIET_SECONDS) -> bool:
        """Merge one run of one series; whether there was one."""
        now = time.monotonic()
        with self._lock:
            quiet = [i for i, noted in self._noted.items() if now - noted.at >= quiet_s]
            busy = [i for i, noted in self._noted.items() if noted.count >= RUN]
        for series_id in busy or quiet:
            is_quiet = series_id in quiet
            if self._merge(series_id, is_quiet=is_quiet):
                return True
            with self._lock:  # nothing left to do until more comes in
                noted = self._noted.get(series_id)
                if noted is not None and noted.at <= now:
                    noted.count = 0
                    if is_quiet:
                        del self._noted[series_id]
        return False

    def _merge(self, series_id: int, *, is_quiet: bool) -> bool:
        with self._database.read() as connection:
            run = choose(repository.list_pieces(connection, series_id), is_quiet=is_quiet)
            if not run:
                return False
            end = run[-1][0] + run[-1][1]
            rows = repository.list_chunks(connection, series_id, run[0][0], end)
            chunks = _limit([to_chunk(row) for row in rows])
        if len(chunks) < 2:
            return False
        merged = columns.pack(columns.join([columns.unpack(c) for c in chunks]), columns.DENSE)
        self._replace(series_id, run[: len(chunks)], merged)
        return True

    def _replace(self, series_id: int, run: Sequence[Piece], merged: Chunk) -> None:
        start = run[0][0]

        def change(connection: Connection) -> None:
            pieces = repository.list_pieces(connection, series_id)
            if [piece for piece in pieces if start <= piece[0] <= run[-1][0]] == list(run):
                repository.replace_chunks(connection, series_id, start, merged)

        self._database.write(change)

    def _work(self) -> None:
        try:
            self.scan()
            while not self._closed.is_set():
                started = time.monotonic()
                is_done = self._try()
                took = time.monotonic() - started
                self._closed.wait(took * _SHARE if is_done else _PAUSE_SECONDS)
        except AtlasError as error:  # the server is stopping
            _LOG.info("Small chunks are no longer merged: %s", error.message)

    def _try(self) -> bool:
        try:
            return self.step()
        except AtlasError as error:  # a full disk, a lock: what is there can be read as it is
            _LOG.info("Small chunks are merged later: %s", error.message)
            return False


def _limit(chunks: list[Chunk]) -> list[Chunk]:
    """Return the first of the chunks, whose values are not too much to unpack together."""
    total = 0
    for index, chunk in enumerate(chunks):
        total += columns.measure_values(chunk)
        if total > _MOST_BYTES:
            return chunks[:index]
    return chunks
