"""Waiting for a job and reading its log while it runs, over server restarts."""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Callable, Optional, TypeVar

from foundations_client.client import Client
from foundations_client.inlet import LogChunk
from foundations_wire.errors import Unavailable
from foundations_wire.jobs import JobView
from foundations_wire.logs import tell_gap

T = TypeVar("T")
Sleep = Callable[[float], None]

_LINE_END = re.compile("\r\n|[\r\n]")
_POLL_S = 20.0  # the longest that the server holds a request for log bytes
_LONGEST_LINE = 4 << 20  # characters; a longer line comes in pieces, or memory would be its limit
_PATIENCE_S = 600.0  # how long a server may be away before we give up


@dataclass(frozen=True)
class Beginning:
    """Where to begin to read a log; the first of these that is given counts.

    `since` is a moment (ISO 8601) or a time that has passed, such as `10m`.
    """

    since: Optional[str] = None
    lines: Optional[int] = None
    offset: int = 0


_START = Beginning()


def read_chunks(client: Client, job_id: str, beginning: Beginning = _START) -> Iterator[LogChunk]:
    """Yield what the log holds now, in pieces of at most 1 MiB.

    Raises:
        UnknownJob: there is no such job.
        Unavailable: the server does not answer.
    """
    for chunk in _read_on(client, job_id, beginning, 0.0, lambda ask: ask()):
        yield chunk
        if chunk.is_ended or not (chunk.data or chunk.missing):
            return


def follow_chunks(
    client: Client, job_id: str, beginning: Beginning = _START, *, sleep: Sleep = time.sleep
) -> Iterator[LogChunk]:
    """Yield the job's log as it comes, over all its attempts, and an empty piece in a pause.

    Ends when the job is final and all is read. A server that does not answer is asked again
    for ten minutes.

    Raises:
        UnknownJob: there is no such job, or it was deleted meanwhile.
        Unavailable: the server stayed away.
    """
    for chunk in _read_on(client, job_id, beginning, _POLL_S, lambda ask: insist(ask, sleep)):
        yield chunk
        if chunk.is_ended:
            return


def _read_on(
    client: Client,
    job_id: str,
    beginning: Beginning,
    wait_s: float,
    insisting: Callable[[Callable[[], LogChunk]], LogChunk],
) -> Iterator[LogChunk]:
    since, lines, offset = beginning.since, beginning.lines, beginning.offset

    def ask() -> LogChunk:
        return client.logs.read(job_id, offset=offset, wait_s=wait_s, lines=lines, since=since)

    while True:
        chunk = insisting(ask)
        since, lines, offset = None, None, chunk.end
        yield chunk


def follow_lines(
    client: Client,
    job_id: str,
    *,
    offset: int = 0,
    sleep: Sleep = time.sleep,
) -> Iterator[str]:
    """Yield the lines of the job's log as they come, without their line ends.

    A carriage return ends a line too, so that a progress bar shows, and what stays without
    an end comes once the server has held a request for its longest time. A line of more than
    4 MiB comes in pieces. Where bytes are not kept stands a line that says how many.

    Begins at byte `offset`, ends when the job is final and all is read. Bytes that are not
    UTF-8 become U+FFFD. A server that does not answer is asked again for ten minutes.

    Raises:
        UnknownJob: there is no such job, or it was deleted meanwhile.
        Unavailable: the server stayed away.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    lines = _Lines()
    for chunk in follow_chunks(client, job_id, Beginning(offset=offset), sleep=sleep):
        if chunk.missing:
            yield from lines.take(decoder.decode(b"", final=True))
            yield from lines.flush()
            yield from lines.take(tell_gap(chunk.missing).decode())
        yield from lines.take(decoder.decode(chunk.data, final=chunk.is_ended))
        if chunk.is_ended or not chunk.data:
            yield from lines.flush()


class _Lines:
    """Cuts text into lines; each piece of it is looked at once, however long a line grows."""

    def __init__(self) -> None:
        self._open: list[str] = []  # the pieces of the line that has no end yet
        self._open_length = 0
        self._is_after_return = False

    def take(self, text: str) -> Iterator[str]:
        """Yield the lines that the text completes."""
        if self._is_after_return and text.startswith("\n"):
            text = text[1:]  # the two are one line end
            self._is_after_return = False
        if not text:
            return
        self._is_after_return = text.endswith("\r")
        *ended, rest = _LINE_END.split(text)
        for line in ended:
            yield "".join([*self._open, line])
            self._clear()
        if rest:
            self._open.append(rest)
            self._open_length += len(rest)
        if self._open_length > _LONGEST_LINE:
            yield from self.flush()

    def flush(self) -> Iterator[str]:
        """Yield the line that has no end yet, if there is one."""
        if self._open:
            yield "".join(self._open)
            self._clear()

    def _clear(self) -> None:
        self._open.clear()
        self._open_length = 0


def wait_until_final(
    client: Client,
    job_id: str,
    *,
    timeout_s: Optional[float] = None,
    sleep: Sleep = time.sleep,
) -> JobView:
    """Return the job once its status is final; a server that is away is waited for.

    Raises:
        UnknownJob: there is no such job, or it vanished while we waited.
        TimeoutError: it was not final after `timeout_s`.
        Unavailable: the server stayed away for ten minutes.
    """
    waited, pause = 0.0, 0.1
    while True:
        job = insist(lambda: client.jobs.get(job_id), sleep)
        if job.status.is_final:
            return job
        if timeout_s is not None and waited >= timeout_s:
            raise TimeoutError(
                f"Job `{job_id}` is still {job.status.value} after {timeout_s:g} seconds."
            )
        sleep(pause)
        waited += pause
        pause = min(pause * 1.5, 2.0)


def insist(ask: Callable[[], T], sleep: Sleep = time.sleep) -> T:
    """Return what `ask` answers; a server that is away is asked again for ten minutes.

    Raises:
        Unavailable: the server stayed away.
    """
    waited, pause = 0.0, 0.5
    while True:
        try:
            return ask()
        except Unavailable:
            if waited >= _PATIENCE_S:
                raise
        sleep(pause)
        waited += pause
        pause = min(pause * 1.5, 5.0)
