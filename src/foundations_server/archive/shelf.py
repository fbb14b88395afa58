"""A store whose contents stay as long as somebody needs them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from foundations_server.archive.blobs import BlobStore
from foundations_server.archive.pins import Pins
from foundations_server.platform.clock import Clock
from foundations_server.platform.database import Database, slices
from foundations_wire.errors import AtlasError, Unavailable
from foundations_wire.ids import check_sha256

YOUNG_SECONDS = 3600.0  # so long a client may take from an upload to the job that needs it
SWEEP_SECONDS = 3600.0
FindUsed = Callable[[Connection, Sequence[str]], set[str]]
_LOG = logging.getLogger(__name__)


class Shelf:
    """**Thread safety**: any thread may call.

    `find_used` returns those of some contents that a job refers to. Contents are removed in
    the database's writing thread only, so that what a change finds there stays there.
    """

    def __init__(
        self, database: Database, store: BlobStore, clock: Clock, find_used: FindUsed
    ) -> None:
        self._database = database
        self._clock = clock
        self._find_used = find_used
        self._pins = Pins(clock)
        self.store = store

    def pin(self, hashes: Iterable[str]) -> None:
        """Keep these, stored or not, for somebody who is about to need them."""
        self._pins.add([check_sha256(sha256) for sha256 in hashes])

    def release(self, hashes: Iterable[str]) -> None:
        """A job refers to them now."""
        self._pins.release(hashes)

    def settle_later(self, stored: Iterable[str], replaced: Iterable[str]) -> None:
        """Once the present change is committed, let go of what it stored and replaced."""
        named, old = list(stored), list(replaced)

        def change(connection: Connection) -> None:
            self._pins.release(self._find_used(connection, named))
            self._remove_unused(connection, old)

        self._database.write_later(change)

    def collect(self, hashes: Iterable[str]) -> None:
        """Remove those that no job refers to and nobody counts on."""
        if candidates := list(hashes):
            self._database.write(lambda connection: self._remove_unused(connection, candidates))

    def sweep(self, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Remove all that nobody needs, but what came in the last hour."""
        self._pins.drop_expired()
        before = self._clock.now() - YOUNG_SECONDS
        for some in slices(list(self.store.list_all(before))):
            if is_stopping():
                return
            self.collect(some)

    def _remove_unused(self, connection: Connection, hashes: Sequence[str]) -> None:
        unused = set(hashes) - self._find_used(connection, hashes)
        if not unused:
            return
        # A deletion in the same group may still fail: what is committed counts as well.
        with self._database.read() as committed:
            unused -= self._find_used(committed, list(unused))
        self._pins.remove_unpinned(unused, self.store.delete)


class Sweeper:
    """Sweeps shelves in a thread of its own: at the start, then every hour."""

    def __init__(self, shelves: Sequence[Shelf]) -> None:
        self._shelves = shelves
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._work, name="sweeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                for shelf in self._shelves:
                    shelf.sweep(self._stop.is_set)
            except Unavailable:
                return
            except (AtlasError, DBAPIError, OSError):
                _LOG.exception("Unused files could not be removed; the next try is in an hour.")
            self._stop.wait(SWEEP_SECONDS)
